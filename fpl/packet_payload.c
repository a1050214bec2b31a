/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows the transport header, or the IP header where no transport header is known; and bytes at any offset of
 * it, or of the packet.
 *
 * It ends where the IP header says, and with the packet (as long as it was on the wire). A length of 0, which is what
 * packets have that are cut up only later, says nothing.
 */
#include <fpl/packet_inside.h>

/* Offsets beyond are in no packet, and sums of them have 32 bits. */
#define OFFSET_MAX 0x3fffffff

static ffpf_val words(struct fpl_packet *pk, ffpf_val at, ffpf_val n)
{
	return fpl_add(pk, at, fpl_alu(pk, FFPF_LSH, n, 2));
}

/* Behind the transport header of a kind, which begins at `at`. */
static ffpf_val behind_header(struct fpl_packet *pk, unsigned nest, unsigned kind, ffpf_val at, ffpf_block none)
{
	switch (kind) {
	case L4_TCP:
		fpl_check(pk, at, 20, none);
		return words(pk, at, fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, at, 12, 1), 4));
	case L4_UDP:
	case L4_ICMP:
	case L4_ICMP6:
		return fpl_alu(pk, FFPF_ADD, at, 8);
	case L4_SCTP:
		return fpl_alu(pk, FFPF_ADD, at, 12);
	case L4_GRE:
		fpl_check(pk, at, 4, none);
		return fpl_behind_gre(pk, at);
	default:
		return at;
	}
}

/* The end, by the length that stands `size_at` in the header of layer 3, which does not count `extra` bytes. */
static void find_end(struct fpl_packet *pk, unsigned nest, uint32_t size_at, uint32_t extra, ffpf_var end,
		     ffpf_block then, ffpf_block none)
{
	ffpf_val ip = fpl_get(pk, nest, KNOWN_L3_AT), length, said, size;
	ffpf_block said_by_ip = fpl_block(pk);

	fpl_check(pk, ip, 20, none);
	length = ffpf_ir_load(pk->b, ip, size_at, 2);
	size = ffpf_ir_meta(pk->b, FFPF_META_LEN);
	ffpf_ir_var_set(pk->b, end, size);
	fpl_if_equal(pk, length, 0, then);
	said = fpl_alu(pk, FFPF_ADD, fpl_add(pk, ip, length), extra);
	ffpf_ir_branch(pk->b, FFPF_LT, 32, said, size, said_by_ip, then);
	fpl_enter(pk, said_by_ip);
	ffpf_ir_var_set(pk->b, end, said);
	ffpf_ir_jump(pk->b, then);
}

void fpl_payload(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	ffpf_block layer4[L4_COUNT], layer3[L3_COUNT], none, found, ip, ip6, done;
	ffpf_var begin, end;

	if (!fpl_layer_unknown(pk, nest, KNOWN_PAYLOAD, IS_COUNT, to))
		return;
	none = fpl_block(pk);
	found = fpl_block(pk);
	done = fpl_block(pk);
	ip = fpl_block(pk);
	ip6 = fpl_block(pk);
	begin = ffpf_ir_var(pk->b);
	end = ffpf_ir_var(pk->b);
	for (unsigned k = 0; k < L4_COUNT; k++)
		layer4[k] = k > L4_BROKEN ? fpl_block(pk) : none;
	fpl_layer4(pk, nest, layer4);
	for (unsigned k = L4_BROKEN + 1; k < L4_COUNT; k++) {
		fpl_enter(pk, layer4[k]);
		ffpf_ir_var_set(pk->b, begin, behind_header(pk, nest, k, fpl_get(pk, nest, KNOWN_L4_AT), none));
		ffpf_ir_jump(pk->b, found);
	}
	fpl_enter(pk, found);
	for (unsigned k = 0; k < L3_COUNT; k++)
		layer3[k] = k == L3_IP ? ip : k == L3_IP6 ? ip6 : none;
	fpl_layer3(pk, nest, layer3);
	fpl_enter(pk, ip);
	find_end(pk, nest, 2, 0, end, done, none);
	fpl_enter(pk, ip6);
	find_end(pk, nest, 4, 40, end, done, none);
	fpl_enter(pk, done);
	fpl_set(pk, nest, KNOWN_PAYLOAD_AT, ffpf_ir_var_get(pk->b, begin));
	fpl_set(pk, nest, KNOWN_PAYLOAD_END, ffpf_ir_var_get(pk->b, end));
	fpl_layer_found(pk, nest, KNOWN_PAYLOAD, IS_THERE, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_PAYLOAD, IS_ABSENT, to);
}

ffpf_val fpl_payload_length(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	ffpf_val at = fpl_find_header(pk, nest, HEADER_PAYLOAD, absent), end = fpl_get(pk, nest, KNOWN_PAYLOAD_END);
	ffpf_block some = fpl_block(pk), done = fpl_block(pk);
	ffpf_var length = ffpf_ir_var(pk->b);

	ffpf_ir_var_set(pk->b, length, ffpf_ir_const(pk->b, 0));
	ffpf_ir_branch(pk->b, FFPF_LT, 32, at, end, some, done);
	fpl_enter(pk, some);
	ffpf_ir_var_set(pk->b, length, ffpf_ir_alu(pk->b, FFPF_SUB, 32, end, at));
	ffpf_ir_jump(pk->b, done);
	fpl_enter(pk, done);
	return ffpf_ir_var_get(pk->b, length);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void go_on_absent(struct fpl_packet *pk, ffpf_block absent)
{
	ffpf_ir_jump(pk->b, absent);
	fpl_enter(pk, fpl_block(pk));
}

ffpf_val fpl_bytes_emit(struct fpl_packet *pk, bool payload, unsigned inner, ffpf_val offset, uint32_t constant,
			unsigned size, ffpf_block absent)
{
	ffpf_val base = payload ? fpl_find_header(pk, inner, HEADER_PAYLOAD, absent) : ffpf_ir_const(pk->b, 0);
	ffpf_block inside = fpl_block(pk);

	if (constant > OFFSET_MAX) {
		go_on_absent(pk, absent);
		return ffpf_ir_const(pk->b, 0);
	}
	if (offset) {
		ffpf_block near = fpl_block(pk);

		ffpf_ir_branch_imm(pk->b, FFPF_LE, 64, offset, OFFSET_MAX, near, absent);
		fpl_enter(pk, near);
		base = fpl_add(pk, base, offset);
	}
	if (payload) {
		ffpf_val end = fpl_get(pk, inner, KNOWN_PAYLOAD_END);

		ffpf_ir_branch(pk->b, FFPF_LE, 32, fpl_alu(pk, FFPF_ADD, base, constant + size), end, inside, absent);
		fpl_enter(pk, inside);
	}
	fpl_check(pk, base, constant + size, absent);
	return ffpf_ir_load(pk->b, base, constant, size);
}

uint32_t fpl_bytes_demand(bool payload, unsigned inner, bool computed, uint32_t constant, unsigned size)
{
	uint64_t bytes = (uint64_t)constant + size + (payload ? NEST_BYTES * (inner + 1u) : 0);

	return computed || bytes > FFPF_ALL_BYTES ? FFPF_ALL_BYTES : (uint32_t)bytes;
}
