/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving up privileges once a graph runs. What is attached and mapped needs none any more; what is left over is what
 * later work of the same run may ask for, and nothing that loads or attaches.
 *
 * Capabilities belong to threads: each reader calls this for itself as it begins, the activating thread when all is
 * attached.
 */
#include <lib/run/run.h>

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

/* A sink that rotates opens files while it runs, in folders that may be another user's. */
static bool opens_files(const struct ffpf_run *run)
{
	for (size_t i = 0; i < run->graph->n_functions; i++) {
		const struct ffpf_instance *instance = &run->graph->functions[i]->instance;

		for (size_t k = 0; instance->class->native && k < instance->class->n_params; k++)
			if (instance->class->params[k].type == FFPF_TYPE_FILE)
				return true;
	}
	return false;
}

/* Users' programs in the kernel: their maps are read, and new versions loaded, while it runs. */
static bool has_programs(const struct ffpf_run *run)
{
	for (size_t i = 0; i < run->graph->n_functions; i++)
		if (run->graph->functions[i]->instance.class->reload && run->graph->functions[i]->level->on_path)
			return true;
	return false;
}

static uint64_t kept(const struct ffpf_run *run)
{
	uint64_t keep = 0;

	if (opens_files(run))
		keep |= (uint64_t)1 << CAP_DAC_OVERRIDE;
	/* The test runner is bpf(2) for each packet, which kernels before 5.19 may forbid altogether. */
	if (run->options->replay)
		keep |= (uint64_t)1 << CAP_BPF;
	if (run->undoes)
		keep |= (uint64_t)1 << CAP_NET_ADMIN;
	if (has_programs(run) || run->graph->may_tap)
		keep |= (uint64_t)1 << CAP_BPF | (uint64_t)1 << CAP_PERFMON | (uint64_t)1 << CAP_NET_ADMIN;
	/* Buffers of taps are locked memory, of which others get half a megabyte. */
	if (run->graph->may_tap)
		keep |= (uint64_t)1 << CAP_IPC_LOCK;
	return keep;
}

int ffpf_privileges_drop(const struct ffpf_run *run)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint64_t keep = kept(run);

	/* Neither does a program that this process might start get more than it has itself. */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(keep >> (32 * i));
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}
