/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A class for tests of fpl/packet.h: (field,"tcp.dport") asks for one name of the packet. It counts the packets that
 * have it, and adds up their values, each multiplied by a number of its packet (its time), so that the order of packets
 * does not matter but which of them has what value does. Packets that have it get class 2, others keep theirs.
 *
 * "pkt 12 2", "pkt len 3 1", "payload 0 4", "inner.payload len 0 2" asks for bytes: at an offset, or at the packet's
 * length modulo 32, plus an offset.
 */
#ifndef FFPF_TESTS_FIELD_CLASS_H
#define FFPF_TESTS_FIELD_CLASS_H

#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <fpl/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field_bytes {
	bool payload, computed;
	unsigned inner, size;
	uint32_t offset;
};

/* Is it about bytes? */
static inline bool field_parse(const char *text, struct field_bytes *bytes)
{
	char what[32];

	*bytes = (struct field_bytes){0};
	while (!strncmp(text, "inner.", 6)) {
		bytes->inner++;
		text += 6;
	}
	if (sscanf(text, "%31s %u %u", what, &bytes->offset, &bytes->size) != 3) {
		if (sscanf(text, "%31s len %u %u", what, &bytes->offset, &bytes->size) != 3)
			return false;
		bytes->computed = true;
	}
	bytes->payload = !strcmp(what, "payload");
	return bytes->payload || !strcmp(what, "pkt");
}

enum { FIELD_PACKETS, FIELD_THERE, FIELD_LOW, FIELD_HIGH, FIELD_CELLS };

static const struct ffpf_param field_params[] = {
	{.name = "path",
	 .type = FFPF_TYPE_STRING,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "of the packet"},
};

#define FIELD_CELL(text)                                                                                               \
	{                                                                                                              \
		.name = text, .merge = FFPF_MERGE_SUM, .cells = 1, .doc = text                                         \
	}
static const struct ffpf_field field_fields[] = {
	[FIELD_PACKETS] = FIELD_CELL("packets"),
	[FIELD_THERE] = FIELD_CELL("there"),
	[FIELD_LOW] = FIELD_CELL("low"),
	[FIELD_HIGH] = FIELD_CELL("high"),
};

static inline int field_check(struct ffpf_instance *instance)
{
	struct field_bytes bytes;

	if (!field_parse(instance->values[0].s, &bytes) && !fpl_field_find(instance->values[0].s))
		abort();
	return 0;
}

static inline uint32_t field_demand(const struct ffpf_instance *instance)
{
	struct field_bytes x;

	if (field_parse(instance->values[0].s, &x))
		return fpl_bytes_demand(x.payload, x.inner, x.computed, x.offset, x.size);
	return fpl_field_demand(fpl_field_find(instance->values[0].s));
}

static inline void field_add(struct ffpf_builder *b, unsigned cell, ffpf_val x, ffpf_val number)
{
	if (x)
		ffpf_ir_state_add(b, cell, 0, ffpf_ir_alu(b, FFPF_MUL, 64, x, number));
}

static inline int field_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	const char *name = instance->values[0].s;
	ffpf_block absent = ffpf_ir_block(b);
	ffpf_val out[2] = {0, 0}, number, one = ffpf_ir_const(b, 1), offset = 0;
	struct fpl_packet *pk = fpl_packet_new(b, instance->arena, instance->input);
	struct field_bytes x;

	ffpf_ir_state_add(b, FIELD_PACKETS, 0, one);
	if (!field_parse(name, &x)) {
		fpl_field_emit(pk, fpl_field_find(name), absent, out);
	} else {
		if (x.computed)
			offset = ffpf_ir_alu_imm(b, FFPF_AND, 64, ffpf_ir_meta(b, FFPF_META_LEN), 31);
		out[0] = fpl_bytes_emit(pk, x.payload, x.inner, offset, x.offset, x.size, absent);
	}
	number = ffpf_ir_alu_imm(b, FFPF_OR, 64, ffpf_ir_meta(b, FFPF_META_TIME), 1);
	ffpf_ir_state_add(b, FIELD_THERE, 0, number);
	field_add(b, FIELD_LOW, out[0], number);
	field_add(b, FIELD_HIGH, out[1], number);
	ffpf_ir_accept(b, ffpf_ir_const(b, 2));
	ffpf_ir_seal(b, absent);
	ffpf_ir_switch_to(b, absent);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class field_class = {
	.abi = FFPF_CLASS_ABI,
	.name = "field",
	.help = "a name of the packet",
	.example = "[pcap $FILE] > (field, len)",
	.role = FFPF_FUNCTION,
	.needs = FFPF_NEED_TIME,
	.params = field_params,
	.n_params = 1,
	.fields = field_fields,
	.n_fields = FIELD_CELLS,
	.check = field_check,
	.demand = field_demand,
	.build = field_build,
};

#endif
