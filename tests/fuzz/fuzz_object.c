/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: any bytes as a BPF object. It is refused with a sentence, or every program of it is linked, and then all
 * that the results say lies where they say.
 */
#include <flowspaces/ebpf/object.h>
#include <lib/lang/arena.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_map(const struct ffpf_object *o, const struct ffpf_object_map *m)
{
	uint64_t sum = 0;

	need(m->spec.kind < FFPF_MAP_KINDS && m->spec.key_size && m->spec.value_size && m->spec.max_entries);
	need(memchr(m->spec.name, 0, sizeof(m->spec.name)) != NULL);
	for (size_t i = 0; m->initial && i < m->spec.value_size; i++)
		sum += m->initial[i];
	need(sum < UINT64_MAX);
	for (size_t i = 0; i < m->n_fields; i++)
		need((uint64_t)m->fields[i].offset + m->fields[i].size <= m->spec.value_size && *m->fields[i].name);
	for (size_t i = 0; i < m->n_targets; i++)
		need(m->targets[i].index < m->spec.max_entries && m->targets[i].program < o->n_programs);
}

static void check_code(const struct ffpf_object *o, const struct ffpf_object_code *c)
{
	need(c->n && c->n <= FFPF_OBJECT_INSNS_MAX && c->n_functions && !c->functions[0].insn);
	for (size_t i = 0; i < c->n; i++) {
		const struct bpf_insn *in = &c->insns[i];

		if (in->code == (BPF_JMP | BPF_CALL) && in->src_reg == BPF_PSEUDO_CALL)
			need((int64_t)i + 1 + in->imm >= 0 && (int64_t)i + 1 + in->imm < (int64_t)c->n);
		if (in->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		need(i + 1 < c->n);
		if (in->src_reg) {
			need((uint32_t)in->imm < o->n_maps);
			need(in->src_reg == BPF_PSEUDO_MAP_IDX ||
			     (uint32_t)in[1].imm < o->maps[in->imm].spec.value_size);
		}
		i++;
	}
	for (size_t i = 0; i < c->n_lines; i++)
		need(c->lines[i].insn < c->n && (!i || c->lines[i - 1].insn < c->lines[i].insn) &&
		     strlen(c->lines[i].text) + strlen(c->lines[i].file) < 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_object *o;
	struct ffpf_object_code code;
	const char *why = NULL;

	if (ffpf_object_load(arena, data, size, &o, &why)) {
		need(why && *why);
		ffpf_arena_free(arena);
		return 0;
	}
	need(o->n_programs > 0 && o->license);
	for (size_t i = 0; i < o->n_maps; i++)
		check_map(o, &o->maps[i]);
	for (size_t i = 0; i < o->n_programs && i < 8; i++) {
		if (ffpf_object_link(o, i, &code, &why))
			need(why && *why);
		else
			check_code(o, &code);
	}
	ffpf_arena_free(arena);
	return 0;
}
