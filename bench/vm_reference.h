/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `tcp port 80` written by hand in C, for the compiler's usual optimisation: the reference of `./do bench vm`. It gives
 * what libpcap's filter gives for Ethernet, short packets included.
 */
#ifndef VM_REFERENCE_H
#define VM_REFERENCE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t u16_at(const uint8_t *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static inline bool reference_ports(const uint8_t *tcp, const uint8_t *end)
{
	if (tcp + 2 > end)
		return false;
	if (u16_at(tcp) == htons(80))
		return true;
	return tcp + 4 <= end && u16_at(tcp + 2) == htons(80);
}

/* Not inlined: a filter is called for each packet, as the others are. */
static __attribute__((noinline)) bool reference_tcp_port_80(const uint8_t *p, const uint8_t *end)
{
	if (p + 14 > end)
		return false;
	if (u16_at(p + 12) == htons(0x86dd))
		return p + 21 <= end && p[20] == 6 && reference_ports(p + 54, end);
	if (u16_at(p + 12) != htons(0x800) || p + 24 > end || p[23] != 6 || u16_at(p + 20) & htons(0x1fff))
		return false;
	return reference_ports(p + 14 + ((p[14] & 15) << 2), end);
}

#endif
