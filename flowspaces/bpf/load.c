/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of a level: each source's functions are fused, generated
 * twice (packets linear in memory; packets in fragments), bound to the maps and
 * loaded. Pieces find each other through a program array.
 *
 * Programs are loaded without a log; one that is refused is loaded once more with it, for the message.
 */
#include <flowspaces/bpf/bpf.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ffpf_bpf_fuse(struct ffpf_bpf_state *s, unsigned source, unsigned piece_functions,
		  const struct ffpf_function *stage, struct ffpf_arena *arena, struct ffpf_fused *out)
{
	const struct ffpf_fuse_options o = {.piece_functions = s->ops->apart ? UINT32_MAX : piece_functions,
					    .optimise = true,
					    .natives_apart = s->ops->apart,
					    .take = s->run->graph->source_info[source].take,
					    .stage = stage};

	return ffpf_fuse(s->run->graph, s->run->layout, s->ops->flowspace, source, &o, arena, out);
}

static void relocate(const struct ffpf_bpf_maps *maps, int tables, int below, struct ffpf_ebpf_program *code)
{
	for (size_t i = 0; i < code->n_relocs; i++) {
		struct bpf_insn *in = &code->insns[code->relocs[i].insn];

		if (code->relocs[i].symbol == FFPF_SYM_TABLES)
			in->imm = tables;
		else if (code->relocs[i].symbol == FFPF_SYM_BELOW)
			in->imm = below;
		else if (code->relocs[i].symbol == FFPF_SYM_TAP)
			in->imm = maps->taps[code->relocs[i].number];
		else if (code->relocs[i].symbol == FFPF_SYM_MAP)
			in->imm = maps->class_maps[code->relocs[i].number].fd;
		else
			in->imm = code->relocs[i].symbol == FFPF_SYM_DOORBELL ? maps->bells[code->relocs[i].number].fd
									      : maps->map[code->relocs[i].symbol].fd;
	}
}

/* From the next level below and to the next above, where they are the kernel's, too. */
static void add_hops(const struct ffpf_bpf_state *s, unsigned source, struct ffpf_arena *arena,
		     struct ffpf_ebpf_options *o)
{
	const struct ffpf_hop *from = ffpf_layout_hop_from(s->run->layout, s->ops->flowspace, source),
			      *to = ffpf_layout_hop_to(s->run->layout, s->ops->flowspace, source);
	const struct ffpf_bpf_state *below = to ? ffpf_run_state(s->run, to->lower->flowspace) : NULL;
	unsigned *slots;

	o->magic = s->run->magic + source ?: 1;
	/* Where no source's packets leave the kernel there are no rings. */
	if (!s->level->rings || s->ops->apart)
		o->up = FFPF_UP_LEAVE;
	if (from) {
		slots = ffpf_arena_alloc(arena, (s->level->n_inflows + 1) * sizeof(*slots));
		o->n_slots = ffpf_layout_slots(s->run->graph, s->level, source, slots);
		o->slots = slots;
		o->up = s->ops->type == BPF_PROG_TYPE_XDP ? FFPF_UP_META : FFPF_UP_CB;
		o->sent = from->sent;
		o->keeps = from->kept;
	}
	if (to) {
		slots = ffpf_arena_alloc(arena, (to->lower->n_inflows + 1) * sizeof(*slots));
		o->n_below = ffpf_layout_slots(s->run->graph, to->lower, source, slots);
		o->below_slots = slots;
		o->down = below && below->ops->type != BPF_PROG_TYPE_XDP ? FFPF_DOWN_CB : FFPF_DOWN_META;
		o->came = to->came;
		o->kept = to->kept;
		o->below_cells = to->lower->n_cells;
		o->below_inflows = to->lower->n_inflows;
		o->below_stride = below ? below->maps.stride : 64;
	}
}

/* The programs of a stage. */
struct part {
	const struct ffpf_function *stage; /* that made its packets; NULL: they came */
	struct ffpf_fused fused;
	size_t first; /* among the pieces of all stages */
};

struct parts {
	struct part part[FFPF_BPF_STAGES_MAX];
	unsigned n;
	size_t n_pieces;
};

/* What C code makes of packets is not what came up. */
static void add_stage(const struct ffpf_bpf_state *s, unsigned stage, struct ffpf_arena *arena,
		      struct ffpf_ebpf_options *o)
{
	unsigned *slots = ffpf_arena_alloc(arena, 2 * sizeof(*slots));

	slots[0] = s->stage_slot;
	slots[1] = s->stage_slot + stage;
	o->down = FFPF_DOWN_STAGE;
	o->below_slots = slots;
}

/* C code before and behind a piece. */
static void add_calls(const struct ffpf_bpf_state *s, const struct ffpf_fused *fused, size_t piece, unsigned makes,
		      struct ffpf_ebpf_options *o)
{
	if (fused->calls[piece].function) {
		o->call_word = fused->calls[piece].word + 1;
		o->next_piece = -1;
		if (makes && fused->trace_number != UINT_MAX)
			o->number_word = fused->trace_number + 1;
		o->number_slot = s->stage_slot + makes;
	}
	if (piece && fused->calls[piece - 1].function)
		o->result_word = fused->result + 1;
}

static struct ffpf_ebpf_options options(const struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x,
					const struct part *part, size_t piece, bool slow, struct ffpf_arena *arena)
{
	const struct ffpf_level *l = s->level;
	const struct ffpf_fused *fused = &part->fused;
	const struct ffpf_bpf_piece *of = &x->pieces[part->first + piece];
	size_t base = part->first + (slow ? x->n_pieces : 0);

	struct ffpf_ebpf_options o = {
		.target = slow ? s->ops->slow : s->ops->fast,
		.callees = s->users ? s->users->callees : NULL,
		.n_callees = s->users ? s->users->n_callees : 0,
		.replay = s->run->options->replay,
		.n_cpus = s->maps.n_cpus,
		.n_bells = s->maps.map[FFPF_SYM_DOORBELLS].fd < 0 ? s->maps.n_bells : 0,
		.n_cells = l->n_cells,
		.stride = s->maps.stride,
		.n_shared = l->n_shared,
		.source = (uint8_t)x->source,
		.dir = x->dir,
		.n_inflows = l->n_inflows,
		.snaplen = s->maps.largest,
		.time = l->needs & FFPF_NEED_TIME,
		.ring_size = s->maps.ring_size,
		.ibuf_bytes = s->maps.ibuf_bytes,
		.slow_reader = s->run->options->slow_reader,
		.next_piece = piece + 1 < fused->n_pieces ? (int)(base + piece + 1) : -1,
		/* The same piece of the slow program: those before it have run. */
		.slow_piece = slow ? -1 : (int)(x->n_pieces + part->first + piece),
		.verdicts = fused->verdicts,
		.n_flags = s->n_flags,
		.first = !piece,
	};

	add_calls(s, fused, piece, of->makes, &o);
	add_hops(s, x->source, arena, &o);
	if (of->stage)
		add_stage(s, of->stage, arena, &o);
	return o;
}

/* The map of the level below's cells; -1: there is none. */
static int cells_below(const struct ffpf_bpf_state *s, unsigned source)
{
	const struct ffpf_hop *to = ffpf_layout_hop_to(s->run->layout, s->ops->flowspace, source);
	const struct ffpf_bpf_state *below = to ? ffpf_run_state(s->run, to->lower->flowspace) : NULL;

	return below ? below->maps.map[FFPF_SYM_CELLS].fd : -1;
}

/* All stages of a source. */
static int fuse_parts(struct ffpf_bpf_state *s, unsigned source, unsigned piece_functions, struct ffpf_arena *arena,
		      struct parts *out, char why[FFPF_WHY_MAX])
{
	const struct ffpf_function *stage = NULL;
	int err;

	*out = (struct parts){0};
	do {
		struct part *part = &out->part[out->n];

		if (out->n++ == FFPF_BPF_STAGES_MAX) {
			snprintf(why, FFPF_WHY_MAX, "more than %d functions in it change packets",
				 FFPF_BPF_STAGES_MAX - 1);
			return -E2BIG;
		}
		*part = (struct part){.stage = stage, .first = out->n_pieces};
		err = ffpf_bpf_fuse(s, source, piece_functions, stage, arena, &part->fused);
		out->n_pieces += part->fused.n_pieces;
	} while (!err && ffpf_fuse_next_stage(s->run->graph, s->ops->flowspace, source, &stage));
	if (!err && out->n_pieces > FFPF_BPF_PIECES_MAX) {
		snprintf(why, FFPF_WHY_MAX,
			 "it would take %zu programs one after the other, and %d may follow each other", out->n_pieces,
			 FFPF_BPF_PIECES_MAX);
		err = -E2BIG;
	}
	return err;
}

static unsigned stage_of(const struct parts *parts, const struct ffpf_function *maker)
{
	for (unsigned i = 1; maker && i < parts->n; i++)
		if (parts->part[i].stage == maker)
			return i;
	return 0;
}

/* Room for the programs, and what each is. */
static int describe_pieces(struct ffpf_bpf_source *x, const struct parts *parts)
{
	x->fds = calloc(parts->n_pieces * 2 + 1, sizeof(*x->fds));
	x->pieces = calloc(parts->n_pieces + 1, sizeof(*x->pieces));
	x->n_pieces = parts->n_pieces;
	if (!x->fds || !x->pieces)
		return -ENOMEM;
	for (unsigned i = 0; i < parts->n; i++)
		for (size_t k = 0; k < parts->part[i].fused.n_pieces; k++) {
			const struct ffpf_function *native = parts->part[i].fused.calls[k].function;

			x->pieces[parts->part[i].first + k] = (struct ffpf_bpf_piece){
				.stage = i, .number = (unsigned)k, .native = native, .makes = stage_of(parts, native)};
		}
	return 0;
}

/* All pieces of the fast or the slow program of a source. */
struct batch {
	const struct ffpf_bpf_state *s;
	struct ffpf_bpf_job *jobs;
	size_t n;
	pthread_t thread;
	bool apart; /* the thread is there */
};

static int prepare_piece(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct part *part, size_t piece,
			 bool slow, struct ffpf_arena *arena, struct ffpf_bpf_job *job, char why[FFPF_WHY_MAX])
{
	struct ffpf_ebpf_options o = options(s, x, part, piece, slow, arena);
	struct ffpf_program *ir = part->fused.pieces[piece];
	int err;

	if (!slow) {
		ffpf_ir_changed_maps(ir, s->maps.changed);
		ir = ffpf_ir_copy(ir, arena); /* the slow one is made of it, too */
	}
	err = ffpf_ebpf_generate(arena, ir, &o, &job->code);
	if (err) {
		snprintf(why, FFPF_WHY_MAX, "too large for one program");
		return err;
	}
	err = ffpf_bpf_tables_create(&job->code, why);
	if (err < 0)
		return err;
	job->tables = err;
	relocate(&s->maps, job->tables, cells_below(s, x->source), &job->code);
	if (s->users)
		ffpf_bpf_users_relocate(s->users, &job->code);
	job->license = ffpf_bpf_users_license(s->users);
	ffpf_bpf_job_describe(s->ops, s->run->graph, job);
	return 0;
}

static int prepare(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct parts *parts, bool slow,
		   struct ffpf_arena *arena, struct batch *batch, char why[FFPF_WHY_MAX])
{
	int err = 0;

	batch->s = s;
	batch->jobs = ffpf_arena_alloc(arena, (parts->n_pieces + 1) * sizeof(*batch->jobs));
	for (unsigned i = 0; i < parts->n; i++)
		for (size_t k = 0; k < parts->part[i].fused.n_pieces; k++) {
			err = prepare_piece(s, x, &parts->part[i], k, slow, arena, &batch->jobs[batch->n], why);
			if (err)
				return err;
			batch->n++;
		}
	return 0;
}

static void *submit(void *arg)
{
	struct batch *batch = arg;
	bool refused = false;

	for (size_t i = 0; i < batch->n; i++) {
		struct ffpf_bpf_job *job = &batch->jobs[i];

		if (!refused)
			ffpf_bpf_job_submit(batch->s->ops, job);
		refused |= job->fd < 0;
	}
	return NULL;
}

/* Takes what became of the pieces, to the first that was refused, for the source, and frees the rest. */
static int take(struct batch *batch, struct ffpf_bpf_source *x, int err, char why[FFPF_WHY_MAX])
{
	if (batch->apart)
		pthread_join(batch->thread, NULL);
	for (size_t i = 0; i < batch->n; i++) {
		struct ffpf_bpf_job *job = &batch->jobs[i];
		int fd = job->fd;

		if (fd < 0 && !err)
			fd = ffpf_bpf_job_again(batch->s->ops, batch->s->run->graph, job);
		if (fd >= 0)
			x->fds[x->n_fds++] = fd;
		else if (!err) {
			err = fd;
			memcpy(why, job->why, FFPF_WHY_MAX);
		}
		ffpf_bpf_lines_free(&job->lines);
		if (job->code.n_data)
			close(job->tables); /* the program holds it */
	}
	return err;
}

/* Generates and loads all pieces: those of the slow program behind those of the fast one. */
static int load_pieces(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, unsigned piece_functions,
		       char why[FFPF_WHY_MAX])
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct batch fast = {0}, slow = {0};
	struct parts parts;
	int err = fuse_parts(s, x->source, piece_functions, arena, &parts, why);

	if (!err)
		err = describe_pieces(x, &parts);
	if (!err)
		err = prepare(s, x, &parts, false, arena, &fast, why);
	if (!err) {
		fast.apart = pthread_create(&fast.thread, NULL, submit, &fast) == 0;
		if (!fast.apart)
			submit(&fast);
		err = prepare(s, x, &parts, true, arena, &slow, why);
	}
	if (!err)
		submit(&slow);
	err = take(&fast, x, err, why);
	err = take(&slow, x, err, why);
	ffpf_arena_free(arena);
	return err;
}

static int link_pieces(struct ffpf_bpf_state *s, const struct ffpf_bpf_source *x)
{
	int map = s->maps.map[FFPF_SYM_PROGRAMS].fd;

	for (uint32_t i = 0; i < x->n_fds; i++)
		if (bpf_map_update_elem(map, &i, &x->fds[i], BPF_ANY) < 0)
			return -errno;
	return 0;
}

int ffpf_bpf_load(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, unsigned piece_functions, char why[FFPF_WHY_MAX])
{
	struct ffpf_bpf_map *programs = &s->maps.map[FFPF_SYM_PROGRAMS];
	int err;

	/* Each source has a program array of its own; the array lives on in the programs that refer to it. */
	if (programs->fd >= 0)
		close(programs->fd);
	programs->fd = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "ffpf_programs", 4, 4, FFPF_BPF_PIECES_MAX * 2, NULL);
	if (programs->fd < 0) {
		err = -errno;
		snprintf(why, FFPF_WHY_MAX, "creating a program array: %s", strerror(-err));
		return err;
	}
	err = load_pieces(s, x, piece_functions, why);
	if (!err)
		err = link_pieces(s, x);
	if (err) {
		ffpf_bpf_unload(x);
		return err;
	}
	x->programs_fd = dup(programs->fd);
	/* Without one of our own the array would be emptied when the next source takes its place. */
	if (x->programs_fd < 0) {
		err = -errno;
		snprintf(why, FFPF_WHY_MAX, "keeping a program array: %s", strerror(-err));
		ffpf_bpf_unload(x);
	}
	return err;
}

void ffpf_bpf_unload(struct ffpf_bpf_source *x)
{
	for (size_t i = 0; i < x->n_fds; i++)
		close(x->fds[i]);
	free(x->fds);
	free(x->pieces);
	x->pieces = NULL;
	x->fds = NULL;
	x->n_fds = 0;
	if (x->programs_fd > 0)
		close(x->programs_fd);
	x->programs_fd = 0;
}
