/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user flowspace: the root, above every barrier. Runs the same fused eBPF
 * as the levels below, in the machine of vm/, and the classes that are C code.
 *
 * One program for each source whose packets come up here; each reader thread has cells of its own, so that nothing is
 * shared but what a class declares shared.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <lib/lang/arena.h>
#include <lib/run/run.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

extern const struct ffpf_flowspace ffpf_flowspace_user;

/* Functions in one program at most; the machine has no other limit than jump distances. */
#define PIECE_FUNCTIONS 2000

struct engine {
	struct ffpf_vm **pieces;
	uint8_t **tables; /* of each piece; NULL: none */
	size_t n;
};

struct native {
	const struct ffpf_native *ops;
	struct ffpf_function *function;
	void **objects; /* one, or one per thread */
	bool failed;
};

struct user_thread {
	struct user_state *state;
	uint64_t *cells;
	struct ffpf_user_ctx ctx;
	const struct ffpf_packet *packet;
	unsigned number;
};

struct user_state {
	struct ffpf_run *run;
	struct engine *engines; /* per source */
	size_t n_engines;
	struct native *natives;
	unsigned n_natives;
	struct user_thread *threads;
	unsigned n_threads;
	uint64_t *cells;
	size_t stride;
	uint64_t *shared;
	bool limits;
};

/* ---- placement ------------------------------------------------------------------------------- */

static bool live(const struct ffpf_graph *graph, const struct ffpf_function *f)
{
	for (size_t i = 0; i < f->n_sources; i++)
		if (!graph->sources[f->sources[i]]->instance.class->source)
			return true;
	return false;
}

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		   const char **reason)
{
	const struct ffpf_class *class = f->instance.class;

	if (class->role == FFPF_SOURCE && !class->source) {
		*reason = "userspace has no such source";
		return false;
	}
	if (class->flags & FFPF_CLASS_VERDICT && live(graph, f)) {
		*reason = "the packet has left the network path by the time userspace sees it";
		return false;
	}
	/* What came up from below has no other bytes here. */
	*reason = ffpf_flowspace_hidden_vlan(graph, f);
	return !*reason;
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	return source->instance.class->source ? "packets as they were captured" : "copies of what the level below saw";
}

/* ---- calls out of a program ------------------------------------------------------------------ */

static uint64_t call_native(void *env, uint64_t ctx, uint64_t number, uint64_t class, uint64_t r4, uint64_t r5)
{
	struct user_thread *t = env;
	struct native *n = &t->state->natives[number];

	return n->ops->process(n->objects[n->ops->parallel ? t->number : 0], t->packet, (uint32_t) class);
}

/* Differs between runs and threads. */
static uint64_t seed(void)
{
	uint64_t x = 0;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x) || !x)
		x = (uintptr_t)&x | 1;
	return x;
}

/* xorshift64*: sampling needs speed, not secrecy. */
static uint64_t call_random(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	static _Thread_local uint64_t x;

	if (!x)
		x = seed();
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (uint32_t)((x * 0x2545f4914f6cdd1dull) >> 32);
}

static const __typeof__(*((struct ffpf_vm_helpers *)0)->table) calls[] = {
	{FFPF_CALL_NATIVE, call_native},
	{BPF_FUNC_get_prandom_u32, call_random},
};

static const struct ffpf_vm_helpers helpers = {.table = calls, .n = sizeof(calls) / sizeof(calls[0])};

/* ---- instantiating --------------------------------------------------------------------------- */

static int keep_tables(const struct ffpf_ebpf_program *code, uint8_t **out)
{
	if (!code->n_data)
		return 0;
	*out = aligned_alloc(64, (code->n_data + 63) & ~(size_t)63);
	if (!*out)
		return -ENOMEM;
	memcpy(*out, code->data, code->n_data);
	return 0;
}

static int load_piece(struct user_state *s, struct ffpf_arena *arena, struct ffpf_program *ir, unsigned n_flags,
		      struct ffpf_vm **out, uint8_t **tables)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);
	struct ffpf_ebpf_options o = {.target = FFPF_EBPF_USER,
				      .n_cpus = 1,
				      .n_cells = level->n_cells,
				      .n_flags = n_flags,
				      .n_shared = level->n_shared,
				      .next_piece = -1,
				      .slow_piece = -1};
	struct ffpf_ebpf_program code;
	const char *why = "";
	int err = ffpf_ebpf_generate(arena, ir, &o, &code);

	if (!err)
		err = keep_tables(&code, tables);
	if (!err)
		err = ffpf_vm_new(code.insns, code.n, &helpers, out, &why);
	if (err && err != -E2BIG)
		ffpf_run_fail(s->run, err, "the userspace machine refuses a program of ours: %s", why);
	return err;
}

static int load_source(struct user_state *s, unsigned source, unsigned piece_functions)
{
	struct ffpf_run *run = s->run;
	struct ffpf_fuse_options o = {.piece_functions = piece_functions, .optimise = true};
	struct ffpf_arena *arena = ffpf_arena_new();
	struct engine *e = &s->engines[source];
	struct ffpf_fused fused;
	int err = ffpf_fuse(run->graph, run->layout, &ffpf_flowspace_user, source, &o, arena, &fused);

	if (!err && fused.n_pieces) {
		e->pieces = calloc(fused.n_pieces, sizeof(struct ffpf_vm *));
		e->tables = calloc(fused.n_pieces, sizeof(uint8_t *));
		if (!e->pieces || !e->tables)
			err = -ENOMEM;
	}
	for (size_t i = 0; !err && i < fused.n_pieces; i++) {
		err = load_piece(s, arena, fused.pieces[i], fused.n_flags, &e->pieces[i], &e->tables[i]);
		e->n = i + 1;
	}
	ffpf_arena_free(arena);
	return err;
}

static void free_engine(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++) {
		ffpf_vm_free(e->pieces[i]);
		free(e->tables[i]);
	}
	free(e->pieces);
	free(e->tables);
	*e = (struct engine){0};
}

static int load_sources(struct user_state *s)
{
	s->n_engines = s->run->graph->n_sources;
	s->engines = calloc(s->n_engines, sizeof(*s->engines));
	if (!s->engines)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n_engines; i++) {
		int err = -E2BIG;

		for (unsigned pieces = s->run->piece_functions ?: PIECE_FUNCTIONS; err == -E2BIG && pieces;
		     pieces /= 4) {
			free_engine(&s->engines[i]);
			err = load_source(s, i, pieces);
		}
		if (err) {
			ffpf_run_fail(s->run, err, "a function is too large for one program");
			return err;
		}
	}
	return 0;
}

/* Cells of all threads; scratch words follow each thread's cells, as the generator expects. */
static int make_cells(struct user_state *s)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);
	unsigned n_flags = (unsigned)s->run->graph->n_edges + (unsigned)s->run->graph->n_functions;

	s->stride = ffpf_ebpf_stride(level->n_cells, n_flags, 0);
	s->cells = aligned_alloc(64, s->stride * s->n_threads);
	s->shared = aligned_alloc(64, ((size_t)level->n_shared * 8 + 63) & ~(size_t)63 ?: 64);
	s->threads = calloc(s->n_threads, sizeof(*s->threads));
	if (!s->cells || !s->shared || !s->threads)
		return -ENOMEM;
	memset(s->cells, 0, s->stride * s->n_threads);
	memset(s->shared, 0, (size_t)level->n_shared * 8);
	for (unsigned i = 0; i < s->n_threads; i++) {
		struct user_thread *t = &s->threads[i];

		t->state = s;
		t->number = i;
		t->cells = (uint64_t *)((char *)s->cells + i * s->stride);
		t->ctx.cells = t->cells;
		t->ctx.shared = s->shared;
		t->ctx.cpu = i;
		ffpf_layout_initial_cells(s->run->graph, &ffpf_flowspace_user, t->cells, s->shared);
	}
	ffpf_run_add_cells(s->run,
			   &(struct ffpf_cells){&ffpf_flowspace_user, s->cells, s->stride, s->n_threads, s->shared});
	return 0;
}

static int open_native(struct user_state *s, struct native *n, unsigned thread)
{
	struct ffpf_graph *graph = s->run->graph;
	struct ffpf_instance *instance = &n->function->instance;
	const char *why = NULL;
	int err;

	if (n->function->n_sources == 1)
		instance->input = &graph->source_info[n->function->sources[0]];
	instance->sources = graph->source_info;
	instance->n_sources = graph->n_sources;
	instance->diags = NULL;
	err = n->ops->open(instance, thread, &n->objects[thread], &why);
	if (err) {
		n->objects[thread] = NULL;
		ffpf_run_fail(s->run, err, "%s: %s", instance->name, why ? why : strerror(-err));
	}
	return err;
}

static int open_natives(struct user_state *s)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);

	s->natives = calloc(level->n_natives + 1, sizeof(*s->natives));
	if (!s->natives)
		return -ENOMEM;
	for (unsigned i = 0; i < level->n_natives; i++) {
		struct native *n = &s->natives[i];

		n->function = level->natives[i];
		n->ops = n->function->instance.class->native;
		n->objects = calloc(s->n_threads, sizeof(void *));
		if (!n->objects)
			return -ENOMEM;
		s->n_natives = i + 1;
		for (unsigned t = 0; t < (n->ops->parallel ? s->n_threads : 1); t++) {
			int err = open_native(s, n, t);

			if (err)
				return err;
		}
	}
	return 0;
}

static int instantiate(struct ffpf_run *run, void **state)
{
	struct user_state *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*state = s;
	s->run = run;
	s->n_threads = run->n_threads ? run->n_threads : 1;
	s->limits = run->n_limits > 0;
	err = make_cells(s);
	if (!err)
		err = load_sources(s);
	if (!err)
		err = open_natives(s);
	return err;
}

/* ---- running --------------------------------------------------------------------------------- */

static void report_error(struct user_state *s, struct native *n, unsigned thread)
{
	const char *why = NULL;
	int err;

	if (n->failed || !n->ops->error)
		return;
	err = n->ops->error(n->objects[n->ops->parallel ? thread : 0], &why);
	if (!err)
		return;
	n->failed = true;
	ffpf_run_fail(s->run, err, "%s: %s", n->function->instance.name, why ? why : strerror(-err));
}

static void run_packet(struct user_state *s, struct user_thread *t, const struct ffpf_packet *p, const uint32_t *ghosts)
{
	const struct engine *e = &s->engines[p->source];

	t->packet = p;
	t->ctx.data = p->data;
	t->ctx.data_end = p->data + p->caplen;
	t->ctx.ghosts = ghosts;
	t->ctx.time = p->time_ns;
	t->ctx.len = p->len;
	t->ctx.caplen = p->caplen;
	t->ctx.ifindex = p->ifindex;
	t->ctx.queue = p->queue;
	t->ctx.dir = p->dir;
	for (size_t i = 0; i < e->n; i++) {
		t->ctx.tables = e->tables[i];
		ffpf_vm_run(e->pieces[i], &t->ctx, t);
	}
}

static void consume(void *state, unsigned thread, const struct ffpf_packet *packets, const uint32_t *classes,
		    unsigned n_inflows, size_t n)
{
	struct user_state *s = state;
	struct user_thread *t = &s->threads[thread];

	for (size_t i = 0; i < n; i++) {
		run_packet(s, t, &packets[i], classes ? &classes[i * n_inflows] : NULL);
		/* A graph that has had its n packets ends with the very packet, not with the batch. */
		if (s->limits) {
			ffpf_run_check_exhausted(s->run);
			if (s->run->exhausted && !classes)
				break;
		}
	}
	for (unsigned i = 0; i < s->n_natives; i++)
		report_error(s, &s->natives[i], thread);
}

static void idle(void *state, unsigned thread)
{
	struct user_state *s = state;

	for (unsigned i = 0; i < s->n_natives; i++) {
		struct native *n = &s->natives[i];

		if (n->ops->flush && (n->ops->parallel || !thread))
			n->ops->flush(n->objects[n->ops->parallel ? thread : 0]);
		report_error(s, n, thread);
	}
}

/* Whoever waits for the reader of a pipe must not keep the run from ending. */
static void deactivate(struct ffpf_run *run, void *state)
{
	struct user_state *s = state;

	for (unsigned i = 0; i < s->n_natives; i++)
		for (unsigned t = 0; s->natives[i].ops->end && t < s->n_threads; t++)
			if (s->natives[i].objects[t])
				s->natives[i].ops->end(s->natives[i].objects[t]);
}

static void close_state(struct ffpf_run *run, void *state)
{
	struct user_state *s = state;

	for (unsigned i = 0; s->natives && i < s->n_natives; i++) {
		for (unsigned t = 0; t < s->n_threads; t++)
			if (s->natives[i].objects[t])
				s->natives[i].ops->close(s->natives[i].objects[t]);
		free(s->natives[i].objects);
	}
	for (size_t i = 0; s->engines && i < s->n_engines; i++)
		free_engine(&s->engines[i]);
	free(s->natives);
	free(s->engines);
	free(s->threads);
	free(s->cells);
	free(s->shared);
	free(s);
}

/* ---- results of C classes -------------------------------------------------------------------- */

static void *object(void *state, const struct ffpf_function *f, unsigned thread)
{
	const struct user_state *s = state;
	const struct ffpf_function_layout *l = f->layout;

	if (f->level != &ffpf_flowspace_user || l->native >= s->n_natives || thread >= s->n_threads)
		return NULL;
	return s->natives[l->native].objects[thread];
}

static int list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_options *options,
		bool bytecode, FILE *out)
{
	return ffpf_ebpf_list(graph, layout, &ffpf_flowspace_user, bytecode, out);
}

const struct ffpf_flowspace ffpf_flowspace_user = {
	.name = "user",
	.help = "reader threads in this process: savefiles, sinks, whatever the kernel can't do",
	.offers = offers,
	.sees = sees,
	.instantiate = instantiate,
	.deactivate = deactivate,
	.close = close_state,
	.consume = consume,
	.idle = idle,
	.object = object,
	.list = list,
};
