/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices as packet programs meet them: what they are, and running a program without one.
 *
 *   device.c  what a device is: link type, MTU, whether VLAN tags stay in the data, drop counters, promiscuity
 *   testrun.c BPF_PROG_TEST_RUN for --replay
 */
#ifndef FFPF_BPF_DEVICE_H
#define FFPF_BPF_DEVICE_H

#include <ffpf/class.h>
#include <ffpf/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FFPF_WHY_MAX 512

/* Looks a device up; holds nothing. 0; -ENODEV; -EOPNOTSUPP when its link type is none we know (*why says which ARPHRD_
 * it has). */
int ffpf_device_probe(const char *name, struct ffpf_source_info *info, char why[FFPF_WHY_MAX]);
/* Names of this network namespace's devices, for did-you-mean: the i-th or NULL. arg is unused. */
const char *ffpf_device_name_at(const void *arg, size_t i);

/*
 * Packets that the device itself lost on the receiving side since it was made, for want of room: rx_missed_errors,
 * rx_fifo_errors, rx_over_errors; on veth rx_dropped, where a full ring is counted (and the rare frame of a protocol
 * that the stack does not know). 0 when there is no such device.
 */
uint64_t ffpf_device_drops(unsigned ifindex);

/* 1 when any of these ethtool features is active, 0 when none is, -errno when the device does not tell. NULL ends them.
 */
int ffpf_device_any_feature(const char *name, const char *const *wanted);

/* Is the device there, and down? Then no packet comes until somebody sets it up. */
bool ffpf_device_is_down(unsigned ifindex);

/* Promiscuous mode for as long as the returned descriptor is open (packet socket membership). Descriptor or -errno. */
int ffpf_device_promisc(unsigned ifindex);

/* A program that is attached to a device. */
struct ffpf_attachment {
	int link_fd; /* -1: there is none */
	unsigned ifindex;
	unsigned mode; /* the level's own */
	/* of tc */
	enum ffpf_dir dir;
	uint32_t handle, priority;
};

/*
 * One packet through a program with BPF_PROG_TEST_RUN. data: 14 bytes at least (else -EINVAL: the caller counts it).
 * *action gets the program's return value, *ns (may be NULL) the kernel's duration of one run over `repeat`. 0 or
 * -errno.
 */
int ffpf_bpf_test_run(int prog_fd, const uint8_t *data, uint32_t caplen, uint32_t repeat, uint32_t *action,
		      uint32_t *ns);

/* The name of the device's driver, as ethtool -i has it. 0 or -errno. */
#define FFPF_DEVICE_DRIVER_MAX 32
int ffpf_device_driver(const char *name, char driver[FFPF_DEVICE_DRIVER_MAX]);

#endif
