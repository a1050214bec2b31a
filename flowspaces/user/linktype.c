/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The link types whose number in a savefile is not the number in memory.
 * Source: what libpcap 1.10.3 maps on Linux, tried for every value (tests/unit/test_savefile.c does it again).
 */
#include "flowspaces/user/linktype.h"

#include <pcap/pcap.h>
#include <stddef.h>
#include <stdio.h>

static const struct {
	uint16_t linktype, dlt;
} differing[] = {
	{100, 11}, /* ATM RFC 1483 */
	{101, 12}, /* raw IP */
	{102, 15}, /* BSD/OS SLIP */
	{103, 16}, /* BSD/OS PPP */
	{106, 19}, /* Linux classical IP over ATM */
};

uint32_t ffpf_linktype_to_dlt(uint32_t linktype)
{
	for (size_t i = 0; i < sizeof(differing) / sizeof(differing[0]); i++)
		if (differing[i].linktype == linktype)
			return differing[i].dlt;
	return linktype;
}

uint32_t ffpf_dlt_to_linktype(uint32_t dlt)
{
	for (size_t i = 0; i < sizeof(differing) / sizeof(differing[0]); i++)
		if (differing[i].dlt == dlt)
			return differing[i].linktype;
	return dlt;
}

const char *ffpf_linktype_name(uint32_t dlt, char buffer[FFPF_LINKTYPE_NAME])
{
	const char *name = dlt <= INT32_MAX ? pcap_datalink_val_to_name((int)dlt) : NULL;

	snprintf(buffer, FFPF_LINKTYPE_NAME, name ? "%.40s (LINKTYPE %u)" : "%.0sLINKTYPE %u", name ? name : "",
		 ffpf_dlt_to_linktype(dlt));
	return buffer;
}

uint32_t ffpf_dlt_snaplen_max(uint32_t dlt)
{
	switch (dlt) {
	case 231: /* D-Bus */
		return 128u << 20;
	case 249: /* USBPcap */
		return 1u << 20;
	case 279: /* EBHSCR */
		return 8u << 20;
	default:
		return FFPF_SNAPLEN_MAX;
	}
}

uint32_t ffpf_snaplen_adjust(uint32_t dlt, uint32_t snaplen)
{
	return snaplen == 0 || snaplen > INT32_MAX ? ffpf_dlt_snaplen_max(dlt) : snaplen;
}
