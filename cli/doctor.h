/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf doctor: what its files share. Each looks at one topic and adds findings; none changes anything.
 *
 *   cmd_doctor.c      the list of findings, as text and as JSON
 *   doctor_kernel.c   version, privileges, settings of the kernel
 *   doctor_probe.c    what the kernel lets us load: programs, maps, test runner, TCX
 *   doctor_device.c   a device: driver, XDP, MTU, offloads
 *   doctor_queues.c   a device's queues, rings, drops, coalescing
 *   doctor_irq.c      where a device's interrupts go and how often
 *   doctor_netlink.c  the kernel's own account of a driver's XDP features
 */
#ifndef FFPF_CLI_DOCTOR_H
#define FFPF_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum level {
	LEVEL_OK,
	LEVEL_NOTE,    /* good to know */
	LEVEL_WARNING, /* costs packets or speed */
	LEVEL_MISSING, /* live traffic does not work without it */
};

struct doctor;

/* Adds a finding. topic groups: "kernel", "eBPF", or a device's name; name is short. Copied. */
void finding(struct doctor *doctor, enum level level, const char *topic, const char *name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* What to do about the last finding: best an exact command. */
void advise(struct doctor *doctor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Capabilities that a live graph needs, and whether this process has them. */
enum { CAPS_NET_ADMIN = 1, CAPS_BPF = 2, CAPS_PERFMON = 4 };
unsigned doctor_capabilities(void); /* those of the process; CAP_SYS_ADMIN counts as BPF and PERFMON */

void doctor_kernel(struct doctor *doctor);
void doctor_probe(struct doctor *doctor);

/* A device. detail: also what is in order. */
struct device {
	const char *name;
	unsigned index;
	bool detail;
	bool sysfs;	/* /sys shows this device, not one of another network namespace */
	int socket;	/* for ethtool requests */
	uint64_t drops; /* found by doctor_queues: packets lost before any program saw them */
};
void doctor_device(struct doctor *doctor, struct device *device);
void doctor_queues(struct doctor *doctor, struct device *device);
void doctor_irq(struct doctor *doctor, struct device *device);

/* ethtool's ioctl; request begins with its command. 0 or -errno. */
int ethtool_request(const struct device *device, void *request);

/* Reads a small file into text (at most size bytes with the NUL, trailing blanks cut). false: not readable. */
bool read_small(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same as a number; fallback when it is not readable or no number. */
long long read_integer(long long fallback, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* XDP features of a device as enum netdev_xdp_act of the kernel counts them. */
enum {
	XDP_FEATURE_BASIC = 1,
	XDP_FEATURE_REDIRECT = 2,
	XDP_FEATURE_XMIT = 4,
	XDP_FEATURE_ZEROCOPY = 8,
	XDP_FEATURE_OFFLOAD = 16,
	XDP_FEATURE_FRAGMENTS = 32,
};
/* 0 or -errno; -EOPNOTSUPP on kernels before 6.3, which keep it to themselves. */
int netdev_xdp_features(unsigned index, uint64_t *features);

#endif
