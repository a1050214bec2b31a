/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XDP programs on devices.
 *
 *   attach.c   bpf_link attachment: driver mode, then generic; who holds an occupied device
 *   metadata.c drivers whose packets take nothing along
 *   features.c what the driver declares, so that `explain` can tell the mode without attaching
 */
#ifndef FFPF_XDP_ATTACH_H
#define FFPF_XDP_ATTACH_H

#include <flowspaces/bpf/device.h>

enum ffpf_xdp_mode { FFPF_XDP_DRIVER, FFPF_XDP_GENERIC };

/*
 * The mode that attaching will most likely end in, from what the driver declares; needs no privilege and touches
 * nothing. FFPF_XDP_DRIVER, FFPF_XDP_GENERIC, or -EOPNOTSUPP when the kernel does not tell (before 6.3). A driver may
 * still refuse (MTU, LRO).
 */
int ffpf_xdp_expected_mode(unsigned ifindex);

/* Is the device's driver one that is known to give packets no metadata? Then driver gets its name. */
bool ffpf_xdp_without_metadata(const char *name, unsigned ifindex, char driver[FFPF_DEVICE_DRIVER_MAX]);

/* The program that already runs on a device: what attaching would fail of, as ffpf_xdp_attach says it. False when there
 * is none. */
bool ffpf_xdp_occupied(const char *name, unsigned ifindex, char why[FFPF_WHY_MAX]);

/*
 * Attaches by bpf_link: driver mode first, then generic; notice (empty when nothing fell back) says why it is generic.
 * -EBUSY: the device has an XDP program; why names the program, its id and its link or mode and what to do; nothing of
 * it is disturbed. Other -errno with a sentence in why.
 */
int ffpf_xdp_attach(int prog_fd, const char *name, unsigned ifindex, struct ffpf_attachment *out,
		    char notice[FFPF_WHY_MAX], char why[FFPF_WHY_MAX]);
void ffpf_xdp_detach(struct ffpf_attachment *attachment); /* closes the link; safe on link_fd < 0 */

#endif
