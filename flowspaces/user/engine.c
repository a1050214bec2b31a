/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What packets run through in userspace: for each source the fused program of the generator with the users' programs
 * behind it, one piece of code for the machine. All of it together, with the maps, is one struct that never changes.
 */
#include <flowspaces/user/user.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Functions in one program at most; the machine has no other limit than jump distances. */
#define PIECE_FUNCTIONS 2000

struct making {
	struct user_state *s;
	struct engines *e;
	const struct engines *old;
	struct ffpf_vm_helpers helpers;
	struct ffpf_vm_map *maps; /* of all sets */
	size_t n_maps;
	uint32_t class_maps; /* number of the first that functions announce, behind those */
	struct ffpf_ebpf_callee *callees;
	size_t n_callees;
	char *why;
	size_t size;
};

/* ---- maps ------------------------------------------------------------------------------------ */

static struct user_map *kept(const struct making *m, unsigned set, const struct ffpf_object_map *map)
{
	const struct map_set *old = m->old ? &m->old->sets[set] : NULL;

	for (size_t i = 0; old && i < old->object->n_maps; i++)
		if (old->maps[i].map && ffpf_object_same_map(map, &old->object->maps[i]))
			return &old->maps[i];
	return NULL;
}

static int make_map(struct making *m, unsigned number, size_t i)
{
	struct map_set *set = &m->e->sets[number];
	const struct ffpf_object_map *described = &set->object->maps[i];
	const struct user_map *old = kept(m, number, described);
	const char *why = "";
	int err;

	if (described->spec.kind == FFPF_MAP_PROGRAMS) {
		set->maps[i].programs = calloc(1, sizeof(struct ffpf_vm_programs) +
							  described->spec.max_entries * sizeof(const struct ffpf_vm *));
		if (!set->maps[i].programs)
			return -ENOMEM;
		set->maps[i].programs->n = described->spec.max_entries;
		set->maps[i].owned = true;
		return 0;
	}
	if (old) {
		set->maps[i].map = old->map;
		return 0;
	}
	err = ffpf_map_new(&described->spec, m->s->n_threads, &set->maps[i].map, &why);
	if (err) {
		snprintf(m->why, m->size, "map '%s': %s", described->spec.name, *why ? why : strerror(-err));
		return err;
	}
	set->maps[i].owned = true;
	if (described->initial)
		memcpy(ffpf_map_memory(set->maps[i].map), described->initial, described->spec.value_size);
	return 0;
}

static int make_sets(struct making *m)
{
	struct engines *e = m->e;
	uint32_t n = 0;

	for (size_t f = 0; f < e->n_functions; f++)
		if (e->states[f] != UINT_MAX && !e->sets[e->states[f]].object)
			e->sets[e->states[f]].object = e->uses[f]->object;
	for (unsigned i = 0; i < e->n_sets; i++) {
		struct map_set *set = &e->sets[i];

		set->first = n;
		set->maps = ffpf_arena_alloc(e->arena, set->object->n_maps * sizeof(*set->maps) + 1);
		for (size_t k = 0; k < set->object->n_maps; k++, n++) {
			int err = make_map(m, i, k);

			if (err)
				return err;
		}
	}
	m->maps = ffpf_arena_alloc(e->arena, (n + m->s->n_class_maps) * sizeof(*m->maps) + 1);
	for (unsigned i = 0; i < e->n_sets; i++)
		for (size_t k = 0; k < e->sets[i].object->n_maps; k++) {
			struct ffpf_vm_map *to = &m->maps[m->n_maps++];

			to->spec = &e->sets[i].object->maps[k].spec;
			if (to->spec->kind == FFPF_MAP_PROGRAMS)
				to->programs = e->sets[i].maps[k].programs;
			else
				to->map = e->sets[i].maps[k].map;
		}
	m->class_maps = (uint32_t)m->n_maps;
	for (unsigned i = 0; i < m->s->n_class_maps; i++)
		m->maps[m->n_maps++] =
			(struct ffpf_vm_map){.spec = &m->s->class_maps[i].shown->spec, .map = m->s->class_maps[i].map};
	return 0;
}

/* Two functions that share a state were read from one file, but it may have changed in between. */
static int check_shared(struct making *m)
{
	const struct engines *e = m->e;

	for (size_t f = 0; f < e->n_functions; f++) {
		const struct ffpf_object *a = e->uses[f] ? e->uses[f]->object : NULL, *b;
		bool same;

		if (!a)
			continue;
		b = e->sets[e->states[f]].object;
		same = a->n_maps == b->n_maps;
		for (size_t i = 0; same && i < a->n_maps; i++)
			same = a == b || ffpf_object_same_map(&a->maps[i], &b->maps[i]) ||
			       (a->maps[i].variables && b->maps[i].variables &&
				a->maps[i].spec.value_size == b->maps[i].spec.value_size);
		if (!same) {
			snprintf(m->why, m->size,
				 "%s: the object's maps changed while it was read: it can't share them",
				 m->s->run->graph->functions[f]->instance.name);
			return -EINVAL;
		}
	}
	return 0;
}

/* ---- programs -------------------------------------------------------------------------------- */

static bool has_helper(const struct ffpf_vm_helper_info *table, size_t n, int32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].id == id)
			return true;
	return false;
}

/* What our own programs call, and what users' may: the verifier has seen that they call nothing else. */
static void collect_helpers(struct making *m)
{
	const struct ffpf_vm_helpers *more = &ffpf_vm_user_helpers;
	struct ffpf_vm_helper_info *table =
		ffpf_arena_alloc(m->e->arena, (ffpf_user_n_calls + more->n) * sizeof(*table));

	memcpy(table, ffpf_user_calls, ffpf_user_n_calls * sizeof(*table));
	m->helpers = (struct ffpf_vm_helpers){table, ffpf_user_n_calls};
	for (size_t i = 0; (m->e->n_sets || m->s->n_class_maps) && i < more->n; i++)
		if (!has_helper(table, ffpf_user_n_calls, more->table[i].id))
			table[m->helpers.n++] = more->table[i];
}

static int make_vm(struct making *m, const struct bpf_insn *insns, size_t n, struct ffpf_vm **out)
{
	struct ffpf_vm_program program = {
		.insns = insns, .n = n, .helpers = &m->helpers, .maps = m->maps, .n_maps = m->n_maps};
	const char *why = "";
	int err = ffpf_vm_new(&program, out, &why);

	if (err)
		snprintf(m->why, m->size, "the userspace machine refuses a program: %s",
			 why && *why ? why : strerror(-err));
	/* Where it can't be compiled it is interpreted. */
	else if (!m->s->run->interpret)
		ffpf_vm_compile(*out);
	return err;
}

static void relocate(struct bpf_insn *insns, size_t n, uint32_t first)
{
	for (size_t i = 0; i < n; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg == BPF_PSEUDO_MAP_IDX || insns[i].src_reg == BPF_PSEUDO_MAP_IDX_VALUE)
			insns[i].imm += (int32_t)first;
		i++;
	}
}

/* A program that stands by itself. */
static int make_alone(struct making *m, const struct ffpf_object_ready *ready, const struct map_set *set,
		      struct ffpf_vm **out)
{
	struct bpf_insn *copy = ffpf_arena_alloc(m->e->arena, ready->code.n * sizeof(*copy));

	memcpy(copy, ready->verified, ready->code.n * sizeof(*copy));
	relocate(copy, ready->code.n, set->first);
	return make_vm(m, copy, ready->code.n, out);
}

static int make_targets(struct making *m, const struct ffpf_object_use *use, struct map_set *set)
{
	set->targets = ffpf_arena_alloc(m->e->arena, (use->n_targets + 1) * sizeof(struct ffpf_vm *));
	for (size_t i = 0; i < use->n_targets; i++) {
		int err = make_alone(m, &use->targets[i], set, &set->targets[i]);

		if (err)
			return err;
		set->n_targets = i + 1;
	}
	for (size_t k = 0; k < set->object->n_maps; k++) {
		const struct ffpf_object_map *map = &set->object->maps[k];

		for (size_t t = 0; t < map->n_targets; t++)
			for (size_t i = 0; i < use->n_targets; i++)
				if (use->targets[i].program == map->targets[t].program)
					set->maps[k].programs->entries[map->targets[t].index] = set->targets[i];
	}
	return 0;
}

static int make_callees(struct making *m)
{
	struct engines *e = m->e;

	m->callees = ffpf_arena_alloc(e->arena, e->n_functions * sizeof(*m->callees) + 1);
	for (size_t f = 0; f < e->n_functions; f++) {
		const struct ffpf_object_use *use = e->uses[f];
		struct map_set *set;
		int err = 0;

		if (!use)
			continue;
		set = &e->sets[e->states[f]];
		e->programs = true;
		e->writes |= use->writes;
		e->buffers |= use->object->programs[use->main.program].context == FFPF_OBJECT_SKB;
		m->callees[m->n_callees++] = (struct ffpf_ebpf_callee){.function = (unsigned)f,
								       .code = &use->main.code,
								       .insns = use->main.verified,
								       .apart = use->tail_calls,
								       .state = set};
		if (use->tail_calls && !set->targets)
			err = make_targets(m, use, set);
		if (!err && use->tail_calls)
			err = make_alone(m, &use->main, set, &e->apart[f]);
		if (err)
			return err;
	}
	return 0;
}

/* Constant tables live as long as the programs do. */
static void place_tables(struct making *m, struct ffpf_ebpf_program *code)
{
	uint8_t *tables;

	if (!code->n_data)
		return;
	tables = ffpf_arena_alloc(m->e->arena, code->n_data);
	memcpy(tables, code->data, code->n_data);
	ffpf_ebpf_place_tables(code, tables);
}

/* *insns gets the program, to be freed. */
static int generate_piece(struct making *m, struct ffpf_arena *arena, struct ffpf_program *ir, unsigned n_flags,
			  struct bpf_insn **insns, size_t *n)
{
	const struct ffpf_level *level = ffpf_layout_level(m->s->run->layout, &ffpf_flowspace_user);
	struct ffpf_ebpf_options o = {.target = FFPF_EBPF_USER,
				      .callees = m->callees,
				      .n_callees = m->n_callees,
				      .n_cpus = 1,
				      .n_cells = level->n_cells,
				      .n_flags = n_flags,
				      .n_shared = level->n_shared,
				      .next_piece = -1,
				      .slow_piece = -1};
	struct ffpf_ebpf_program code;
	int err = ffpf_ebpf_generate(arena, ir, &o, &code);

	if (err)
		return err;
	for (size_t i = 0; i < code.n_map_refs; i++) {
		const struct map_set *set = m->callees[code.map_refs[i].callee].state;

		code.insns[code.map_refs[i].insn].imm += (int32_t)set->first;
	}
	for (size_t i = 0; i < code.n_relocs; i++)
		if (code.relocs[i].symbol == FFPF_SYM_MAP) {
			code.insns[code.relocs[i].insn].src_reg = BPF_PSEUDO_MAP_IDX;
			code.insns[code.relocs[i].insn].imm = (int32_t)(m->class_maps + code.relocs[i].number);
		}
	place_tables(m, &code);
	*n = code.n;
	*insns = malloc(code.n * sizeof(**insns));
	if (!*insns)
		return -ENOMEM;
	memcpy(*insns, code.insns, code.n * sizeof(**insns));
	return 0;
}

static void free_programs(struct user_programs *p)
{
	for (size_t i = 0; i < p->n; i++)
		ffpf_vm_free(p->pieces[i]);
	free(p->pieces);
	*p = (struct user_programs){0};
}

static void free_engine(struct engine *e)
{
	free_programs(&e->programs);
	for (size_t i = 0; i < e->n_stages; i++)
		free_programs(&e->stages[i].programs);
	free(e->stages);
	*e = (struct engine){0};
}

static int load_programs(struct making *m, unsigned source, const struct ffpf_fuse_options *o, struct user_programs *p)
{
	struct ffpf_run *run = m->s->run;
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_fused fused;
	int err = ffpf_fuse(run->graph, run->layout, &ffpf_flowspace_user, source, o, arena, &fused);

	if (!err && fused.n_pieces) {
		p->pieces = calloc(fused.n_pieces, sizeof(struct ffpf_vm *));
		if (!p->pieces)
			err = -ENOMEM;
	}
	for (size_t i = 0; !err && i < fused.n_pieces; i++) {
		struct bpf_insn *insns = NULL;
		size_t n = 0;

		err = generate_piece(m, arena, fused.pieces[i], fused.n_flags, &insns, &n);
		/* Verifying takes as much memory as making it did. */
		if (i + 1 == fused.n_pieces) {
			ffpf_arena_free(arena);
			arena = NULL;
		}
		if (!err)
			err = make_vm(m, insns, n, &p->pieces[i]);
		free(insns);
		p->n = i + 1;
	}
	if (!err && fused.n_pieces && fused.trace_number != UINT_MAX)
		p->trace_at = ffpf_ebpf_flag_at(ffpf_layout_level(run->layout, &ffpf_flowspace_user)->n_cells,
						fused.trace_number);
	if (arena)
		ffpf_arena_free(arena);
	return err;
}

static int load_stages(struct making *m, unsigned source, struct ffpf_fuse_options *o, struct engine *e)
{
	const struct ffpf_graph *graph = m->s->run->graph;

	while (ffpf_fuse_next_stage(graph, &ffpf_flowspace_user, source, &o->stage)) {
		struct user_stage *stages = reallocarray(e->stages, e->n_stages + 1, sizeof(*stages));
		int err;

		if (!stages)
			return -ENOMEM;
		e->stages = stages;
		stages[e->n_stages] =
			(struct user_stage){.native = ((const struct ffpf_function_layout *)o->stage->layout)->native};
		err = load_programs(m, source, o, &stages[e->n_stages++].programs);
		if (err)
			return err;
	}
	return 0;
}

static int load_source(struct making *m, unsigned source, unsigned piece_functions)
{
	struct ffpf_fuse_options o = {.piece_functions = piece_functions, .optimise = true};
	struct engine *e = &m->e->of[source];
	int err = load_programs(m, source, &o, &e->programs);

	if (!err)
		err = load_stages(m, source, &o, e);
	/* What programs of socket buffers ask for, and a copy for those that write, is made for each packet; so is what
	 * runs behind a function that changes packets. */
	if (!err && e->programs.n == 1 && !e->n_stages && !m->e->buffers && !m->e->writes && !m->s->run->interpret)
		e->loop = ffpf_vm_compile_loop(e->programs.pieces[0], sizeof(struct ffpf_packet));
	return err;
}

static int load_sources(struct making *m)
{
	for (unsigned i = 0; i < m->e->n; i++) {
		int err = -E2BIG;

		for (unsigned pieces = m->s->run->piece_functions ?: PIECE_FUNCTIONS; err == -E2BIG && pieces;
		     pieces /= 4) {
			free_engine(&m->e->of[i]);
			err = load_source(m, i, pieces);
		}
		if (err == -E2BIG)
			snprintf(m->why, m->size, "a function is too large for one program");
		if (err)
			return err;
		m->e->of[i].linktype = m->s->run->graph->source_info[i].linktype;
		m->e->of[i].captured = m->s->run->graph->sources[i]->instance.class->source != NULL;
	}
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int make(struct making *m)
{
	int err = make_sets(m);

	if (!err)
		err = check_shared(m);
	if (!err) {
		collect_helpers(m);
		err = make_callees(m);
	}
	return err ? err : load_sources(m);
}

int ffpf_engines_new(struct user_state *s, const struct ffpf_object_use *const *uses, const struct engines *old,
		     struct engines **out, char *why, size_t size)
{
	const struct ffpf_graph *graph = s->run->graph;
	struct ffpf_arena *arena = ffpf_arena_new();
	struct engines *e = ffpf_arena_alloc(arena, sizeof(*e));
	struct making m = {.s = s, .e = e, .old = old, .why = why, .size = size};
	int err;

	why[0] = '\0';
	e->arena = arena;
	e->n = graph->n_sources;
	e->n_functions = graph->n_functions;
	e->of = ffpf_arena_alloc(arena, e->n * sizeof(*e->of) + 1);
	e->uses = ffpf_arena_alloc(arena, e->n_functions * sizeof(struct ffpf_object_use *) + 1);
	memcpy(e->uses, uses, e->n_functions * sizeof(struct ffpf_object_use *));
	e->apart = ffpf_arena_alloc(arena, e->n_functions * sizeof(struct ffpf_vm *) + 1);
	e->states = ffpf_object_states(graph, &ffpf_flowspace_user, arena, &e->n_sets);
	e->sets = ffpf_arena_alloc(arena, e->n_sets * sizeof(*e->sets) + 1);
	err = make(&m);
	if (err) {
		if (!why[0])
			snprintf(why, size, "%s", strerror(-err));
		ffpf_engines_free(e);
		return err;
	}
	*out = e;
	return 0;
}

static void free_set(struct map_set *set)
{
	for (size_t i = 0; i < set->n_targets; i++)
		ffpf_vm_free(set->targets[i]);
	for (size_t i = 0; set->maps && i < set->object->n_maps; i++) {
		if (!set->maps[i].owned)
			continue;
		ffpf_map_free(set->maps[i].map);
		free(set->maps[i].programs);
	}
}

void ffpf_engines_free(struct engines *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++)
		free_engine(&e->of[i]);
	for (size_t i = 0; i < e->n_functions; i++)
		ffpf_vm_free(e->apart[i]);
	for (unsigned i = 0; i < e->n_sets; i++)
		free_set(&e->sets[i]);
	ffpf_arena_free(e->arena);
}
