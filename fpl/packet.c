/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the packet become values: the header is found (packet_inside.h says how), and bits of it are loaded.
 */
#include <fpl/packet_inside.h>
#include <lib/lang/arena.h>

#include <stdio.h>
#include <string.h>

/* Of every nest headers are looked for in this many bytes: what is asked for of packets that are copied. */
#define NEST_BYTES 512

struct fpl_packet *fpl_packet_new(struct ffpf_builder *b, struct ffpf_arena *arena,
				  const struct ffpf_source_info *input)
{
	struct fpl_packet *pk = ffpf_arena_alloc(arena, sizeof(*pk));

	pk->b = b;
	pk->arena = arena;
	pk->input = input;
	return pk;
}

/* ---- what is known of the packet ------------------------------------------------------------- */

static ffpf_var variable(struct fpl_packet *pk, unsigned nest, enum fpl_known what)
{
	char name[32];

	if (!pk->known[nest][what]) {
		snprintf(name, sizeof(name), "packet.%u.%u", nest, (unsigned)what);
		pk->known[nest][what] = ffpf_ir_common(pk->b, name) + 1;
	}
	return pk->known[nest][what] - 1;
}

ffpf_val fpl_get(struct fpl_packet *pk, unsigned nest, enum fpl_known what)
{
	return ffpf_ir_var_get(pk->b, variable(pk, nest, what));
}

void fpl_set(struct fpl_packet *pk, unsigned nest, enum fpl_known what, ffpf_val x)
{
	ffpf_ir_var_set(pk->b, variable(pk, nest, what), x);
}

void fpl_set_constant(struct fpl_packet *pk, unsigned nest, enum fpl_known what, uint64_t x)
{
	fpl_set(pk, nest, what, ffpf_ir_const(pk->b, x));
}

bool fpl_layer_unknown(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kinds, const ffpf_block *to)
{
	ffpf_val done = fpl_get(pk, nest, layer), kind;
	ffpf_block look = 0, known;
	uint64_t x;
	bool certain = ffpf_ir_known(pk->b, done, &x);

	if (certain && !x)
		return true;
	if (!certain) {
		look = fpl_block(pk);
		known = fpl_block(pk);
		ffpf_ir_branch_imm(pk->b, FFPF_NE, 32, done, 0, known, look);
		fpl_enter(pk, known);
	}
	kind = fpl_get(pk, nest, layer + 1);
	if (ffpf_ir_known(pk->b, kind, &x) && x < kinds) {
		ffpf_ir_jump(pk->b, to[x]);
	} else {
		/* Kinds that go where most do are not asked for. */
		ffpf_block most = to[1];

		for (unsigned k = 2; k < kinds; k++)
			if (to[k] != most)
				fpl_if_equal(pk, kind, k, to[k]);
		ffpf_ir_jump(pk->b, most);
	}
	if (look)
		fpl_enter(pk, look);
	return look != 0;
}

void fpl_layer_found(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, unsigned kind, const ffpf_block *to)
{
	fpl_set_constant(pk, nest, layer, 1);
	fpl_set_constant(pk, nest, layer + 1, kind);
	ffpf_ir_jump(pk->b, to[kind]);
}

/* ---- pieces of code -------------------------------------------------------------------------- */

void fpl_check(struct fpl_packet *pk, ffpf_val base, uint32_t need, ffpf_block shrt)
{
	ffpf_block ok = fpl_block(pk);

	ffpf_ir_check(pk->b, base, need, ok, shrt);
	fpl_enter(pk, ok);
}

void fpl_if_equal(struct fpl_packet *pk, ffpf_val x, uint64_t k, ffpf_block to)
{
	ffpf_block next = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, FFPF_EQ, 32, x, k, to, next);
	fpl_enter(pk, next);
}

void fpl_require(struct fpl_packet *pk, enum ffpf_cond cond, ffpf_val x, uint64_t k, ffpf_block no)
{
	ffpf_block yes = fpl_block(pk);

	ffpf_ir_branch_imm(pk->b, cond, 32, x, k, yes, no);
	fpl_enter(pk, yes);
}

/* ---- headers --------------------------------------------------------------------------------- */

static const struct {
	uint8_t layer, kind, kinds;
	uint8_t size; /* of the fixed part */
} headers[HEADERS] = {
	[HEADER_ETH] = {KNOWN_L2, L2_ETHER, L2_COUNT, 14}, [HEADER_IP] = {KNOWN_L3, L3_IP, L3_COUNT, 20},
	[HEADER_IP6] = {KNOWN_L3, L3_IP6, L3_COUNT, 40},   [HEADER_TCP] = {KNOWN_L4, L4_TCP, L4_COUNT, 20},
	[HEADER_UDP] = {KNOWN_L4, L4_UDP, L4_COUNT, 8},
};

static void find_layer(struct fpl_packet *pk, unsigned nest, enum fpl_known layer, const ffpf_block *to)
{
	switch (layer) {
	case KNOWN_L2:
		fpl_layer2(pk, nest, to);
		break;
	case KNOWN_L3:
		fpl_layer3(pk, nest, to);
		break;
	default:
		fpl_layer4(pk, nest, to);
		break;
	}
}

/* Goes on where the packet has the header; where it begins. */
static ffpf_val find_header(struct fpl_packet *pk, unsigned nest, enum fpl_header header, ffpf_block absent)
{
	ffpf_block to[LX_COUNT], found = fpl_block(pk);

	for (unsigned k = 0; k < headers[header].kinds; k++)
		to[k] = k == headers[header].kind ? found : absent;
	find_layer(pk, nest, headers[header].layer, to);
	fpl_enter(pk, found);
	return fpl_get(pk, nest, headers[header].layer + 2);
}

static ffpf_val bits_of(struct fpl_packet *pk, const struct fpl_field *field, ffpf_val base)
{
	unsigned width = field->size == 8 ? 64 : 32;
	ffpf_val x = ffpf_ir_load(pk->b, base, field->at, field->size);

	if (field->shift)
		x = ffpf_ir_alu_imm(pk->b, FFPF_RSH, width, x, field->shift);
	if (field->bits < field->size * 8 - field->shift)
		x = ffpf_ir_alu_imm(pk->b, FFPF_AND, width, x, (UINT64_C(1) << field->bits) - 1);
	return x;
}

static void emit_header_field(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2])
{
	ffpf_val base = find_header(pk, field->inner, field->header, absent);

	if (field->how == HOW_HEADER)
		return;
	fpl_check(pk, base, headers[field->header].size, absent);
	out[0] = bits_of(pk, field, base);
	if (field->kind == FPL_IPV6)
		out[1] = ffpf_ir_load(pk->b, base, field->at + 8, 8);
}

void fpl_field_emit(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2])
{
	if (field->how == HOW_META)
		out[0] = field->at == FFPF_META_CLASS ? ffpf_ir_class(pk->b) : ffpf_ir_meta(pk->b, field->at);
	else
		emit_header_field(pk, field, absent, out);
}

/* ---- demand ---------------------------------------------------------------------------------- */

uint32_t fpl_field_demand(const struct fpl_field *field)
{
	if (field->how == HOW_META)
		return 0;
	if (field->header == HEADER_ETH && !field->inner)
		return 14;
	return NEST_BYTES * (field->inner + 1u);
}

uint32_t fpl_bytes_demand(bool payload, unsigned inner, bool computed, uint32_t constant, unsigned size)
{
	uint64_t bytes = (uint64_t)constant + size + (payload ? NEST_BYTES * (inner + 1u) : 0);

	return computed || bytes > FFPF_ALL_BYTES ? FFPF_ALL_BYTES : (uint32_t)bytes;
}
