/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One number for all packets of a conversation.
 */
#ifndef FFPF_USER_FLOWHASH_H
#define FFPF_USER_FLOWHASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * A hash of who talks to whom in an Ethernet frame of n bytes: addresses and ports of TCP, UDP, SCTP, DCCP and UDP-Lite
 * over IPv4 or IPv6, behind up to four VLAN tags and eight MPLS labels; addresses and the protocol of other IP packets
 * and of all fragments, so that those of one packet stay together; else MAC addresses and the EtherType. Both
 * directions have the same. Never 0. The same in every run and on every machine, and what FPL's `hash` gives; not for
 * tables whose keys an adversary chooses.
 */
uint32_t ffpf_flow_hash(const uint8_t *frame, size_t n);

#endif
