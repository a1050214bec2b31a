/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices as the xdp flowspace meets them: what they are, attaching to
 * them, running a program without one.
 *
 *   device.c  what a device is: link type, MTU, whether VLAN tags stay in the data, drop counters, promiscuity
 *   attach.c  bpf_link attachment: driver mode, then generic; who holds an occupied device
 *   features.c what the driver declares, so that `explain` can tell the mode without attaching
 *   testrun.c BPF_PROG_TEST_RUN for --replay
 */
#ifndef FFPF_XDP_DEVICE_H
#define FFPF_XDP_DEVICE_H

#include <ffpf/class.h>
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

/* Is the device there, and down? Then no packet comes until somebody sets it up. */
bool ffpf_device_is_down(unsigned ifindex);

/* Promiscuous mode for as long as the returned descriptor is open (packet socket membership). Descriptor or -errno. */
int ffpf_device_promisc(unsigned ifindex);

enum ffpf_xdp_mode { FFPF_XDP_DRIVER, FFPF_XDP_GENERIC };

/*
 * The mode that attaching will most likely end in, from what the driver declares; needs no privilege and touches
 * nothing. FFPF_XDP_DRIVER, FFPF_XDP_GENERIC, or -EOPNOTSUPP when the kernel does not tell (before 6.3). A driver may
 * still refuse (MTU, LRO).
 */
int ffpf_xdp_expected_mode(unsigned ifindex);

/* The program that already runs on a device: what attaching would fail of, as ffpf_xdp_attach says it. False when there
 * is none. */
bool ffpf_xdp_occupied(const char *name, unsigned ifindex, char why[FFPF_WHY_MAX]);

struct ffpf_attachment {
	int link_fd;
	unsigned ifindex;
	enum ffpf_xdp_mode mode;
};

/*
 * Attaches by bpf_link: driver mode first, then generic; notice (empty when nothing fell back) says why it is generic.
 * -EBUSY: the device has an XDP program; why names the program, its id and its link or mode and what to do; nothing of
 * it is disturbed. Other -errno with a sentence in why.
 */
int ffpf_xdp_attach(int prog_fd, const char *name, unsigned ifindex, struct ffpf_attachment *out,
		    char notice[FFPF_WHY_MAX], char why[FFPF_WHY_MAX]);
void ffpf_xdp_detach(struct ffpf_attachment *attachment); /* closes the link; safe on link_fd < 0 */

/*
 * One packet through a program with BPF_PROG_TEST_RUN. data: 14 bytes at least (else -EINVAL: the caller counts it).
 * *action gets the program's return value, *ns (may be NULL) the kernel's duration of one run over `repeat`. 0 or
 * -errno.
 */
int ffpf_xdp_test_run(int prog_fd, const uint8_t *data, uint32_t caplen, uint32_t repeat, uint32_t *action,
		      uint32_t *ns);

#endif
