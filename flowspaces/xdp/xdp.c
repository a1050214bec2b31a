/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The xdp flowspace: the lowest level, where packets of a device are seen
 * first. One fused program for each device, attached through a bpf_link that dies with this process.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Functions of one program, to begin with: what the verifier takes in a few milliseconds. */
#define PIECE_FUNCTIONS 400

/* ---- placement ------------------------------------------------------------------------------- */

static bool is_device(const struct ffpf_function *source)
{
	return source->instance.class->role == FFPF_SOURCE && !source->instance.class->source;
}

/* Of the function, for all of its sources. */
static unsigned needs_of(const struct ffpf_graph *graph, const struct ffpf_function *f)
{
	unsigned needs = f->instance.class->needs;

	for (size_t i = 0; f->instance.class->instance_needs && i < f->n_sources; i++) {
		struct ffpf_instance instance = f->instance;

		instance.input = &graph->source_info[f->sources[i]];
		needs |= instance.class->instance_needs(&instance);
	}
	return needs;
}

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		   const char **reason)
{
	const struct ffpf_class *class = f->instance.class;

	if (class->role == FFPF_SOURCE) {
		*reason = "savefiles are read in userspace (--replay runs them through the kernel)";
		return is_device(f) || graph->replay;
	}
	if (!class->build) {
		*reason = "it is C code of userspace";
		return false;
	}
	if (ffpf_object_use(f) && !xdp_users_offers(ffpf_object_use(f), reason))
		return false;
	if (needs_of(graph, f) & FFPF_NEED_MARK) {
		*reason = "a packet has no mark yet at this level";
		return false;
	}
	*reason = ffpf_flowspace_hidden_vlan(graph, f);
	return !*reason;
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	if (!is_device(source))
		return "replayed packets of a savefile";
	switch (ffpf_xdp_expected_mode(graph->source_info[source->sources[0]].ifindex)) {
	case FFPF_XDP_DRIVER:
		return "wire frames (driver mode)";
	case FFPF_XDP_GENERIC:
		return "super-packets after GRO (generic mode)";
	}
	return "wire frames (super-packets in generic mode after GRO)";
}

static void close_state(struct ffpf_run *run, void *state);

/* ---- instantiating --------------------------------------------------------------------------- */

static void bar_one(struct xdp_state *s, struct ffpf_function *f, const char *why)
{
	f->barred = &ffpf_flowspace_xdp;
	f->barred_reason = ffpf_arena_printf(s->run->graph->arena, "the kernel refused it: %s", why);
	s->run->barred = true;
}

/*
 * Where users' programs are among the functions of a source, these go up first: those that the kernel does not take by
 * themselves; if that are none, all, for together with the others they are too much. False when there are none.
 */
static bool bar_users(struct xdp_state *s, unsigned source, const char *why)
{
	struct ffpf_graph *graph = s->run->graph;
	const char **refused = ffpf_arena_alloc(graph->arena, graph->n_functions * sizeof(*refused) + 1);
	bool any = xdp_users_refused(s, source, refused) > 0, barred = false;

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

/* The kernel does not take these functions, however small the pieces: they go up. */
static void bar(struct xdp_state *s, unsigned source, const char *why)
{
	struct ffpf_graph *graph = s->run->graph;

	for (size_t i = 0; i < graph->n_functions; i++) {
		struct ffpf_function *f = graph->functions[i];

		if (f->level != &ffpf_flowspace_xdp || f->instance.class->role == FFPF_SOURCE)
			continue;
		for (size_t k = 0; k < f->n_sources; k++)
			if (f->sources[k] == source)
				bar_one(s, f, why);
	}
}

/* Is that the verifier's no, and not something that is missing? EFAULT: too many jumps in a row (kernel/bpf/verifier.c,
 * push_stack). */
static bool refused(int err)
{
	return err == -E2BIG || err == -EACCES || err == -EINVAL || err == -ENOSPC || err == -EFAULT ||
	       err == -EOPNOTSUPP || err == -ERANGE;
}

int xdp_load_source(struct xdp_state *s, struct xdp_source *x, char why[FFPF_WHY_MAX])
{
	int err = -E2BIG;

	/* Pieces that hold more than all functions are the same program; those that hold fewer than this would be too
	 * many. */
	unsigned all = (unsigned)s->run->graph->n_functions, most = s->run->piece_functions ?: PIECE_FUNCTIONS,
		 least = all / XDP_PIECES_MAX + 1;

	if (most < least && !s->run->piece_functions)
		most = least;
	for (unsigned pieces = most < all ? most : all;; pieces = pieces / 4 > least ? pieces / 4 : least) {
		err = xdp_load(s, x, pieces, why);
		if (!refused(err) || pieces <= least)
			return err;
	}
}

static int load_source(struct xdp_state *s, struct xdp_source *x)
{
	const char *name = s->run->graph->sources[x->source]->instance.name;
	char why[FFPF_WHY_MAX] = "";
	int err = xdp_load_source(s, x, why);

	if (refused(err)) {
		if (!bar_users(s, x->source, why))
			bar(s, x->source, why);
		if (s->run->barred) {
			ffpf_run_notice(s->run, "%s: functions moved up from xdp: %s", name, why);
			return -EAGAIN;
		}
	}
	if (err)
		ffpf_run_fail(s->run, err, "%s: %s", name, why[0] ? why : strerror(-err));
	return err;
}

static void offer_rings(struct xdp_state *s)
{
	struct xdp_maps *m = &s->maps;
	unsigned n = s->level->n_inflows;
	struct ffpf_ring_set set = {.from = &ffpf_flowspace_xdp,
				    .n_rings = m->n_cpus,
				    .n_inflows = n,
				    .doorbell_clear = xdp_bell_clear,
				    .arg = m,
				    .monotonic = !s->run->options->replay};
	const void **ibufs = ffpf_arena_alloc(s->run->arena, (size_t)m->n_cpus * n * sizeof(*ibufs));
	int *bells = ffpf_arena_alloc(s->run->arena, m->n_cpus * sizeof(*bells));

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
		};
	}
	ffpf_run_add_rings(s->run, &set);
}

static int find_sources(struct xdp_state *s)
{
	const struct ffpf_graph *graph = s->run->graph;

	s->sources = calloc(graph->n_sources, sizeof(*s->sources));
	if (!s->sources)
		return -ENOMEM;
	for (unsigned i = 0; i < graph->n_sources; i++)
		if (graph->sources[i]->level == &ffpf_flowspace_xdp)
			s->sources[s->n_sources++] =
				(struct xdp_source){.source = i, .promisc_fd = -1, .attachment.link_fd = -1};
	return 0;
}

/* Users' programs among the functions. A map that the kernel refuses moves them up. */
static int make_users(struct xdp_state *s)
{
	struct ffpf_graph *graph = s->run->graph;
	const struct ffpf_object_use **uses =
		ffpf_arena_alloc(s->run->arena, graph->n_functions * sizeof(struct ffpf_object_use *) + 1);
	char why[FFPF_WHY_MAX] = "";
	bool any = false;
	int err;

	for (size_t i = 0; i < graph->n_functions; i++)
		if (graph->functions[i]->level == &ffpf_flowspace_xdp) {
			uses[i] = ffpf_object_use(graph->functions[i]);
			any |= uses[i] != NULL;
		}
	err = any ? xdp_users_new(s, uses, NULL, &s->users, why) : 0;
	if (!err)
		return 0;
	for (size_t i = 0; refused(err) && i < graph->n_functions; i++)
		if (uses[i])
			bar_one(s, graph->functions[i], why);
	if (!s->run->barred) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	ffpf_run_notice(s->run, "functions moved up from xdp: %s", why);
	return -EAGAIN;
}

/* Maps that functions announce. One that the kernel does not make moves its function up. */
static int make_class_maps(struct xdp_state *s, bool filled)
{
	const struct ffpf_function *of = NULL;
	char why[FFPF_WHY_MAX] = "";
	int err = xdp_class_maps_create(s, filled, &of, why);

	if (!err)
		return 0;
	if (!of || !(refused(err) || err == -ENOMEM)) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	bar_one(s, s->run->graph->functions[of->id], why);
	ffpf_run_notice(s->run, "'%s' moved up from xdp: %s", of->instance.name, why);
	return -EAGAIN;
}

/* Maps and programs: all that the kernel may refuse. */
static int load(struct ffpf_run *run, bool filled, struct xdp_state **out)
{
	struct xdp_state *s;
	char why[FFPF_WHY_MAX];
	int err = xdp_privileges(why);

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
	s->run = run;
	s->level = ffpf_layout_level(run->layout, &ffpf_flowspace_xdp);
	s->n_flags = (unsigned)(run->graph->n_edges + run->graph->n_functions);
	s->limits = run->n_limits > 0;
	err = find_sources(s);
	if (!err)
		err = xdp_maps_create(s);
	if (!err)
		err = make_class_maps(s, filled);
	if (!err)
		err = make_users(s);
	for (size_t i = 0; !err && i < s->n_sources; i++)
		err = load_source(s, &s->sources[i]);
	/* With --replay the reference interpreter stands in for the programs now and then: see replay_maps.c. */
	if (!err && !run->options->replay)
		xdp_class_maps_freeze(&s->maps);
	return err;
}

static int instantiate(struct ffpf_run *run, void **state)
{
	struct xdp_state *s = NULL;
	int err = load(run, true, &s);

	*state = s;
	if (err)
		return err;
	ffpf_run_add_cells(run,
			   &(struct ffpf_cells){&ffpf_flowspace_xdp, s->maps.map[FFPF_SYM_CELLS].memory, s->maps.stride,
						s->maps.n_cpus, s->maps.map[FFPF_SYM_SHARED].memory,
						s->maps.map[FFPF_SYM_WANTED].memory});
	if (s->level->n_inflows)
		offer_rings(s);
	if (run->options->replay)
		err = xdp_replay_prepare(s);
	return err;
}

/* Who stores whole packets should know what is not in them. */
static void notice_tags(struct ffpf_run *run, const char *name, const struct ffpf_source_info *info)
{
	const struct ffpf_level *level = ffpf_layout_level(run->layout, &ffpf_flowspace_xdp);

	if (level && level->snaplen == FFPF_ALL_BYTES && !info->vlan_in_data)
		ffpf_run_notice(run,
				"%s keeps VLAN tags outside of the packets' bytes: what comes up to be stored has none",
				name);
}

static void notice_down(struct ffpf_run *run, const char *name, unsigned ifindex)
{
	if (ffpf_device_is_down(ifindex))
		ffpf_run_notice(run, "%s is down: no packets until it is up: ip link set %s up", name, name);
}

/* What will become of attaching, as far as the device and its driver tell. */
static void probe_device(struct ffpf_run *run, const struct ffpf_function *source, unsigned ifindex)
{
	const char *name = source->instance.values[0].s;
	char why[FFPF_WHY_MAX];

	if (ffpf_xdp_occupied(name, ifindex, why))
		ffpf_run_notice(run, "it would not run: %s", why);
	else if (ffpf_xdp_expected_mode(ifindex) == FFPF_XDP_GENERIC)
		ffpf_run_notice(run, "%s: the driver has no XDP: generic mode, which sees super-packets after GRO",
				name);
	notice_down(run, name, ifindex);
	notice_tags(run, name, &run->graph->source_info[source->sources[0]]);
}

static int probe(struct ffpf_run *run)
{
	struct xdp_state *s = NULL;
	int err;

	for (size_t i = 0; !run->options->replay && i < run->graph->n_sources; i++)
		if (run->graph->sources[i]->level == &ffpf_flowspace_xdp)
			probe_device(run, run->graph->sources[i], run->graph->source_info[i].ifindex);
	err = load(run, false, &s);
	if (s)
		close_state(run, s);
	return err;
}

/* ---- running --------------------------------------------------------------------------------- */

static int attach(struct xdp_state *s, struct xdp_source *x)
{
	const struct ffpf_graph *graph = s->run->graph;
	const struct ffpf_instance *instance = &graph->sources[x->source]->instance;
	const char *name = instance->values[0].s;
	char notice[FFPF_WHY_MAX] = "", why[FFPF_WHY_MAX] = "";
	unsigned ifindex = graph->source_info[x->source].ifindex;
	int err;

	x->drops = x->drops_before = ffpf_device_drops(ifindex);
	err = ffpf_xdp_attach(x->fds[0], name, ifindex, &x->attachment, notice, why);
	if (err) {
		ffpf_run_fail(s->run, err, "%s", why);
		return err;
	}
	if (notice[0])
		ffpf_run_notice(s->run, "%s", notice);
	notice_down(s->run, name, ifindex);
	notice_tags(s->run, name, &graph->source_info[x->source]);
	if (ffpf_instance_value(instance, "promisc")->i) {
		x->promisc_fd = ffpf_device_promisc(ifindex);
		if (x->promisc_fd < 0) {
			ffpf_run_fail(s->run, x->promisc_fd, "%s: promiscuous mode: %s", name,
				      strerror(-x->promisc_fd));
			return x->promisc_fd;
		}
	}
	return 0;
}

static int activate(struct ffpf_run *run, void *state)
{
	struct xdp_state *s = state;

	for (size_t i = 0; !run->options->replay && i < s->n_sources; i++) {
		int err = attach(s, &s->sources[i]);

		if (err)
			return err;
	}
	return 0;
}

/* A device that is gone keeps the figure that was read last. */
static void look_at_drops(struct xdp_state *s, struct xdp_source *x)
{
	uint64_t drops =
		x->attachment.link_fd < 0 ? 0 : ffpf_device_drops(s->run->graph->source_info[x->source].ifindex);

	if (drops > x->drops)
		x->drops = drops;
}

static uint64_t missed(void *state, const struct ffpf_function *source)
{
	struct xdp_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		struct xdp_source *x = &s->sources[i];

		if (s->run->graph->sources[x->source] != source)
			continue;
		look_at_drops(s, x);
		return x->drops - x->drops_before;
	}
	return 0;
}

static void deactivate(struct ffpf_run *run, void *state)
{
	struct xdp_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		look_at_drops(s, &s->sources[i]);
		ffpf_xdp_detach(&s->sources[i].attachment);
		if (s->sources[i].promisc_fd >= 0)
			close(s->sources[i].promisc_fd);
		s->sources[i].promisc_fd = -1;
	}
}

/* A link whose device is gone says so by an interface number of 0. */
static void watch(struct ffpf_run *run, void *state)
{
	struct xdp_state *s = state;

	for (size_t i = 0; i < s->n_sources; i++) {
		struct bpf_link_info info = {0};
		uint32_t size = sizeof(info);

		if (s->sources[i].attachment.link_fd < 0 ||
		    bpf_obj_get_info_by_fd(s->sources[i].attachment.link_fd, &info, &size) < 0)
			continue;
		look_at_drops(s, &s->sources[i]);
		if (!info.xdp.ifindex)
			ffpf_run_fail(run, -ENODEV, "the device '%s' vanished while packets were being read from it",
				      run->graph->sources[s->sources[i].source]->instance.values[0].s);
	}
}

static bool map(void *state, const struct ffpf_function *f, size_t i, struct ffpf_map_view *out)
{
	return ffpf_object_use(f) ? xdp_users_map(state, f, i, out) : xdp_class_maps_view(state, f, i, out);
}

static void close_state(struct ffpf_run *run, void *state)
{
	struct xdp_state *s = state;

	deactivate(run, state);
	for (size_t i = 0; i < s->n_sources; i++)
		xdp_unload(&s->sources[i]);
	xdp_retired_close(s, true);
	xdp_users_free(s->users);
	xdp_replay_close(s);
	xdp_class_maps_close(&s->maps);
	xdp_maps_close(&s->maps);
	free(s->sources);
	free(s);
}

static int list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_options *options,
		bool bytecode, FILE *out)
{
	return ffpf_ebpf_list(graph, layout, &ffpf_flowspace_xdp, bytecode, out);
}

const struct ffpf_flowspace ffpf_flowspace_xdp = {
	.name = "xdp",
	.help = "eBPF in or right behind the driver, before the network stack sees a packet",
	.parent = "user",
	.on_path = true,
	.offers = offers,
	.sees = sees,
	.instantiate = instantiate,
	.probe = probe,
	.activate = activate,
	.deactivate = deactivate,
	.watch = watch,
	.close = close_state,
	.missed = missed,
	.replay = xdp_replay,
	.map = map,
	.replace = xdp_replace,
	.list = list,
};
