/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The little route netlink that the xdp flowspace needs: one device's description, and the kernel's own words for why
 * it refuses a program. Not sysfs: /sys shows the devices of the network namespace it was mounted in, which need not be
 * the one we are in (`unshare -n`); netlink and ioctl always answer for ours.
 */
#ifndef FFPF_BPF_NETLINK_H
#define FFPF_BPF_NETLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* A device as RTM_GETLINK describes it. */
struct ffpf_link {
	unsigned ifindex;
	unsigned type; /* ARPHRD_ value */
	unsigned mtu;  /* bytes */
	bool up;       /* by its administrator's will; it may still have no carrier */
	char name[IFNAMSIZ];
	char kind[16];	     /* "veth", "tun", "bridge" …; "" for hardware and loopback */
	unsigned peer;	     /* ifindex of the lower device, for veth the other end; 0: none, or itself */
	bool peer_elsewhere; /* peer is a number of another network namespace */
	uint64_t overruns;   /* packets lost for want of room in the receive rings */
	uint64_t dropped;    /* rx_dropped: by the driver or, after XDP has seen them, by the stack's own decision */
};

/* 0; -ENODEV; other -errno. */
int ffpf_link_get(unsigned ifindex, struct ffpf_link *out);

/*
 * Asks the kernel, by the old netlink way, to attach a program that bpf_link_create could not attach, because only that
 * way returns the driver's sentence ("Peer MTU is too large to set XDP"). Never replaces a program; should the attempt
 * succeed against expectation it is undone. flags: XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE. reason: "" when there is
 * none.
 */
void ffpf_link_xdp_reason(unsigned ifindex, int prog_fd, uint32_t flags, char *reason, size_t size);

/* Local owners of descriptors: FFPF_CLOSES int fd = socket(…); closed when it goes out of scope unless negative. */
static inline void ffpf_close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define FFPF_CLOSES __attribute__((cleanup(ffpf_close_fd)))

#endif
