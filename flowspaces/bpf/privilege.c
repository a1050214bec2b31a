/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this level needs before it may load anything. Asked first, because the kernel's own answer misleads: without
 * CAP_PERFMON the verifier refuses good programs ("pointer -= pointer prohibited") as if they were wrong.
 */
#include <flowspaces/bpf/bpf.h>

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of Linux 5.8, younger than some headers. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

static bool has(uint64_t set, unsigned capability)
{
	return set >> capability & 1;
}

int ffpf_bpf_privileges(const struct ffpf_bpf_ops *ops, char why[FFPF_WHY_MAX])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	uint64_t set;
	bool admin;

	if (syscall(SYS_capget, &header, data) < 0)
		return 0; /* the kernel will say */
	set = data[0].effective | (uint64_t)data[1].effective << 32;
	/* What was CAP_SYS_ADMIN's alone before 5.8 it still grants. */
	admin = has(set, CAP_SYS_ADMIN);
	if (has(set, CAP_NET_ADMIN) && (admin || (has(set, CAP_BPF) && has(set, CAP_PERFMON))))
		return 0;
	snprintf(why, FFPF_WHY_MAX,
		 "loading %s programs is not permitted:%s%s%s missing; run as root, or give the command CAP_BPF, "
		 "CAP_NET_ADMIN and CAP_PERFMON (setcap)",
		 ops->title, admin || has(set, CAP_BPF) ? "" : " CAP_BPF",
		 has(set, CAP_NET_ADMIN) ? "" : " CAP_NET_ADMIN", admin || has(set, CAP_PERFMON) ? "" : " CAP_PERFMON");
	return -EPERM;
}
