/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations of a flowspace whose programs the kernel runs, as far as they are the same for all of them: one fused
 * program for each device. What a level has of its own is in its struct ffpf_bpf_ops.
 */
#include <flowspaces/bpf/bpf.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Functions of one program, to begin with: what the verifier takes in a few milliseconds. */
#define PIECE_FUNCTIONS 400

/* ---- placement ------------------------------------------------------------------------------- */

bool ffpf_bpf_is_device(const struct ffpf_function *source)
{
	return source->instance.class->role == FFPF_SOURCE && !source->instance.class->source;
}

unsigned ffpf_bpf_directions(const struct ffpf_function *source)
{
	static const unsigned bits[] = {1u << FFPF_DIR_IN, 1u << FFPF_DIR_OUT, 1u << FFPF_DIR_IN | 1u << FFPF_DIR_OUT};

	return ffpf_bpf_is_device(source) ? bits[ffpf_instance_value(&source->instance, "dir")->i] : bits[0];
}

/* With --replay a packet is run by one program: that of its source's level. */
static const char *other_level(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph,
			       const struct ffpf_function *f)
{
	for (size_t i = 0; graph->replay && !f->pin && f->instance.class->role != FFPF_SOURCE && i < f->n_sources; i++)
		if (graph->sources[f->sources[i]]->level != ops->flowspace)
			return "with --replay the functions behind a source run on one level of the kernel";
	return NULL;
}

bool ffpf_bpf_offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		     const char **reason)
{
	const struct ffpf_bpf_ops *ops = self->private;
	const struct ffpf_class *class = f->instance.class;

	if (class->role == FFPF_SOURCE) {
		*reason = "savefiles are read in userspace (--replay runs them through the kernel)";
		if (!ffpf_bpf_is_device(f) && !graph->replay)
			return false;
	} else if (!class->build && !(ops->apart && class->kernel_params)) {
		*reason = class->kernel_params ? "it is C code" : "it is C code of userspace";
		return false;
	}
	*reason = other_level(ops, graph, f);
	if (*reason)
		return false;
	if (ffpf_object_use(f) && !ffpf_bpf_users_offers(ops, ffpf_object_use(f), reason))
		return false;
	*reason = ops->refuses ? ops->refuses(graph, f) : NULL;
	return !*reason;
}

/* ---- instantiating --------------------------------------------------------------------------- */

static void bar_for(struct ffpf_bpf_state *s, struct ffpf_function *f, const char *reason)
{
	f->barred = s->ops->flowspace;
	f->barred_reason = reason;
	s->run->barred = true;
}

static void bar_one(struct ffpf_bpf_state *s, struct ffpf_function *f, const char *why)
{
	bar_for(s, f, ffpf_arena_printf(s->run->graph->arena, "the kernel refused it: %s", why));
}

/*
 * Where users' programs are among the functions of a source, these go up first: those that the kernel does not take by
 * themselves; if that are none, all, for together with the others they are too much. False when there are none.
 */
static bool bar_users(struct ffpf_bpf_state *s, unsigned source, const char *why)
{
	struct ffpf_graph *graph = s->run->graph;
	const char **refused = ffpf_arena_alloc(graph->arena, graph->n_functions * sizeof(*refused) + 1);
	bool any = ffpf_bpf_users_refused(s, source, refused) > 0, barred = false;

	for (size_t i = 0; s->users && i < s->users->n_callees; i++) {
		struct ffpf_function *f = graph->functions[s->users->callees[i].function];

		for (size_t k = 0; k < f->n_sources; k++)
			if (f->sources[k] == source && (!any || refused[f->id])) {
				bar_one(s, f, any ? refused[f->id] : why);
				barred = true;
			}
	}
	return barred;
}

/* The source's functions on this level can't be here, however small the pieces: they go up. */
static void bar(struct ffpf_bpf_state *s, unsigned source, const char *reason)
{
	struct ffpf_graph *graph = s->run->graph;

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];

		if (f->level != s->ops->flowspace || f->instance.class->role == FFPF_SOURCE)
			continue;
		for (size_t k = 0; k < f->n_sources; k++)
			if (f->sources[k] == source)
				bar_for(s, f, reason);
	}
}

/* Is that the verifier's no, and not something that is missing? EFAULT: too many jumps in a row (kernel/bpf/verifier.c,
 * push_stack). */
static bool refused(int err)
{
	return err == -E2BIG || err == -EACCES || err == -EINVAL || err == -ENOSPC || err == -EFAULT ||
	       err == -EOPNOTSUPP || err == -ERANGE;
}

int ffpf_bpf_load_source(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char why[FFPF_WHY_MAX])
{
	int err = -E2BIG;

	/* Pieces that hold more than all functions are the same program; those that hold fewer than this would be too
	 * many. */
	unsigned all = (unsigned)s->run->graph->n_functions, most = s->run->piece_functions ?: PIECE_FUNCTIONS,
		 least = all / FFPF_BPF_PIECES_MAX + 1;

	if (most < least && !s->run->piece_functions)
		most = least;
	for (unsigned pieces = most < all ? most : all;; pieces = pieces / 4 > least ? pieces / 4 : least) {
		err = ffpf_bpf_load(s, x, pieces, why);
		if (!refused(err) || pieces <= least)
			return err;
	}
}

static int load_source(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x)
{
	const char *name = s->run->graph->sources[x->source]->instance.name;
	char why[FFPF_WHY_MAX] = "";
	int err;

	err = ffpf_bpf_load_source(s, x, why);
	if (refused(err)) {
		if (!bar_users(s, x->source, why))
			bar(s, x->source, ffpf_arena_printf(s->run->graph->arena, "the kernel refused it: %s", why));
		if (s->run->barred) {
			ffpf_run_notice(s->run, "%s: functions moved up from %s: %s", name, s->ops->flowspace->name,
					why);
			return -EAGAIN;
		}
	}
	if (err)
		ffpf_run_fail(s->run, err, "%s: %s", name, why[0] ? why : strerror(-err));
	return err;
}

/* Where a level below stores packets that go up through this one, by CPU. NULL: none does. */
static const void **kept_below(const struct ffpf_bpf_state *s, size_t *bytes)
{
	const struct ffpf_layout *layout = s->run->layout;

	for (size_t i = 0; i < layout->n_hops; i++) {
		const struct ffpf_hop *hop = &layout->hops[i];
		const struct ffpf_bpf_state *below =
			hop->kept && hop->upper == s->level ? ffpf_run_state(s->run, hop->lower->flowspace) : NULL;
		const void **rings;

		if (!below)
			continue;
		rings = ffpf_arena_alloc(s->run->arena, below->maps.n_cpus * sizeof(*rings));
		*bytes = below->maps.map[FFPF_SYM_PBUF].entry;
		for (unsigned k = 0; k < below->maps.n_cpus; k++)
			rings[k] = (char *)below->maps.map[FFPF_SYM_PBUF].memory + k * *bytes;
		return rings;
	}
	return NULL;
}

static void offer_rings(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *m = &s->maps;
	unsigned n = s->level->n_inflows;
	struct ffpf_ring_set set = {.from = s->ops->flowspace,
				    .n_rings = m->n_cpus,
				    .n_inflows = n,
				    .doorbell_clear = ffpf_bpf_bell_clear,
				    .arg = m,
				    .monotonic = !s->run->options->replay};
	const void **ibufs = ffpf_arena_alloc(s->run->arena, (size_t)m->n_cpus * n * sizeof(*ibufs));
	int *bells = ffpf_arena_alloc(s->run->arena, m->n_cpus * sizeof(*bells));
	size_t far_bytes = 0;
	const void **far = kept_below(s, &far_bytes);

	set.rings = ffpf_arena_alloc(s->run->arena, m->n_cpus * sizeof(*set.rings));
	set.doorbell_fds = bells;
	for (unsigned i = 0; i < m->n_cpus; i++) {
		bells[i] = m->bells[i % m->n_bells].fd;
		for (unsigned k = 0; k < n; k++)
			ibufs[i * n + k] = (char *)m->map[FFPF_SYM_IBUF].memory +
					   (size_t)(i * n + k) * m->map[FFPF_SYM_IBUF].entry;
		set.rings[i] = (struct ffpf_reader_ring){
			.pbuf = (char *)m->map[FFPF_SYM_PBUF].memory + (size_t)i * m->map[FFPF_SYM_PBUF].entry,
			.pbuf_bytes = m->map[FFPF_SYM_PBUF].entry,
			.ibufs = &ibufs[i * n],
			.ibuf_bytes = m->map[FFPF_SYM_IBUF].entry,
			.n_inflows = n,
			.page = (struct ffpf_reader_page *)((char *)m->map[FFPF_SYM_READERS].memory +
							    (size_t)i * m->map[FFPF_SYM_READERS].entry),
			.far = far,
			.far_bytes = far_bytes,
			.n_far = far ? m->n_cpus : 0,
		};
	}
	ffpf_run_add_rings(s->run, &set);
}

/* Slots for what comes up to this level from a level of the kernel; behind them, what C code hands to stages. */
static void find_ghosts(struct ffpf_bpf_state *s)
{
	const struct ffpf_layout *layout = s->run->layout;

	for (size_t i = 0; i < layout->n_hops; i++)
		if (layout->hops[i].upper == s->level && layout->hops[i].lower->n_inflows > s->n_ghosts)
			s->n_ghosts = layout->hops[i].lower->n_inflows;
	s->stage_slot = s->n_ghosts;
	if (s->ops->apart)
		s->n_ghosts += FFPF_BPF_STAGES_MAX;
}

/* Every source whose packets functions of this level see, wherever the source itself is. */
static int find_sources(struct ffpf_bpf_state *s)
{
	const struct ffpf_graph *graph = s->run->graph;

	find_ghosts(s);
	s->sources = calloc(graph->n_sources * 2 + 1, sizeof(*s->sources));
	if (!s->sources)
		return -ENOMEM;
	for (unsigned i = 0; i < graph->n_sources; i++) {
		const struct ffpf_chain *chain = &graph->chains[i];

		if (ffpf_chain_position(chain, s->ops->flowspace) == chain->n)
			continue;
		if (s->run->options->replay && chain->n > 1 && chain->levels[1]->on_path) {
			ffpf_run_fail(s->run, -EOPNOTSUPP,
				      "%s: with --replay the functions behind a source run on one level of the kernel, "
				      "and these run in '%s' and '%s': pin them to one",
				      graph->sources[i]->instance.name, chain->levels[0]->name, chain->levels[1]->name);
			return -EOPNOTSUPP;
		}
		for (uint8_t dir = FFPF_DIR_IN; dir <= FFPF_DIR_OUT; dir++)
			if (ffpf_bpf_directions(graph->sources[i]) & 1u << dir)
				s->sources[s->n_sources++] = (struct ffpf_bpf_source){
					.source = i, .dir = dir, .promisc_fd = -1, .attachment.link_fd = -1};
	}
	return 0;
}

/* Why a source's packets can't take along what goes up to the next level of the kernel; NULL: they can. *room: bytes of
 * metadata that the kernel gives, UINT_MAX: not looked at yet. */
static const char *no_room(const struct ffpf_bpf_state *s, unsigned source, unsigned *room)
{
	const struct ffpf_hop *hop = ffpf_layout_hop_from(s->run->layout, s->ops->flowspace, source);
	struct ffpf_graph *graph = s->run->graph;
	const char *reason;
	unsigned *slot, n, rest, most;

	if (!hop || s->ops->type != BPF_PROG_TYPE_XDP)
		return NULL;
	reason = s->ops->no_metadata ? s->ops->no_metadata(graph, source) : NULL;
	if (reason)
		return reason;
	slot = ffpf_arena_alloc(s->run->arena, (s->level->n_inflows + 1) * sizeof(*slot));
	n = ffpf_layout_slots(graph, s->level, source, slot);
	if (*room == UINT_MAX)
		*room = ffpf_bpf_metadata_room();
	rest = ffpf_ebpf_metadata_bytes(0, hop->kept);
	most = rest < *room ? (*room - rest) / 4 : 0;
	return n <= most ? NULL
			 : ffpf_arena_printf(graph->arena,
					     "the packet's metadata has room for %u classes, and %u go up", most, n);
}

/* Functions of a source whose packets can't tell the next level what was found out move up. */
static int check_room(struct ffpf_bpf_state *s)
{
	unsigned room = UINT_MAX;

	for (unsigned i = 0; i < s->run->graph->n_sources; i++) {
		const char *name = s->run->graph->sources[i]->instance.name, *reason = no_room(s, i, &room);

		if (!reason)
			continue;
		bar(s, i, reason);
		if (!s->run->barred) {
			ffpf_run_fail(s->run, -E2BIG, "%s: %s: give more of them to one level, the source included",
				      name, reason);
			return -E2BIG;
		}
		ffpf_run_notice(s->run, "%s: functions moved up from %s: %s", name, s->ops->flowspace->name, reason);
	}
	return s->run->barred ? -EAGAIN : 0;
}

/* Users' programs among the functions. A map that the kernel refuses moves them up. */
static int make_users(struct ffpf_bpf_state *s)
{
	struct ffpf_graph *graph = s->run->graph;
	const struct ffpf_object_use **uses =
		ffpf_arena_alloc(s->run->arena, graph->n_functions * sizeof(struct ffpf_object_use *) + 1);
	char why[FFPF_WHY_MAX] = "";
	bool any = false;
	int err;

	for (size_t i = 0; i < graph->n_functions; i++)
		if (graph->functions[i]->level == s->ops->flowspace) {
			uses[i] = ffpf_object_use(graph->functions[i]);
			any |= uses[i] != NULL;
		}
	err = any ? ffpf_bpf_users_new(s, uses, NULL, &s->users, why) : 0;
	if (!err)
		return 0;
	for (size_t i = 0; refused(err) && i < graph->n_functions; i++)
		if (uses[i])
			bar_one(s, graph->functions[i], why);
	if (!s->run->barred) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	ffpf_run_notice(s->run, "functions moved up from %s: %s", s->ops->flowspace->name, why);
	return -EAGAIN;
}

/* Maps that functions announce. One that the kernel does not make moves its function up. */
static int make_class_maps(struct ffpf_bpf_state *s, bool filled)
{
	const struct ffpf_function *of = NULL;
	char why[FFPF_WHY_MAX] = "";
	int err = ffpf_bpf_class_maps_create(s, filled, &of, why);

	if (!err)
		return 0;
	if (!of || !(refused(err) || err == -ENOMEM)) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	bar_one(s, s->run->graph->functions[of->id], why);
	ffpf_run_notice(s->run, "'%s' moved up from %s: %s", of->instance.name, s->ops->flowspace->name, why);
	return -EAGAIN;
}

/* Maps and programs: all that the kernel may refuse. */
static int load(const struct ffpf_bpf_ops *ops, struct ffpf_run *run, bool filled, struct ffpf_bpf_state **out)
{
	struct ffpf_bpf_state *s;
	char why[FFPF_WHY_MAX];
	int err = ffpf_bpf_privileges(ops, why);

	if (err) {
		ffpf_run_fail(run, err, "%s", why);
		return err;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*out = s;
	for (unsigned i = 0; i < FFPF_SYMBOLS; i++)
		s->maps.map[i].fd = -1;
	s->ops = ops;
	s->run = run;
	s->level = ffpf_layout_level(run->layout, ops->flowspace);
	/* Joins, cuts, C code between pieces, followed packets. */
	s->n_flags = (unsigned)(run->graph->n_edges + 2 * run->graph->n_functions + 4);
	s->limits = run->n_limits > 0;
	while (!run->magic)
		if (getrandom(&run->magic, sizeof(run->magic), 0) < 0)
			run->magic = (uint32_t)getpid();
	err = find_sources(s);
	if (!err)
		err = check_room(s);
	if (!err)
		err = ffpf_bpf_maps_create(s);
	if (!err)
		err = make_class_maps(s, filled);
	if (!err)
		err = make_users(s);
	for (size_t i = 0; !err && i < s->n_sources; i++)
		err = load_source(s, &s->sources[i]);
	/* With --replay the reference interpreter stands in for the programs now and then: see replay_maps.c. */
	if (!err && !run->options->replay)
		ffpf_bpf_class_maps_freeze(&s->maps);
	return err;
}

int ffpf_bpf_list(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		  bool bytecode, FILE *out)
{
	const struct ffpf_bpf_ops *ops = self->private;

	return ffpf_ebpf_list(graph, layout, self, ops->fast, bytecode, out);
}

int ffpf_bpf_instantiate(const struct ffpf_flowspace *self, struct ffpf_run *run, void **state)
{
	const struct ffpf_bpf_ops *ops = self->private;
	struct ffpf_bpf_state *s = NULL;
	int err = load(ops, run, true, &s);

	*state = s;
	if (err)
		return err;
	ffpf_run_add_cells(run, &(struct ffpf_cells){ops->flowspace, s->maps.map[FFPF_SYM_CELLS].memory, s->maps.stride,
						     s->maps.n_cpus, s->maps.map[FFPF_SYM_SHARED].memory,
						     s->maps.map[FFPF_SYM_WANTED].memory});
	if (s->level->rings && !ops->apart)
		offer_rings(s);
	ffpf_bpf_tap_events_reserve(s);
	if (run->options->replay)
		err = ffpf_bpf_replay_prepare(s);
	return err;
}

void ffpf_bpf_notice_down(struct ffpf_run *run, const char *name, unsigned ifindex)
{
	if (ffpf_device_is_down(ifindex))
		ffpf_run_notice(run, "%s is down: no packets until it is up: ip link set %s up", name, name);
}

int ffpf_bpf_probe(const struct ffpf_flowspace *self, struct ffpf_run *run)
{
	const struct ffpf_bpf_ops *ops = self->private;
	struct ffpf_bpf_state *s = NULL;
	int err;

	for (size_t i = 0; !run->options->replay && i < run->graph->n_sources; i++) {
		const struct ffpf_function *source = run->graph->sources[i];

		if (source->level != ops->flowspace)
			continue;
		if (ops->probe)
			ops->probe(run, source, run->graph->source_info[i].ifindex);
		ffpf_bpf_notice_down(run, source->instance.values[0].s, run->graph->source_info[i].ifindex);
	}
	err = load(ops, run, false, &s);
	if (s)
		ffpf_bpf_close(run, s);
	return err;
}

/* ---- running --------------------------------------------------------------------------------- */

static int attach(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x)
{
	const struct ffpf_graph *graph = s->run->graph;
	const struct ffpf_instance *instance = &graph->sources[x->source]->instance;
	const char *name = instance->values[0].s;
	char notice[FFPF_WHY_MAX] = "", why[FFPF_WHY_MAX] = "";
	unsigned ifindex = graph->source_info[x->source].ifindex;
	int err;

	x->own = graph->sources[x->source]->level == s->ops->flowspace && x->dir == FFPF_DIR_IN;
	x->drops = x->drops_before = x->own ? ffpf_device_drops(ifindex) : 0;
	err = s->ops->attach(s, x, notice, why);
	if (err) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	if (notice[0])
		ffpf_run_notice(s->run, "%s", notice);
	ffpf_bpf_notice_down(s->run, name, ifindex);
	if (ffpf_instance_value(instance, "promisc")->i && x->own) {
		x->promisc_fd = ffpf_device_promisc(ifindex);
		if (x->promisc_fd < 0) {
			ffpf_run_fail(s->run, x->promisc_fd, "%s: promiscuous mode: %s", name,
				      strerror(-x->promisc_fd));
			return x->promisc_fd;
		}
	}
	return 0;
}

int ffpf_bpf_activate(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;

	for (size_t i = 0; !run->options->replay && i < s->n_sources; i++) {
		int err = attach(s, &s->sources[i]);

		if (err)
			return err;
	}
	return 0;
}

/* A device that is gone keeps the figure that was read last. */
static void look_at_drops(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x)
{
	uint64_t drops = x->attachment.link_fd < 0 || x->dir != FFPF_DIR_IN
				 ? 0
				 : ffpf_device_drops(s->run->graph->source_info[x->source].ifindex);

	if (drops > x->drops)
		x->drops = drops;
}

uint64_t ffpf_bpf_missed(void *state, const struct ffpf_function *source)
{
	struct ffpf_bpf_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		struct ffpf_bpf_source *x = &s->sources[i];

		if (s->run->graph->sources[x->source] != source)
			continue;
		look_at_drops(s, x);
		return x->drops - x->drops_before;
	}
	return 0;
}

void ffpf_bpf_deactivate(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		look_at_drops(s, &s->sources[i]);
		s->ops->detach(&s->sources[i]);
		if (s->sources[i].promisc_fd >= 0)
			close(s->sources[i].promisc_fd);
		s->sources[i].promisc_fd = -1;
	}
}

/* A count over all processors. */
static uint64_t count_of(const struct ffpf_bpf_state *s, uint32_t cell)
{
	const char *memory = s->maps.map[FFPF_SYM_CELLS].memory;
	uint64_t n = 0;

	for (unsigned i = 0; memory && i < s->maps.n_cpus; i++)
		n += __atomic_load_n((const uint64_t *)(memory + (size_t)i * s->maps.stride) + cell, __ATOMIC_RELAXED);
	return n;
}

/* Packets that went up, and not one that came: fewer may be on their way. */
#define NONE_OF 1000

/* Some drivers leave no room for metadata, and do not say so before a packet is there. */
static void missing(struct ffpf_run *run, const struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x)
{
	const struct ffpf_hop *hop = ffpf_layout_hop_from(run->layout, s->ops->flowspace, x->source);
	const struct ffpf_bpf_state *upper = hop ? ffpf_run_state(run, hop->upper->flowspace) : NULL;
	const struct ffpf_function *source = run->graph->sources[x->source];

	if (!upper || s->ops->type != BPF_PROG_TYPE_XDP || count_of(s, hop->sent) < NONE_OF ||
	    count_of(upper, hop->came))
		return;
	ffpf_run_fail(run, -EOPNOTSUPP,
		      "%s: what %s finds out does not come to %s: the driver of '%s' leaves no room for a packet's "
		      "metadata, or somebody else's program takes the packets; let the source begin there: "
		      "(dev,%s)@%s",
		      source->instance.name, s->ops->flowspace->name, hop->upper->flowspace->name,
		      source->instance.values[0].s, source->instance.values[0].s, hop->upper->flowspace->name);
}

void ffpf_bpf_watch(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		if (s->sources[i].attachment.link_fd < 0)
			continue;
		look_at_drops(s, &s->sources[i]);
		missing(run, s, &s->sources[i]);
		if (s->ops->gone(&s->sources[i]))
			ffpf_run_fail(run, -ENODEV, "the device '%s' vanished while packets were being read from it",
				      run->graph->sources[s->sources[i].source]->instance.values[0].s);
	}
}

bool ffpf_bpf_map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out)
{
	return ffpf_object_use(f) ? ffpf_bpf_users_map(state, f, i, out) : ffpf_bpf_class_maps_view(state, f, i, out);
}

void ffpf_bpf_close(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;

	ffpf_bpf_deactivate(run, state);
	for (size_t i = 0; i < s->n_sources; i++)
		ffpf_bpf_unload(&s->sources[i]);
	ffpf_bpf_retired_close(s, true);
	ffpf_bpf_users_free(s->users);
	ffpf_bpf_tap_events_close(s);
	ffpf_bpf_replay_close(s);
	ffpf_bpf_class_maps_close(&s->maps);
	ffpf_bpf_maps_close(&s->maps);
	free(s->sources);
	free(s);
}
