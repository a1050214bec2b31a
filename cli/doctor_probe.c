/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel lets this process do with eBPF, found out by doing it: trivial programs are loaded and run in the
 * test runner, small maps are made. Nothing is attached; all of it is gone when its descriptor is closed.
 */
#include "doctor.h"
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define XDP_FRAGS (1u << 5) /* BPF_F_XDP_HAS_FRAGS, newer than some headers */
#define TCX_INGRESS_TYPE 46 /* BPF_TCX_INGRESS, the same */
#define LOOPBACK 1

static const char topic[] = "eBPF";

/* return 2: XDP_PASS; for TC it says "next". */
static const struct bpf_insn trivial[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
	{.code = BPF_JMP | BPF_EXIT},
};

static void refused(struct doctor *doctor, enum level level, const char *name, int error, const char *without)
{
	finding(doctor, level, topic, name, "refused: %s; %s", strerror(error), without);
	if (error == EPERM || error == EACCES)
		advise(doctor, "see privileges above");
}

static int load(enum bpf_prog_type type, unsigned flags)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = flags);
	int fd = bpf_prog_load(type, "ffpf_doctor", "BSD-2-Clause", trivial, sizeof(trivial) / sizeof(*trivial),
			       &options);

	return fd < 0 ? -errno : fd;
}

static void test_run(struct doctor *doctor, int program)
{
	unsigned char frame[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .repeat = 1);

	if (bpf_prog_test_run_opts(program, &options))
		refused(doctor, LEVEL_NOTE, "test runner", errno, "--replay does not work");
	else
		finding(doctor, LEVEL_OK, topic, "test runner", "--replay works");
}

static void programs(struct doctor *doctor)
{
	int fd = load(BPF_PROG_TYPE_XDP, XDP_FRAGS);

	if (fd >= 0) {
		finding(doctor, LEVEL_OK, topic, "XDP", "programs load, also for packets of several buffers");
		test_run(doctor, fd);
		close(fd);
	} else if ((fd = load(BPF_PROG_TYPE_XDP, 0)) >= 0) {
		finding(doctor, LEVEL_NOTE, topic, "XDP",
			"programs load, but not for packets of several buffers: no large MTUs");
		test_run(doctor, fd);
		close(fd);
	} else {
		refused(doctor, LEVEL_MISSING, "XDP", -fd, "no live traffic");
	}
	fd = load(BPF_PROG_TYPE_SCHED_CLS, 0);
	if (fd >= 0) {
		finding(doctor, LEVEL_OK, topic, "TC", "programs load");
		close(fd);
	} else {
		refused(doctor, LEVEL_MISSING, "TC", -fd, "no outgoing traffic, no VLAN tags");
	}
}

static void maps(struct doctor *doctor)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	long page = sysconf(_SC_PAGESIZE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ffpf_doctor", 4, (unsigned)page, 1, &options);
	void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED) {
		refused(doctor, LEVEL_MISSING, "shared memory", errno, "no packets from kernel levels to readers");
	} else {
		finding(doctor, LEVEL_OK, topic, "shared memory", "arrays can be mapped");
		munmap(memory, (size_t)page);
	}
	if (fd >= 0)
		close(fd);
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ffpf_doctor", 0, 0, (unsigned)page, NULL);
	if (fd < 0) {
		refused(doctor, LEVEL_MISSING, "ring buffer", errno, "readers can't be woken");
		return;
	}
	finding(doctor, LEVEL_OK, topic, "ring buffer", "readers can be woken");
	close(fd);
}

static void tcx(struct doctor *doctor)
{
	__u32 attached[64], flags = 0, n = sizeof(attached) / sizeof(*attached);

	if (!(doctor_capabilities() & CAPS_NET_ADMIN))
		return;
	/* More programs than there is room for is an answer too. */
	if (bpf_prog_query(LOOPBACK, (enum bpf_attach_type)TCX_INGRESS_TYPE, 0, &flags, attached, &n) &&
	    errno != ENOSPC)
		finding(doctor, LEVEL_NOTE, topic, "TCX", "not in this kernel (%s): clsact is used instead",
			strerror(errno));
	else
		finding(doctor, LEVEL_OK, topic, "TCX", "TC programs attach through links");
}

void doctor_probe(struct doctor *doctor)
{
	programs(doctor);
	maps(doctor);
	tcx(doctor);
}
