/* SPDX-License-Identifier: BSD-2-Clause */
/* What the packet programs of this folder share. They are compiled by clang for eBPF, as users' programs are. */
#ifndef PACKET_H
#define PACKET_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define swap16(x) __builtin_bswap16(x)
#define swap32(x) __builtin_bswap32(x)
#define inlined static inline __attribute__((always_inline))

struct ethernet {
	__u8 to[6], from[6];
	__u16 type;
} __attribute__((packed));

struct vlan {
	__u16 tag, type;
} __attribute__((packed));

struct ipv4 {
	__u8 version_length, service;
	__u16 length, id, fragment;
	__u8 ttl, protocol;
	__u16 checksum;
	__u32 from, to;
} __attribute__((packed));

struct ipv6 {
	__u32 flow;
	__u16 length;
	__u8 next, hops;
	__u32 from[4], to[4];
} __attribute__((packed));

struct ports {
	__u16 from, to;
} __attribute__((packed));

struct tcp {
	__u16 from, to;
	__u32 sequence, acknowledged;
	__u8 offset, flags;
	__u16 window, checksum, urgent;
} __attribute__((packed));

struct udp {
	__u16 from, to, length, checksum;
} __attribute__((packed));

#define MAP(name, kind, key_type, value_type, entries)                                                                 \
	struct {                                                                                                       \
		__uint(type, kind);                                                                                    \
		__uint(max_entries, entries);                                                                          \
		__type(key, key_type);                                                                                 \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

#endif
