/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What nearly every program asks for (addresses, protocol, ports, flags) is loaded where its header is found, and kept
 * in common variables: behind that place it costs neither a check nor a pointer, and what a hundred functions compare
 * is one value. What nobody asks for goes again, as any value does that has no use.
 */
#include <fpl/packet_inside.h>

#define IPV4_MAPPED UINT64_C(0xffff00000000)

static const struct noted {
	uint8_t header, at, size, known;
} noted[] = {
	{HEADER_IP, 0, 1, KNOWN_IP_FIRST},    {HEADER_IP, 6, 2, KNOWN_IP_FRAGMENT}, {HEADER_IP, 9, 1, KNOWN_IP_PROTO},
	{HEADER_IP, 12, 4, KNOWN_IP_SRC},     {HEADER_IP, 16, 4, KNOWN_IP_DST},	    {HEADER_IP6, 6, 1, KNOWN_IP_PROTO},
	{HEADER_IP6, 8, 8, KNOWN_SRC_HIGH},   {HEADER_IP6, 16, 8, KNOWN_SRC_LOW},   {HEADER_IP6, 24, 8, KNOWN_DST_HIGH},
	{HEADER_IP6, 32, 8, KNOWN_DST_LOW},   {HEADER_TCP, 0, 2, KNOWN_SPORT},	    {HEADER_TCP, 2, 2, KNOWN_DPORT},
	{HEADER_TCP, 13, 1, KNOWN_TCP_FLAGS}, {HEADER_UDP, 0, 2, KNOWN_SPORT},	    {HEADER_UDP, 2, 2, KNOWN_DPORT},
	{HEADER_SCTP, 0, 2, KNOWN_SPORT},     {HEADER_SCTP, 2, 2, KNOWN_DPORT},
};
#define N_NOTED (sizeof(noted) / sizeof(noted[0]))

void fpl_note(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_val at)
{
	for (unsigned i = 0; i < N_NOTED; i++)
		if (noted[i].header == header)
			fpl_set(pk, nest, noted[i].known, ffpf_ir_load(pk->b, at, noted[i].at, noted[i].size));
	if (header != HEADER_IP)
		return;
	/* As the language has IPv4 addresses where it wants those of either kind. */
	fpl_set_constant(pk, nest, KNOWN_SRC_HIGH, 0);
	fpl_set_constant(pk, nest, KNOWN_DST_HIGH, 0);
	fpl_set(pk, nest, KNOWN_SRC_LOW,
		ffpf_ir_alu_imm(pk->b, FFPF_OR, 64, fpl_get(pk, nest, KNOWN_IP_SRC), IPV4_MAPPED));
	fpl_set(pk, nest, KNOWN_DST_LOW,
		ffpf_ir_alu_imm(pk->b, FFPF_OR, 64, fpl_get(pk, nest, KNOWN_IP_DST), IPV4_MAPPED));
}

bool fpl_is_noted(enum fpl_header header, uint32_t at, unsigned size, enum fpl_known *known)
{
	for (unsigned i = 0; i < N_NOTED; i++)
		if (noted[i].header == header && noted[i].at == at && noted[i].size == size) {
			*known = noted[i].known;
			return true;
		}
	return false;
}
