/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --replay: the packets of a savefile through the very programs that would run
 * on the wire, with BPF_PROG_TEST_RUN.
 *
 * The test runner does not know a packet's original length, time or interface:
 * they travel beside it in the inject map. What it refuses (frames under 14 bytes, or longer than it can hold) is run
 * by the reference interpreter, on the same cells and rings, and counted as interpreted.
 */
#include <flowspaces/bpf/replay_maps.h>
#include <flowspaces/bpf/tap.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MIN 14

struct ffpf_bpf_replay {
	struct ffpf_arena *arena;
	uint32_t *flags;
	uint32_t *crossed; /* class per in-flow of the packet at hand */
	struct ffpf_ring_header **ibufs;
	struct ffpf_writer writer;
	uint64_t *cells;
	unsigned cpu;  /* whose cells and rings these are */
	uint8_t *copy; /* programs may write to the packet */
	const struct ffpf_bpf_maps *maps;
	struct ffpf_bpf_held *held; /* entries of maps that the packet's program has */
	struct ffpf_bpf_state *s;
	struct ffpf_packet packet; /* at hand, as programs have changed it */
};

#define PACKET_BYTES (256u << 10)

/* The cells and rings that a program on this CPU uses: packets stay in one order whoever runs them. */
static void aim(struct ffpf_bpf_state *s, unsigned cpu)
{
	struct ffpf_bpf_replay *r = s->replay;
	const struct ffpf_bpf_map *map = s->maps.map;
	unsigned n = s->level->n_inflows;

	r->cpu = cpu;
	r->cells = (uint64_t *)((char *)map[FFPF_SYM_CELLS].memory + (size_t)cpu * s->maps.stride);
	for (unsigned k = 0; k < n; k++)
		r->ibufs[k] =
			(void *)((char *)map[FFPF_SYM_IBUF].memory + ((size_t)cpu * n + k) * map[FFPF_SYM_IBUF].entry);
	r->writer = (struct ffpf_writer){.ibufs = r->ibufs,
					 .n_inflows = n,
					 .n_readers = 1,
					 .slow_reader = s->run->options->slow_reader,
					 .snaplen = s->maps.largest};
	if (!n)
		return;
	r->writer.pbuf = (void *)((char *)map[FFPF_SYM_PBUF].memory + (size_t)cpu * map[FFPF_SYM_PBUF].entry);
	r->writer.readers = (void *)((char *)map[FFPF_SYM_READERS].memory + (size_t)cpu * map[FFPF_SYM_READERS].entry);
}

int ffpf_bpf_replay_prepare(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_replay *r = calloc(1, sizeof(*r));
	unsigned n = s->level->n_inflows;
	int err = 0;

	if (!r)
		return -ENOMEM;
	s->replay = r;
	r->s = s;
	r->maps = &s->maps;
	r->arena = ffpf_arena_new();
	r->flags = ffpf_arena_alloc(r->arena, s->n_flags * sizeof(*r->flags) + 4);
	r->crossed = ffpf_arena_alloc(r->arena, n * sizeof(*r->crossed) + 4);
	r->ibufs = ffpf_arena_alloc(r->arena, n * sizeof(struct ffpf_ring_header *) + 1);
	r->copy = malloc(PACKET_BYTES);
	if (!r->copy)
		return -ENOMEM;
	aim(s, 0);
	for (size_t i = 0; !err && i < s->n_sources; i++)
		err = ffpf_bpf_reference_new(s, s->sources[i].source, &s->sources[i].reference);
	return err;
}

int ffpf_bpf_reference_new(struct ffpf_bpf_state *s, unsigned source, struct ffpf_bpf_reference **out)
{
	struct ffpf_bpf_reference *reference = calloc(1, sizeof(*reference));
	int err;

	if (!reference)
		return -ENOMEM;
	reference->arena = ffpf_arena_new();
	err = ffpf_bpf_fuse(s, source, UINT32_MAX, NULL, reference->arena, &reference->fused);
	if (err) {
		ffpf_bpf_reference_free(reference);
		return err;
	}
	*out = reference;
	return 0;
}

void ffpf_bpf_reference_free(struct ffpf_bpf_reference *reference)
{
	if (reference)
		ffpf_arena_free(reference->arena);
	free(reference);
}

void ffpf_bpf_replay_close(struct ffpf_bpf_state *s)
{
	if (!s->replay)
		return;
	for (size_t i = 0; i < s->n_sources; i++) {
		ffpf_bpf_reference_free(s->sources[i].reference);
		s->sources[i].reference = NULL;
	}
	ffpf_arena_free(s->replay->arena);
	free(s->replay->copy);
	free(s->replay);
	s->replay = NULL;
}

static uint32_t random_bits(void *arg)
{
	return (uint32_t)random() << 1 ^ (uint32_t)random();
}

static void crossed(void *arg, unsigned inflow, uint32_t class)
{
	((struct ffpf_bpf_replay *)arg)->crossed[inflow] = class;
}

static void tap(void *arg, unsigned number, uint32_t class)
{
	struct ffpf_bpf_replay *r = arg;

	ffpf_bpf_tap_put(r->s, number, &r->packet, class);
}

static uint64_t *map_find(void *arg, unsigned map, const uint8_t *key)
{
	struct ffpf_bpf_replay *r = arg;

	return ffpf_bpf_replay_find(&r->held, r->maps, map, key);
}

static uint32_t map_add(void *arg, unsigned map, const uint8_t *key)
{
	return ffpf_bpf_replay_add(((struct ffpf_bpf_replay *)arg)->maps, map, key);
}

static void map_remove(void *arg, unsigned map, const uint8_t *key)
{
	struct ffpf_bpf_replay *r = arg;

	ffpf_bpf_replay_remove(r->held, r->maps, map, key);
}

static void interpret(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x, const struct ffpf_packet *p)
{
	const struct ffpf_fused *fused = &__atomic_load_n(&x->reference, __ATOMIC_SEQ_CST)->fused;
	struct ffpf_bpf_replay *r = s->replay;
	uint32_t caplen = p->caplen < PACKET_BYTES ? p->caplen : PACKET_BYTES;
	int cpu = sched_getcpu();

	if (cpu >= 0 && (unsigned)cpu != r->cpu && (unsigned)cpu < s->maps.n_cpus)
		aim(s, (unsigned)cpu);
	struct ffpf_ir_env env = {.cells = r->cells,
				  .n_cells = s->level->n_cells,
				  .shared = s->maps.map[FFPF_SYM_SHARED].memory,
				  .n_shared = s->level->n_shared,
				  .wanted = s->maps.map[FFPF_SYM_WANTED].memory,
				  .n_wanted = s->level->n_wanted,
				  .flags = r->flags,
				  .random = random_bits,
				  .cross = crossed,
				  .tap = tap,
				  .map_find = map_find,
				  .map_add = map_add,
				  .map_remove = map_remove,
				  .arg = r,
				  .meta = {[FFPF_META_LEN] = p->len,
					   [FFPF_META_CAPLEN] = p->caplen,
					   [FFPF_META_TIME] = p->time_ns,
					   [FFPF_META_IFINDEX] = p->ifindex,
					   [FFPF_META_QUEUE] = p->queue,
					   [FFPF_META_DIR] = p->dir}};
	bool any = false;

	memset(r->crossed, 0, s->level->n_inflows * sizeof(*r->crossed));
	memcpy(r->copy, p->data, caplen);
	r->packet = *p;
	r->packet.data = r->copy;
	r->packet.caplen = caplen;
	for (size_t i = 0; i < fused->n_pieces; i++)
		ffpf_ir_run(fused->pieces[i], &env, r->copy, caplen);
	ffpf_bpf_replay_release(&r->held, r->maps);
	for (unsigned k = 0; k < s->level->n_inflows; k++)
		any |= r->crossed[k] != 0;
	if (any)
		ffpf_writer_put(&r->writer, p, r->crossed);
	s->run->interpreted++;
}

static const struct ffpf_bpf_source *find(const struct ffpf_bpf_state *s, unsigned source)
{
	for (size_t i = 0; i < s->n_sources; i++)
		if (s->sources[i].source == source)
			return &s->sources[i];
	return NULL;
}

/* The first piece of the fast program, and for tests of the slow one. */
static int entry(const struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x)
{
	const int *fds = __atomic_load_n(&x->fds, __ATOMIC_SEQ_CST);

	return fds[s->run->slow ? x->n_fds / 2 : 0];
}

void ffpf_bpf_replay(void *state, const struct ffpf_packet *packets, size_t n)
{
	struct ffpf_bpf_state *s = state;
	struct ffpf_inject *inject = s->maps.map[FFPF_SYM_INJECT].memory;

	s->passes++;
	for (size_t i = 0; i < n; i++) {
		const struct ffpf_packet *p = &packets[i];
		const struct ffpf_bpf_source *x = find(s, p->source);
		uint32_t action;

		*inject = (struct ffpf_inject){
			.time = p->time_ns, .len = p->len, .ifindex = p->ifindex, .queue = p->queue, .dir = p->dir};
		if (p->caplen < FRAME_MIN || ffpf_bpf_test_run(entry(s, x), p->data, p->caplen, 1, &action, NULL) < 0)
			interpret(s, x, p);
		if (s->limits) {
			ffpf_run_check_exhausted(s->run);
			if (s->run->exhausted)
				break;
		}
	}
	s->passes++;
}
