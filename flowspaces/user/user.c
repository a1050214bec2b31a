/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user flowspace: the root, above every barrier. Runs the same fused eBPF
 * as the levels below, in the machine of vm/, and the classes that are C code.
 *
 * One program for each source whose packets come up here; each reader thread has cells of its own, so that nothing is
 * shared but what a class declares shared.
 */
#include <flowspaces/user/dissect.h>
#include <flowspaces/user/user.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

/* Link types (DLT_) whose packets say what is in them. */
enum { LINK_ETHERNET = 1, LINK_RAW = 12, LINK_COOKED = 113 };

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
	if (ffpf_instance_flags(&f->instance) & FFPF_CLASS_VERDICT && live(graph, f)) {
		*reason = "the packet has left the network path by the time userspace sees it";
		return false;
	}
	if (ffpf_object_use(f) && ffpf_object_use(f)->refusal) {
		*reason = ffpf_object_use(f)->refusal;
		return false;
	}
	if (live(graph, f) && ffpf_flowspace_needs(graph, f) & FFPF_NEED_MARK) {
		*reason = "copies of packets carry no mark, priority or tunnel key";
		return false;
	}
	/* What came up from below has no other bytes here. */
	*reason = ffpf_flowspace_hidden_vlan(graph, f, true);
	return !*reason;
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	return source->instance.class->source ? "packets as they were captured" : "copies of what the level below saw";
}

/* Programs write to a copy, which C classes then see, too. copy may be the packet itself. */
static const struct ffpf_packet *writable(const struct ffpf_packet *p, uint8_t *bytes, struct ffpf_packet *copy)
{
	*copy = *p;
	if (copy->caplen > COPY_BYTES)
		copy->caplen = COPY_BYTES;
	memcpy(bytes, copy->data, copy->caplen);
	copy->data = bytes;
	return copy;
}

/* ---- calls out of a program ------------------------------------------------------------------ */

/* Leaves the packet for the programs behind the function, which run when those of the packet that came have ended. */
static uint32_t change(struct user_thread *t, struct native *n, const struct ffpf_packet *packet, uint32_t class)
{
	struct user_changed *c = &t->changed[n - t->state->natives];

	c->packet = *packet;
	class = n->ops->transform(n->objects[n->ops->parallel ? t->number : 0], packet, class, &c->packet);
	c->there = class != 0;
	c->ghosts[0] = class;
	c->ghosts[1] = t->trace_at ? *(const uint32_t *)((const char *)t->cells + t->trace_at) : 0;
	/* What did not change may lie where programs write before it is looked at. */
	if (class && t->engines->writes)
		writable(&c->packet, c->copy, &c->packet);
	return class;
}

static uint64_t call_native(void *env, uint64_t packet, uint64_t number, uint64_t class, uint64_t r4, uint64_t r5)
{
	struct user_thread *t = env;
	struct native *n = &t->state->natives[number];

	if (n->ops->transform)
		return change(t, n, (const struct ffpf_packet *)(uintptr_t)packet, (uint32_t) class);
	return n->ops->process(n->objects[n->ops->parallel ? t->number : 0],
			       (const struct ffpf_packet *)(uintptr_t)packet, (uint32_t) class);
}

static uint64_t call_program(void *env, uint64_t ctx, uint64_t function, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct user_thread *t = env;

	return ffpf_vm_run(t->engines->apart[function], &t->ctx, 0, env);
}

static uint64_t call_tap(void *env, uint64_t packet, uint64_t number, uint64_t class, uint64_t r4, uint64_t r5)
{
	struct user_thread *t = env;

	ffpf_tap_put(t->state->run, (unsigned)number, t->number, (const struct ffpf_packet *)(uintptr_t)packet,
		     (uint32_t) class);
	return 0;
}

const struct ffpf_vm_helper_info ffpf_user_calls[] = {
	{.id = FFPF_CALL_TAP, .name = "tap", .function = call_tap},
	{.id = FFPF_CALL_NATIVE, .name = "native", .function = call_native},
	{.id = FFPF_CALL_PROGRAM, .name = "program", .function = call_program},
	{.id = BPF_FUNC_get_prandom_u32, .name = "get_prandom_u32", .function = ffpf_vm_random},
};

const size_t ffpf_user_n_calls = sizeof(ffpf_user_calls) / sizeof(ffpf_user_calls[0]);

/* ---- instantiating --------------------------------------------------------------------------- */

/* Where users' programs come into being: those that this level's functions are. */
static int make_engines(struct user_state *s)
{
	const struct ffpf_graph *graph = s->run->graph;
	const struct ffpf_object_use **uses = calloc(graph->n_functions + 1, sizeof(struct ffpf_object_use *));
	struct engines *engines = NULL;
	char why[FFPF_USER_WHY];
	int err;

	if (!uses)
		return -ENOMEM;
	for (size_t i = 0; i < graph->n_functions; i++)
		if (graph->functions[i]->level == &ffpf_flowspace_user)
			uses[i] = ffpf_object_use(graph->functions[i]);
	err = ffpf_engines_new(s, uses, NULL, &engines, why, sizeof(why));
	free(uses);
	if (err)
		ffpf_run_fail(s->run, err, "%s", why);
	else
		s->engines = engines;
	return err;
}

/* Cells of all threads; scratch words follow each thread's cells, as the generator expects. */
static int make_cells(struct user_state *s)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);
	unsigned n_flags = (unsigned)s->run->graph->n_edges + (unsigned)s->run->graph->n_functions;

	s->stride = ffpf_ebpf_stride(level->n_cells, n_flags, 0, 0);
	s->cells = aligned_alloc(64, s->stride * s->n_threads);
	s->shared = aligned_alloc(64, ((size_t)level->n_shared * 8 + 63) & ~(size_t)63 ?: 64);
	s->wanted = calloc(level->n_wanted + 1, sizeof(*s->wanted));
	s->threads = calloc(s->n_threads, sizeof(*s->threads));
	if (!s->cells || !s->shared || !s->wanted || !s->threads)
		return -ENOMEM;
	memset(s->cells, 0, s->stride * s->n_threads);
	memset(s->shared, 0, (size_t)level->n_shared * 8);
	for (unsigned i = 0; i < s->n_threads; i++) {
		struct user_thread *t = &s->threads[i];

		t->copy = malloc(COPY_BYTES); /* touched only where programs write */
		t->changed = calloc(level->n_natives + 1, sizeof(*t->changed));
		if (!t->copy || !t->changed)
			return -ENOMEM;
		for (unsigned k = 0; k < level->n_natives; k++) {
			if (ffpf_changes_packets(level->natives[k]))
				t->changed[k].copy = malloc(COPY_BYTES); /* and so is this */
			if (ffpf_changes_packets(level->natives[k]) && !t->changed[k].copy)
				return -ENOMEM;
		}
		t->state = s;
		t->number = i;
		t->env.cpu = i;
		t->cells = (uint64_t *)((char *)s->cells + i * s->stride);
		t->ctx.cells = t->cells;
		t->ctx.shared = s->shared;
		t->ctx.wanted = s->wanted;
		t->ctx.cpu = i;
		ffpf_layout_initial_cells(s->run->graph, &ffpf_flowspace_user, t->cells, s->shared);
	}
	ffpf_run_add_cells(s->run, &(struct ffpf_cells){&ffpf_flowspace_user, s->cells, s->stride, s->n_threads,
							s->shared, s->wanted});
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

static int instantiate(const struct ffpf_flowspace *self, struct ffpf_run *run, void **state)
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
		err = ffpf_user_class_maps_make(s);
	if (!err)
		err = make_engines(s);
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

/* The packet's EtherType as the stack would have it, in network order. */
static uint16_t protocol(uint16_t linktype, const struct ffpf_packet *p)
{
	uint16_t type = 0;
	uint32_t at = linktype == LINK_ETHERNET ? 12 : linktype == LINK_COOKED ? 14 : UINT32_MAX;

	if (at != UINT32_MAX && p->caplen >= at + sizeof(type))
		memcpy(&type, p->data + at, sizeof(type));
	else if (linktype == LINK_RAW && p->caplen)
		type = p->data[0] >> 4 == 6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	return type;
}

/* What users' programs find beside what the generated program itself puts into their context. */
static void describe(struct user_thread *t, const struct engine *e, const struct ffpf_packet *p)
{
	t->env.time = e->captured ? &t->ctx.time : NULL;
	if (t->engines->buffers)
		t->ctx.protocol = protocol(e->linktype, p);
}

static void run_programs(struct user_thread *t, const struct engine *e, const struct user_programs *programs,
			 const struct ffpf_packet *p, const uint32_t *ghosts)
{
	if (t->engines->programs)
		describe(t, e, p);
	t->ctx.ghosts = ghosts;
	t->trace_at = programs->trace_at;
	for (size_t i = 0; i < programs->n; i++)
		ffpf_vm_run(programs->pieces[i], (void *)p, (uintptr_t)&t->ctx, t);
}

static void run_packet(struct user_thread *t, const struct ffpf_packet *p, const uint32_t *ghosts)
{
	const struct engine *e = &t->engines->of[p->source];
	struct ffpf_packet copy;

	if (t->engines->writes)
		p = writable(p, t->copy, &copy);
	run_programs(t, e, &e->programs, p, ghosts);
	/* In the order of the packets: a stage may leave one for a later stage. */
	for (size_t i = 0; i < e->n_stages; i++) {
		struct user_changed *c = &t->changed[e->stages[i].native];

		if (!c->there)
			continue;
		c->there = false;
		run_programs(t, e, &e->stages[i].programs, &c->packet, c->ghosts);
	}
}

static void consume(void *state, unsigned thread, const struct ffpf_packet *packets, const uint32_t *classes,
		    unsigned n_inflows, size_t n)
{
	struct user_state *s = state;
	struct user_thread *t = &s->threads[thread];
	ffpf_vm_loop loop;

	t->passes++;
	t->engines = s->engines;
	/* Without classes all packets are of one source (lib/run/lane.c). */
	loop = !classes && n && !s->limits ? t->engines->of[packets[0].source].loop : NULL;
	if (loop) {
		describe(t, &t->engines->of[packets[0].source], packets);
		loop((void *)packets, n, (uintptr_t)&t->ctx, t);
	}
	for (size_t i = 0; !loop && i < n; i++) {
		run_packet(t, &packets[i], classes ? &classes[i * n_inflows] : NULL);
		/* A graph that has had its n packets ends with the very packet, not with the batch. */
		if (s->limits) {
			ffpf_run_check_exhausted(s->run);
			if (s->run->exhausted && !classes)
				break;
		}
	}
	t->passes++;
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

static void free_thread(struct user_state *s, struct user_thread *t)
{
	const struct ffpf_level *level = ffpf_layout_level(s->run->layout, &ffpf_flowspace_user);

	for (unsigned k = 0; t->changed && k < level->n_natives; k++)
		free(t->changed[k].copy);
	free(t->changed);
	free(t->copy);
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
	ffpf_engines_free(s->engines);
	ffpf_user_class_maps_free(s);
	for (unsigned i = 0; s->threads && i < s->n_threads; i++)
		free_thread(s, &s->threads[i]);
	free(s->natives);
	free(s->threads);
	free(s->cells);
	free(s->shared);
	free(s->wanted);
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

static int list(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_layout *layout,
		bool bytecode, FILE *out)
{
	return ffpf_ebpf_list(graph, layout, self, FFPF_EBPF_USER, bytecode, out);
}

static void describe_line(const struct ffpf_packet *packet, char *out, size_t size)
{
	struct text text = {.at = out, .end = out + size - 1};

	ffpf_dissect_line(&text, packet);
	*text.at = '\0';
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
	.map = ffpf_engines_map,
	.replace = ffpf_engines_replace,
	.list = list,
	.describe = describe_line,
};
