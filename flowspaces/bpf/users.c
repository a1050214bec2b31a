/* SPDX-License-Identifier: BSD-2-Clause */
/* Users' programs in the kernel: their maps are made as the object describes them; see users.h. */
#include <flowspaces/bpf/users.h>
#include <flowspaces/bpf/bpf.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- maps ------------------------------------------------------------------------------------ */

static const enum bpf_map_type types[FFPF_MAP_KINDS] = {
	[FFPF_MAP_ARRAY] = BPF_MAP_TYPE_ARRAY,	     [FFPF_MAP_PERCPU_ARRAY] = BPF_MAP_TYPE_PERCPU_ARRAY,
	[FFPF_MAP_HASH] = BPF_MAP_TYPE_HASH,	     [FFPF_MAP_PERCPU_HASH] = BPF_MAP_TYPE_PERCPU_HASH,
	[FFPF_MAP_LRU_HASH] = BPF_MAP_TYPE_LRU_HASH, [FFPF_MAP_LRU_PERCPU_HASH] = BPF_MAP_TYPE_LRU_PERCPU_HASH,
	[FFPF_MAP_LPM] = BPF_MAP_TYPE_LPM_TRIE,	     [FFPF_MAP_PROGRAMS] = BPF_MAP_TYPE_PROG_ARRAY,
};

static const struct ffpf_bpf_user_map *kept(const struct ffpf_bpf_users *old, unsigned set,
					    const struct ffpf_object_map *map)
{
	for (size_t i = 0; old && i < old->sets[set].object->n_maps; i++)
		if (map->spec.kind != FFPF_MAP_PROGRAMS && old->sets[set].maps[i].fd >= 0 &&
		    ffpf_object_same_map(map, &old->sets[set].object->maps[i]))
			return &old->sets[set].maps[i];
	return NULL;
}

static int fill(const struct ffpf_object_map *map, int fd)
{
	uint32_t zero = 0;

	if (map->initial && bpf_map_update_elem(fd, &zero, map->initial, BPF_ANY) < 0)
		return -errno;
	/* The kernel's verifier knows the values of what nobody can change. */
	if (map->variables && map->spec.flags & FFPF_MAP_PROGRAM_READS && bpf_map_freeze(fd) < 0)
		return -errno;
	return 0;
}

static int create(const struct ffpf_object_map *map, struct ffpf_bpf_user_map *out, char why[FFPF_WHY_MAX])
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = map->kernel_flags);
	char name[BPF_OBJ_NAME_LEN];
	int err = 0;

	snprintf(name, sizeof(name), "%.*s", BPF_OBJ_NAME_LEN - 1, map->spec.name);
	out->fd = bpf_map_create(types[map->spec.kind], name, map->spec.key_size, map->spec.value_size,
				 map->spec.max_entries, &opts);
	out->owned = out->fd >= 0;
	if (out->fd < 0)
		err = -errno;
	else
		err = fill(map, out->fd);
	if (err)
		snprintf(why, FFPF_WHY_MAX, "the kernel refuses the map '%s': %s", map->spec.name, strerror(-err));
	return err;
}

static int make_set(struct ffpf_bpf_users *users, unsigned number, const struct ffpf_bpf_users *old,
		    char why[FFPF_WHY_MAX])
{
	struct ffpf_bpf_set *set = &users->sets[number];
	int err = 0;

	set->n_maps = set->object->n_maps;
	set->maps = ffpf_arena_alloc(users->arena, set->object->n_maps * sizeof(*set->maps) + 1);
	for (size_t i = 0; i < set->object->n_maps; i++)
		set->maps[i].fd = -1;
	for (size_t i = 0; !err && i < set->object->n_maps; i++) {
		const struct ffpf_bpf_user_map *same = kept(old, number, &set->object->maps[i]);

		if (same)
			set->maps[i].fd = same->fd;
		else
			err = create(&set->object->maps[i], &set->maps[i], why);
	}
	return err;
}

/* Those that the kernel lets call every helper (include/linux/license.h). */
static bool is_free(const char *license)
{
	static const char *const known[] = {"GPL",	    "GPL v2",	    "GPL and additional rights",
					    "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(license, known[i]))
			return true;
	return false;
}

static const char *license_of(const struct ffpf_object *object)
{
	return is_free(object->license) ? "Dual BSD/GPL" : object->license;
}

static void relocate(const struct ffpf_ebpf_callee *callees, struct ffpf_ebpf_program *code)
{
	for (size_t i = 0; i < code->n_map_refs; i++) {
		const struct ffpf_bpf_set *set = callees[code->map_refs[i].callee].state;
		struct bpf_insn *in = &code->insns[code->map_refs[i].insn];

		in->src_reg = in->src_reg == BPF_PSEUDO_MAP_IDX ? BPF_PSEUDO_MAP_FD : BPF_PSEUDO_MAP_VALUE;
		in->imm = set->maps[in->imm].fd;
	}
}

/* ---- programs that others tail-call ------------------------------------------------------------------------------ */

/* Programs of the kernel's own: what they return goes back to who called first. */
static int load_target(struct ffpf_bpf_state *s, const struct ffpf_object_code *code, struct ffpf_bpf_set *set,
		       char why[FFPF_WHY_MAX])
{
	const struct ffpf_ebpf_callee callee = {.code = code, .state = set};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_ebpf_program program;
	int fd;

	ffpf_ebpf_bare(arena, &callee, &program);
	relocate(&callee, &program);
	fd = ffpf_bpf_load_code(s->ops, s->run->graph, &program, license_of(set->object), why);
	ffpf_arena_free(arena);
	return fd;
}

static int fill_arrays(struct ffpf_bpf_set *set, const struct ffpf_object_use *use, char why[FFPF_WHY_MAX])
{
	for (size_t m = 0; m < set->n_maps; m++) {
		const struct ffpf_object_map *map = &set->object->maps[m];

		for (size_t t = 0; t < map->n_targets; t++)
			for (size_t i = 0; i < use->n_targets; i++) {
				int err;

				if (use->targets[i].program != map->targets[t].program ||
				    bpf_map_update_elem(set->maps[m].fd, &map->targets[t].index, &set->targets[i],
							BPF_ANY) == 0)
					continue;
				err = -errno;
				snprintf(why, FFPF_WHY_MAX, "map '%s' does not take the program '%s': %s",
					 map->spec.name, set->object->programs[use->targets[i].program].name,
					 strerror(-err));
				return err;
			}
	}
	return 0;
}

static int make_targets(struct ffpf_bpf_state *s, struct ffpf_bpf_users *users, const struct ffpf_object_use *use,
			struct ffpf_bpf_set *set, char why[FFPF_WHY_MAX])
{
	set->targets = ffpf_arena_alloc(users->arena, (use->n_targets + 1) * sizeof(*set->targets));
	for (size_t i = 0; i < use->n_targets; i++) {
		int fd = load_target(s, &use->targets[i].code, set, why);

		if (fd < 0)
			return fd;
		set->targets[set->n_targets++] = fd;
	}
	return fill_arrays(set, use, why);
}

static int make_all_targets(struct ffpf_bpf_state *s, struct ffpf_bpf_users *users, char why[FFPF_WHY_MAX])
{
	int err = 0;

	for (size_t f = 0; !err && f < users->n_functions; f++) {
		const struct ffpf_object_use *use = users->uses[f];

		if (use && use->tail_calls && !users->sets[users->states[f]].targets)
			err = make_targets(s, users, use, &users->sets[users->states[f]], why);
	}
	return err;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* Functions that share a state were read from one file, but it may have changed in between. */
static bool fits(const struct ffpf_object *a, const struct ffpf_object *b)
{
	bool same = a->n_maps == b->n_maps;

	for (size_t i = 0; same && a != b && i < a->n_maps; i++)
		same = ffpf_object_same_map(&a->maps[i], &b->maps[i]) ||
		       (a->maps[i].variables && b->maps[i].variables &&
			a->maps[i].spec.value_size == b->maps[i].spec.value_size);
	return same;
}

static int make(struct ffpf_bpf_state *s, struct ffpf_bpf_users *users, const struct ffpf_bpf_users *old,
		char why[FFPF_WHY_MAX])
{
	users->callees = ffpf_arena_alloc(users->arena, users->n_functions * sizeof(*users->callees) + 1);
	for (size_t f = 0; f < users->n_functions; f++) {
		const struct ffpf_object_use *use = users->uses[f];
		struct ffpf_bpf_set *set;

		if (!use)
			continue;
		set = &users->sets[users->states[f]];
		if (!set->object)
			set->object = use->object;
		if (!fits(use->object, set->object)) {
			snprintf(why, FFPF_WHY_MAX,
				 "%s: the object's maps changed while it was read: it can't share them",
				 s->run->graph->functions[f]->instance.name);
			return -EUCLEAN;
		}
		users->callees[users->n_callees++] = (struct ffpf_ebpf_callee){
			.function = (unsigned)f, .code = &use->main.code, .called = use->tail_calls, .state = set};
	}
	for (unsigned i = 0; i < users->n_sets; i++) {
		int err = make_set(users, i, old, why);

		if (err)
			return err;
	}
	return make_all_targets(s, users, why);
}

int ffpf_bpf_users_new(struct ffpf_bpf_state *s, const struct ffpf_object_use *const *uses,
		       const struct ffpf_bpf_users *old, struct ffpf_bpf_users **out, char why[FFPF_WHY_MAX])
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_bpf_users *users = ffpf_arena_alloc(arena, sizeof(*users));
	int err;

	users->arena = arena;
	users->n_functions = s->run->graph->n_functions;
	users->uses = ffpf_arena_alloc(arena, users->n_functions * sizeof(struct ffpf_object_use *) + 1);
	memcpy(users->uses, uses, users->n_functions * sizeof(struct ffpf_object_use *));
	users->states = ffpf_object_states(s->run->graph, s->ops->flowspace, arena, &users->n_sets);
	users->sets = ffpf_arena_alloc(arena, users->n_sets * sizeof(*users->sets) + 1);
	err = make(s, users, old, why);
	if (err)
		ffpf_bpf_users_free(users);
	else
		*out = users;
	return err;
}

static void free_set(struct ffpf_bpf_set *set)
{
	for (size_t i = 0; i < set->n_targets; i++)
		close(set->targets[i]);
	for (size_t i = 0; set->maps && i < set->n_maps; i++)
		if (set->maps[i].owned)
			close(set->maps[i].fd);
}

void ffpf_bpf_users_free(struct ffpf_bpf_users *users)
{
	if (!users)
		return;
	for (unsigned i = 0; i < users->n_sets; i++)
		free_set(&users->sets[i]);
	ffpf_arena_free(users->arena);
}

/* ---- placement ------------------------------------------------------------------------------- */

bool ffpf_bpf_users_offers(const struct ffpf_bpf_ops *ops, const struct ffpf_object_use *use, const char **reason)
{
	if (use->object->programs[use->main.program].context == ops->users)
		return true;
	*reason = ops->users_refusal;
	return false;
}

/* ---- programs -------------------------------------------------------------------------------- */

void ffpf_bpf_users_relocate(const struct ffpf_bpf_users *users, struct ffpf_ebpf_program *code)
{
	relocate(users->callees, code);
}

const char *ffpf_bpf_users_license(const struct ffpf_bpf_users *users)
{
	for (unsigned i = 0; users && i < users->n_sets; i++)
		if (!is_free(users->sets[i].object->license))
			return users->sets[i].object->license;
	return "Dual BSD/GPL";
}

size_t ffpf_bpf_users_refused(struct ffpf_bpf_state *s, unsigned source, const char **refused)
{
	const struct ffpf_graph *graph = s->run->graph;
	size_t n = 0;

	for (size_t i = 0; s->users && i < s->users->n_callees; i++) {
		const struct ffpf_ebpf_callee *c = &s->users->callees[i];
		const struct ffpf_function *f = graph->functions[c->function];
		struct ffpf_arena *arena;
		struct ffpf_ebpf_program code;
		char why[FFPF_WHY_MAX] = "";
		bool here = false;
		int fd = -1;

		for (size_t k = 0; k < f->n_sources; k++)
			here |= f->sources[k] == source;
		if (!here)
			continue;
		arena = ffpf_arena_new();
		if (ffpf_ebpf_alone(arena, s->users->callees, s->users->n_callees, i, &code) == 0) {
			ffpf_bpf_users_relocate(s->users, &code);
			fd = ffpf_bpf_load_code(s->ops, graph, &code, ffpf_bpf_users_license(s->users), why);
		}
		ffpf_arena_free(arena);
		if (fd >= 0) {
			close(fd);
			continue;
		}
		refused[c->function] = ffpf_arena_strdup(graph->arena, why);
		n++;
	}
	return n;
}

bool ffpf_bpf_users_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out)
{
	const struct ffpf_bpf_state *s = state;
	const struct ffpf_bpf_set *set;

	if (!s->users || f->id >= s->users->n_functions || !s->users->uses[f->id])
		return false;
	set = &s->users->sets[s->users->states[f->id]];
	if (i >= set->object->n_maps)
		return false;
	*out = (struct ffpf_map_view){.spec = &set->object->maps[i].spec,
				      .variables = set->object->maps[i].variables,
				      .fields = set->object->maps[i].fields,
				      .n_fields = set->object->maps[i].n_fields,
				      .n_values = ffpf_map_per_cpu(set->object->maps[i].spec.kind) ? s->maps.n_cpus : 1,
				      .key = set->object->maps[i].key,
				      .value = set->object->maps[i].value,
				      .fd = set->maps[i].fd};
	ffpf_bpf_map_view(out);
	return true;
}
