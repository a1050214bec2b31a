/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kmod flowspace: ffpf.ko, behind tc on the packet's way in. Packet programs run as they do in tc, and between
 * their pieces the module's own C code, which looks at whole packets where eBPF can't, or can't do it well. What goes
 * up is stored by the module, in memory of its own.
 */
#include <flowspaces/bpf/bpf.h>
#include <flowspaces/ebpf/use.h>
#include <flowspaces/kmod/module.h>
#include <lib/buf/layout.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct ffpf_flowspace ffpf_flowspace_kmod;

_Static_assert(FFPF_BPF_STAGES_MAX <= FFPF_KMOD_STAGES && FFPF_BPF_PIECES_MAX <= FFPF_KMOD_PIECES,
	       "what is loaded for it fits into the module");

/* Where the cells of a function that is C code lie; one that several sources reach is several functions there. */
struct native {
	const struct ffpf_function *function;
	uint32_t first_cell, n_cells;
};

struct kmod_state {
	struct ffpf_kmod module;
	struct native *natives;
	size_t n_natives, capacity;
};

/* ---- placement ------------------------------------------------------------------------------- */

/* A packet that came as it should be is handed on as it is: it is the network's. */
static bool would_write_to_copies(const struct ffpf_function *f)
{
	return ffpf_object_use(f) && ffpf_object_use(f)->writes && f->stage && f->stage->level == &ffpf_flowspace_kmod;
}

static const char *refuses(const struct ffpf_graph *graph, const struct ffpf_function *f)
{
	const struct ffpf_class *class = f->instance.class;

	if (graph->replay)
		return "the kernel's test runner does not know the module (--replay)";
	if (ffpf_kmod_absent())
		return ffpf_kmod_absent();
	if (class->role != FFPF_SOURCE && !class->build && !ffpf_kmod_has(class->name))
		return "the kernel module that is loaded does not have it";
	if (ffpf_flowspace_needs(graph, f) & FFPF_NEED_RETAG)
		return "VLAN tags of what goes on on the network are changed at tc";
	if (would_write_to_copies(f))
		return "it writes to packets, and not all that functions of the module hand on are copies";
	for (size_t i = 0; i < f->n_sources; i++)
		if (ffpf_bpf_directions(graph->sources[f->sources[i]]) != 1u << FFPF_DIR_IN)
			return "the module sees received packets only";
	return NULL;
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	return "received packets, super-packets after GRO; VLAN tags at their place";
}

/* ---- running --------------------------------------------------------------------------------- */

/* The module attaches all sources at once, when it starts; what stands for one is the instance. */
static int attach(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char notice[FFPF_WHY_MAX],
		  char why[FFPF_WHY_MAX])
{
	const struct kmod_state *own = s->own;

	x->attachment.link_fd = fcntl(own->module.fd, F_DUPFD_CLOEXEC, 0);
	if (x->attachment.link_fd >= 0)
		return 0;
	snprintf(why, FFPF_WHY_MAX, "the kernel module: %s", strerror(errno));
	return -errno;
}

static int give_programs(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x, char why[FFPF_WHY_MAX])
{
	const struct kmod_state *own = s->own;
	int err = 0;

	for (size_t i = 0; !err && i < x->n_pieces; i++) {
		struct ffpf_kmod_program program = {.size = sizeof(program),
						    .abi = FFPF_KMOD_ABI,
						    .source = x->source,
						    .piece = x->pieces[i].number,
						    .fd = x->fds[i],
						    .stage = x->pieces[i].stage};

		err = ffpf_kmod_call(&own->module, FFPF_KMOD_IOC_PROGRAM, &program, "a program", why);
	}
	return err;
}

static int exchange(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct ffpf_bpf_source *fresh)
{
	const struct kmod_state *own = s->own;
	struct ffpf_kmod_exchange ask = {.size = sizeof(ask), .abi = FFPF_KMOD_ABI, .source = x->source};
	char why[FFPF_WHY_MAX];
	int err = give_programs(s, fresh, why);

	if (!err)
		err = ffpf_kmod_call(&own->module, FFPF_KMOD_IOC_EXCHANGE, &ask, "exchanging programs", why);
	/* A module that does not know of this. */
	return err == -EBADFD || err == -ENOTTY ? -EOPNOTSUPP : err;
}

static bool gone(const struct ffpf_bpf_source *x)
{
	const struct ffpf_kmod module = {.fd = x->attachment.link_fd};
	struct ffpf_kmod_status status;

	return ffpf_kmod_status(&module, x->source, &status) && status.flags & FFPF_KMOD_GONE;
}

static void detach(struct ffpf_bpf_source *x)
{
	if (x->attachment.link_fd >= 0)
		close(x->attachment.link_fd);
	x->attachment.link_fd = -1;
}

static const struct ffpf_bpf_ops ops = {
	.flowspace = &ffpf_flowspace_kmod,
	FFPF_BPF_SKB_PROGRAMS,
	.apart = true,
	.refuses = refuses,
	.attach = attach,
	.exchange = exchange,
	.gone = gone,
	.detach = detach,
};

/* ---- instantiating --------------------------------------------------------------------------- */

static int give_native(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x, const struct ffpf_bpf_piece *piece,
		       char why[FFPF_WHY_MAX])
{
	const struct ffpf_function *f = piece->native;
	struct kmod_state *own = s->own;
	struct ffpf_kmod_native native = {.size = sizeof(native),
					  .abi = FFPF_KMOD_ABI,
					  .source = x->source,
					  .number = piece->number,
					  .stage = piece->stage,
					  .makes = piece->makes};
	uint8_t *params = ffpf_arena_alloc(s->run->arena, FFPF_KMOD_PARAMS);
	size_t bytes = f->instance.class->kernel_params(&f->instance, params, FFPF_KMOD_PARAMS);
	int err;

	if (bytes > FFPF_KMOD_PARAMS) {
		snprintf(why, FFPF_WHY_MAX, "%s: its parameters are too long for the kernel module", f->instance.name);
		return -E2BIG;
	}
	snprintf(native.name, sizeof(native.name), "%s", f->instance.class->name);
	native.params = (uint64_t)(uintptr_t)params;
	native.params_bytes = (uint32_t)bytes;
	err = ffpf_kmod_call(&own->module, FFPF_KMOD_IOC_NATIVE, &native, f->instance.name, why);
	explicit_bzero(params, bytes); /* there may be a key in it */
	if (err)
		return err;
	own->natives =
		ffpf_arena_grow(s->run->arena, own->natives, own->n_natives, &own->capacity, sizeof(*own->natives));
	own->natives[own->n_natives++] = (struct native){f, native.first_cell, native.n_cells};
	return 0;
}

static int give_source(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x, char why[FFPF_WHY_MAX])
{
	const struct kmod_state *own = s->own;
	struct ffpf_kmod_source source = {.size = sizeof(source),
					  .abi = FFPF_KMOD_ABI,
					  .number = x->source,
					  .ifindex = s->run->graph->source_info[x->source].ifindex};
	int err = ffpf_kmod_call(&own->module, FFPF_KMOD_IOC_SOURCE, &source, "a device", why);

	if (!err)
		err = give_programs(s, x, why);
	for (size_t i = 0; !err && i < x->n_pieces; i++)
		if (x->pieces[i].native)
			err = give_native(s, x, &x->pieces[i], why);
	return err;
}

static int give_cells(struct ffpf_bpf_state *s, char why[FFPF_WHY_MAX])
{
	const struct kmod_state *own = s->own;
	struct ffpf_kmod_cells cells = {.size = sizeof(cells),
					.abi = FFPF_KMOD_ABI,
					.fd = s->maps.map[FFPF_SYM_CELLS].fd,
					.stride = s->maps.stride};

	ffpf_ebpf_crossings_at(s->level->n_cells, s->n_flags, &cells.count, &cells.list);
	if (s->level->n_inflows == 1)
		cells.list = 0;
	return ffpf_kmod_call(&own->module, FFPF_KMOD_IOC_CELLS, &cells, "what crosses", why);
}

static void offer_rings(struct ffpf_bpf_state *s)
{
	const struct kmod_state *own = s->own;
	const struct ffpf_kmod *m = &own->module;
	unsigned n = s->level->n_inflows;
	struct ffpf_ring_set set = {.from = &ffpf_flowspace_kmod,
				    .n_rings = m->n_cpus,
				    .n_inflows = n,
				    .doorbell_clear = ffpf_kmod_bell_clear,
				    .arg = (void *)m,
				    .monotonic = true};
	const void **ibufs = ffpf_arena_alloc(s->run->arena, (size_t)m->n_cpus * n * sizeof(*ibufs));
	int *bells = ffpf_arena_alloc(s->run->arena, m->n_cpus * sizeof(*bells));

	set.rings = ffpf_arena_alloc(s->run->arena, m->n_cpus * sizeof(*set.rings));
	set.doorbell_fds = bells;
	for (unsigned i = 0; i < m->n_cpus; i++) {
		const uint8_t *rings = m->rings + (size_t)i * m->made.rings_stride;

		bells[i] = m->bells[i % m->n_bells];
		for (unsigned k = 0; k < n; k++)
			ibufs[i * n + k] = rings + m->made.ibuf_offset + k * m->made.ibuf_stride;
		set.rings[i] = (struct ffpf_reader_ring){
			.pbuf = rings,
			.pbuf_bytes = m->made.ibuf_offset,
			.ibufs = &ibufs[i * n],
			.ibuf_bytes = m->made.ibuf_stride,
			.n_inflows = n,
			.page = (struct ffpf_reader_page *)(m->pages + (size_t)i * (m->pages_bytes / m->n_cpus))};
	}
	ffpf_run_add_rings(s->run, &set);
}

static int make(struct ffpf_bpf_state *s, char why[FFPF_WHY_MAX])
{
	struct kmod_state *own = s->own;
	const struct ffpf_options *o = s->run->options;
	const struct ffpf_level *l = s->level;
	struct ffpf_kmod_create wanted = {0};
	int err = ffpf_kmod_open(&own->module, why);

	if (l->rings) {
		wanted.flags =
			(l->needs & FFPF_NEED_TIME ? FFPF_KMOD_TIME : 0) | (o->slow_reader ? FFPF_KMOD_SLOW_READER : 0);
		wanted.n_inflows = l->n_inflows;
		wanted.ring_bytes = o->buffer_size;
		wanted.ibuf_bytes = ffpf_ibuf_entries(o->buffer_size, l->n_inflows) * sizeof(struct ffpf_index);
		wanted.snaplen = ffpf_level_stored(l);
	}
	if (!err)
		err = ffpf_kmod_create(&own->module, &wanted, s->run->n_threads > 1 ? own->module.n_cpus : 1, why);
	for (size_t i = 0; !err && i < s->n_sources; i++)
		err = give_source(s, &s->sources[i], why);
	if (!err && l->rings)
		err = give_cells(s, why);
	return err;
}

/* ---- the flowspace's operations -------------------------------------------------------------- */

static int instantiate(const struct ffpf_flowspace *self, struct ffpf_run *run, void **state)
{
	struct kmod_state *own;
	struct ffpf_bpf_state *s;
	char why[FFPF_WHY_MAX] = "";
	int err = ffpf_bpf_instantiate(self, run, state);

	if (err)
		return err;
	s = *state;
	s->own = own = calloc(1, sizeof(*own));
	if (!own)
		return -ENOMEM;
	own->module.fd = -1;
	err = make(s, why);
	if (err)
		ffpf_run_fail(run, err, "%s", why[0] ? why : strerror(-err));
	else if (s->level->rings)
		offer_rings(s);
	return err;
}

static int activate(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;
	struct kmod_state *own = s->own;
	char why[FFPF_WHY_MAX] = "";
	int err = ffpf_bpf_activate(run, state);

	if (err)
		return err;
	err = ffpf_kmod_start(&own->module, why);
	if (err)
		ffpf_run_fail(run, err, "%s", why);
	return err;
}

static void deactivate(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;
	struct kmod_state *own = s->own;

	if (own)
		ffpf_kmod_stop(&own->module);
	ffpf_bpf_deactivate(run, state);
}

static void close_state(struct ffpf_run *run, void *state)
{
	struct ffpf_bpf_state *s = state;
	struct kmod_state *own = s->own;

	if (own)
		ffpf_kmod_close(&own->module);
	free(own);
	s->own = NULL;
	ffpf_bpf_close(run, state);
}

/* What the module has counted, by CPU: over all sources that reach the function. */
static bool native_cells(void *state, const struct ffpf_function *f, unsigned slot, uint64_t *cells)
{
	const struct ffpf_bpf_state *s = state;
	const struct kmod_state *own = s->own;
	const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);
	size_t total = 0;

	if (!own || !own->module.mbuf || slot >= own->module.n_cpus)
		return false;
	for (size_t i = 0; i < schema->n_fields; i++)
		total += schema->fields[i].cells ? schema->fields[i].cells : 1;
	memset(cells, 0, total * sizeof(*cells));
	for (size_t i = 0; i < own->n_natives; i++) {
		const uint64_t *from = (const uint64_t *)(own->module.mbuf + (size_t)slot * own->module.mbuf_stride) +
				       own->natives[i].first_cell;

		for (uint32_t k = 0; own->natives[i].function == f && k < own->natives[i].n_cells && k < total; k++)
			cells[k] += __atomic_load_n(&from[k], __ATOMIC_RELAXED);
	}
	return true;
}

const struct ffpf_flowspace ffpf_flowspace_kmod = {
	.name = "kmod",
	.help = "ffpf.ko in the kernel: eBPF, and C code that looks at whole packets, right behind tc",
	.parent = "user",
	.tags = true,
	.sees = sees,
	FFPF_BPF_LEVEL(ops),
	.instantiate = instantiate,
	.activate = activate,
	.deactivate = deactivate,
	.close = close_state,
	.native_cells = native_cells,
};
