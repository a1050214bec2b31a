/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet program that asks for several names of the packet (fpl/packet.h), each as a function of its own would, and
 * notes in three cells whether the packet has it, and its value.
 */
#ifndef FFPF_TESTS_PACKET_PROBE_H
#define FFPF_TESTS_PACKET_PROBE_H

#include <ffpf/class.h>
#include <fpl/packet.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <string.h>

enum { PROBE_SLOTS = 24, PROBE_CELLS = 3 * PROBE_SLOTS };

struct probe {
	struct ffpf_arena *arena;
	struct ffpf_program *program;
	const struct fpl_field *fields[PROBE_SLOTS];
	unsigned n;
	uint64_t cells[PROBE_CELLS];
};

/* Names that are not in the packet's bytes. */
static inline bool probe_in_bytes(const struct fpl_field *field)
{
	static const char *const others[] = {"now",   "iface", "dir",	   "queue",	"cpu",
					     "class", "mark",  "priority", "tunnel_key"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(fpl_field_path(field), others[i]))
			return false;
	return true;
}

/* Takes the next n names from *at on. */
static inline void probe_take(struct probe *probe, size_t *at, unsigned n)
{
	for (; probe->n < n && fpl_field_at(*at); ++*at)
		if (probe_in_bytes(fpl_field_at(*at)))
			probe->fields[probe->n++] = fpl_field_at(*at);
}

static inline void probe_emit(struct ffpf_builder *b, struct fpl_packet *pk, const struct fpl_field *field,
			      unsigned slot)
{
	ffpf_block absent = ffpf_ir_block(b), done = ffpf_ir_block(b);
	ffpf_val out[2] = {0, 0};

	fpl_field_emit(pk, field, absent, out);
	ffpf_ir_state_store(b, slot * 3, 0, ffpf_ir_const(b, 1));
	if (out[0])
		ffpf_ir_state_store(b, slot * 3 + 1, 0, out[0]);
	if (out[1])
		ffpf_ir_state_store(b, slot * 3 + 2, 0, out[1]);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, absent);
	ffpf_ir_switch_to(b, absent);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, done);
	ffpf_ir_switch_to(b, done);
}

/* Builds the program; NULL, or what is wrong with it. */
static inline const char *probe_build(struct probe *probe, int linktype, bool optimise)
{
	uint32_t base[PROBE_CELLS], cells[PROBE_CELLS];
	bool shared[PROBE_CELLS] = {false};
	const struct ffpf_state_map map = {.base = base, .cells = cells, .shared = shared, .n = PROBE_CELLS};
	const struct ffpf_source_info input = {.linktype = (uint16_t)linktype, .snaplen = 65535};
	struct ffpf_builder *b;
	const char *fault;

	for (unsigned i = 0; i < PROBE_CELLS; i++) {
		base[i] = i;
		cells[i] = 1;
	}
	probe->arena = ffpf_arena_new();
	probe->program = ffpf_program_new(probe->arena);
	b = ffpf_builder_new(probe->program);
	ffpf_builder_begin(b, 0, &map, ffpf_ir_const(b, 1), ffpf_ir_var(b), 0, 0);
	for (unsigned i = 0; i < probe->n; i++)
		probe_emit(b, fpl_packet_new(b, probe->arena, &input), probe->fields[i], i);
	ffpf_ir_end(b);
	fault = ffpf_builder_fault(b);
	if (fault)
		return fault;
	ffpf_builder_finish(b);
	fault = ffpf_ir_verify(probe->program);
	if (fault || !optimise)
		return fault;
	ffpf_ir_optimise(probe->program);
	return ffpf_ir_verify(probe->program);
}

/* 0, or a fault of the reference interpreter. bytes has caplen bytes and no more. */
static inline int probe_run(struct probe *probe, uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	struct ffpf_ir_env env = {.cells = probe->cells, .n_cells = PROBE_CELLS};

	memset(probe->cells, 0, sizeof(probe->cells));
	env.meta[FFPF_META_LEN] = len;
	return ffpf_ir_run(probe->program, &env, bytes, caplen);
}

#endif
