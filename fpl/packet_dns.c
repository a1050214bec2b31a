/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DNS: its header behind UDP or TCP, and the first question.
 *
 * A name is a row of labels, each behind its length; the last has length 0. A question's name is not compressed:
 * nothing stands before it that it could refer to.
 */
#include <fpl/packet_inside.h>

enum { PORT_DNS = 53, PORT_MDNS = 5353 };
/* Names in ip6.arpa have 34. */
#define LABELS_MAX 40
#define NAME_MAX_BYTES 255

/* Goes to `hit` where either port is. */
static void test_port(struct fpl_packet *pk, ffpf_val at, unsigned port, ffpf_block hit)
{
	fpl_if_equal(pk, ffpf_ir_load(pk->b, at, 2, 2), port, hit);
	fpl_if_equal(pk, ffpf_ir_load(pk->b, at, 0, 2), port, hit);
}

void fpl_dns(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	ffpf_block layer4[L4_COUNT], udp, tcp, hit, none, header;
	ffpf_val at, words;
	ffpf_var var;

	if (!fpl_layer_unknown(pk, nest, KNOWN_DNS, IS_COUNT, to))
		return;
	udp = fpl_block(pk);
	tcp = fpl_block(pk);
	none = fpl_block(pk);
	header = fpl_block(pk);
	var = ffpf_ir_var(pk->b);
	for (unsigned k = 0; k < L4_COUNT; k++)
		layer4[k] = k == L4_UDP ? udp : k == L4_TCP ? tcp : none;
	fpl_layer4(pk, nest, layer4);
	fpl_enter(pk, udp);
	at = fpl_get(pk, nest, KNOWN_L4_AT);
	fpl_check(pk, at, 8, none);
	ffpf_ir_var_set(pk->b, var, fpl_alu(pk, FFPF_ADD, at, 8));
	test_port(pk, at, PORT_DNS, header);
	test_port(pk, at, PORT_MDNS, header);
	ffpf_ir_jump(pk->b, none);
	fpl_enter(pk, tcp);
	hit = fpl_block(pk);
	at = fpl_get(pk, nest, KNOWN_L4_AT);
	fpl_check(pk, at, 20, none);
	test_port(pk, at, PORT_DNS, hit);
	ffpf_ir_jump(pk->b, none);
	fpl_enter(pk, hit);
	words = fpl_alu(pk, FFPF_RSH, ffpf_ir_load(pk->b, at, 12, 1), 4);
	at = fpl_alu(pk, FFPF_ADD, fpl_add(pk, at, fpl_alu(pk, FFPF_LSH, words, 2)), 2);
	ffpf_ir_var_set(pk->b, var, ffpf_ir_hide(pk->b, at, OFFSET_MASK));
	ffpf_ir_jump(pk->b, header);
	fpl_enter(pk, header);
	at = ffpf_ir_var_get(pk->b, var);
	fpl_check(pk, at, 12, none);
	fpl_set(pk, nest, KNOWN_DNS_AT, at);
	fpl_layer_found(pk, nest, KNOWN_DNS, IS_THERE, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_DNS, IS_ABSENT, to);
}

/* ---- the question ---------------------------------------------------------------------------- */

void fpl_question(struct fpl_packet *pk, unsigned nest, const ffpf_block *to)
{
	ffpf_block none, end;
	ffpf_val dns, at, name;
	ffpf_var behind;

	if (!fpl_layer_unknown(pk, nest, KNOWN_QUESTION, IS_COUNT, to))
		return;
	none = fpl_block(pk);
	end = fpl_block(pk);
	behind = ffpf_ir_var(pk->b);
	dns = fpl_find_header(pk, nest, HEADER_DNS, none);
	fpl_require(pk, FFPF_NE, ffpf_ir_load(pk->b, dns, 4, 2), 0, none);
	name = at = ffpf_ir_hide(pk->b, fpl_alu(pk, FFPF_ADD, dns, 12), OFFSET_MASK);
	for (unsigned i = 0; i < LABELS_MAX; i++) {
		ffpf_val length;

		fpl_check(pk, at, 1, none);
		length = ffpf_ir_load(pk->b, at, 0, 1);
		ffpf_ir_var_set(pk->b, behind, fpl_alu(pk, FFPF_ADD, at, 1));
		fpl_if_equal(pk, length, 0, end);
		fpl_require(pk, FFPF_LE, length, 63, none);
		at = ffpf_ir_hide(pk->b, fpl_alu(pk, FFPF_ADD, fpl_add(pk, at, length), 1), OFFSET_MASK);
	}
	ffpf_ir_jump(pk->b, none);
	fpl_enter(pk, end);
	at = ffpf_ir_hide(pk->b, ffpf_ir_var_get(pk->b, behind), OFFSET_MASK);
	fpl_require(pk, FFPF_LE, ffpf_ir_alu(pk->b, FFPF_SUB, 32, at, name), NAME_MAX_BYTES, none);
	fpl_check(pk, at, 4, none);
	fpl_set(pk, nest, KNOWN_QUESTION_AT, at);
	fpl_layer_found(pk, nest, KNOWN_QUESTION, IS_THERE, to);
	fpl_enter(pk, none);
	fpl_layer_found(pk, nest, KNOWN_QUESTION, IS_ABSENT, to);
}

/* ---- its name as a number -------------------------------------------------------------------- */

#define HASH_FACTOR UINT64_C(0xff51afd7ed558ccd)

/* One more word of a name: small letters for large ones (what else changes is no part of a host's name). */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	word |= (word & UINT64_C(0x4040404040404040)) >> 1;
	hash = (hash ^ word) * HASH_FACTOR;
	return hash ^ hash >> 32;
}

uint64_t fpl_name_hash(const uint8_t *name, size_t n)
{
	uint64_t hash = n, word;
	size_t at = 0;

	for (; at < n; at += 8) {
		word = 0;
		for (size_t k = at; k < at + 8; k++)
			word = word << 8 | (k < n ? name[k] : 0);
		hash = mix(hash, word);
	}
	return hash;
}

static ffpf_val mix_value(struct fpl_packet *pk, ffpf_val hash, ffpf_val word)
{
	struct ffpf_builder *b = pk->b;
	ffpf_val small = ffpf_ir_alu_imm(b, FFPF_AND, 64, word, UINT64_C(0x4040404040404040));

	word = ffpf_ir_alu(b, FFPF_OR, 64, word, ffpf_ir_alu_imm(b, FFPF_RSH, 64, small, 1));
	hash = ffpf_ir_alu_imm(b, FFPF_MUL, 64, ffpf_ir_alu(b, FFPF_XOR, 64, hash, word), HASH_FACTOR);
	return ffpf_ir_alu(b, FFPF_XOR, 64, hash, ffpf_ir_alu_imm(b, FFPF_RSH, 64, hash, 32));
}

ffpf_val fpl_hash_name(struct fpl_packet *pk, unsigned nest, ffpf_block absent)
{
	struct ffpf_builder *b = pk->b;
	ffpf_val end = fpl_find_header(pk, nest, HEADER_QUESTION, absent), name, length, tail, word, rest;
	ffpf_block last = fpl_block(pk), done = fpl_block(pk);
	ffpf_var hash = ffpf_ir_var(b), passed = ffpf_ir_var(b);

	name = fpl_alu(pk, FFPF_ADD, fpl_get(pk, nest, KNOWN_DNS_AT), 12);
	length = ffpf_ir_alu(b, FFPF_SUB, 32, end, name);
	name = ffpf_ir_hide(b, name, OFFSET_MASK);
	ffpf_ir_var_set(b, hash, length);
	for (unsigned i = 0; i * 8 < NAME_MAX_BYTES; i++) {
		ffpf_block whole = fpl_block(pk);

		ffpf_ir_var_set(b, passed, ffpf_ir_const(b, i * 8));
		ffpf_ir_branch_imm(b, FFPF_GE, 32, length, i * 8 + 8, whole, last);
		fpl_enter(pk, whole);
		fpl_check(pk, name, i * 8 + 8, absent);
		ffpf_ir_var_set(b, hash, mix_value(pk, ffpf_ir_var_get(b, hash), ffpf_ir_load(b, name, i * 8, 8)));
	}
	ffpf_ir_jump(b, done);
	/* Less than a word: the last eight bytes, without those that were there before. The header stands before them.
	 */
	fpl_enter(pk, last);
	rest = ffpf_ir_alu(b, FFPF_SUB, 32, length, ffpf_ir_var_get(b, passed));
	fpl_if_equal(pk, rest, 0, done);
	tail = ffpf_ir_hide(b, fpl_alu(pk, FFPF_SUB, end, 8), OFFSET_MASK);
	fpl_check(pk, tail, 8, absent);
	word = ffpf_ir_load(b, tail, 0, 8);
	rest = ffpf_ir_alu(b, FFPF_SUB, 32, ffpf_ir_const(b, 64), fpl_alu(pk, FFPF_LSH, rest, 3));
	word = ffpf_ir_alu(b, FFPF_LSH, 64, word, rest);
	ffpf_ir_var_set(b, hash, mix_value(pk, ffpf_ir_var_get(b, hash), word));
	ffpf_ir_jump(b, done);
	fpl_enter(pk, done);
	return ffpf_ir_var_get(b, hash);
}
