/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * meter NAME [WINDOW];
 *
 * NAME.add(bytes) counts a packet; shown are NAME.packets, NAME.bytes, and rates: NAME.pps and NAME.bps of the last
 * complete window, NAME.avg_pps and NAME.avg_bps from the first packet to the last.
 *
 * Windows are counted from the clock's zero, so that they are the same on every CPU. Each CPU keeps the newest window
 * that it saw packets of, and the one before: when they are read, the CPUs' packets of the window before the newest one
 * of all CPUs are added up.
 *
 *        window    W-2        W-1         W        shown: W-1
 *        CPU 0               before     newest     packets of W-1 are those "before"
 *        CPU 1    before     newest                those of the newest
 *        CPU 2    newest                           none
 */
#include <fpl/kinds/kind.h>

#define NS_PER_S 1000000000

/* Numbers of windows are one higher: 0 is none yet. What has no cells stands behind what has, so that a field is also
 * the number of its cell. */
enum {
	PACKETS,
	BYTES,
	FIRST,
	LAST,
	NEWEST,
	NEWEST_PACKETS,
	NEWEST_BYTES,
	BEFORE,
	BEFORE_PACKETS,
	BEFORE_BYTES,
	CELLS,
	PPS = CELLS,
	BPS,
	AVG_PPS,
	AVG_BPS,
	FIELDS
};
_Static_assert(FIELDS <= FPL_KIND_FIELDS, "a kind's fields");

static const struct fpl_kind_argument arguments[] = {
	{.name = "window",
	 .type = FPL_ARGUMENT_TIME,
	 .min = 1000000,
	 .max = UINT64_C(86400) * NS_PER_S,
	 .def = NS_PER_S,
	 .doc = "over which the current rate is taken"},
};

static unsigned fields(const struct fpl_kind_decl *decl, struct ffpf_arena *arena,
		       struct ffpf_field out[FPL_KIND_FIELDS])
{
	static const struct ffpf_field table[FIELDS] = {
		[PACKETS] = {.name = "packets", .unit = FFPF_UNIT_PACKETS, .doc = "packets that were added"},
		[BYTES] = {.name = "bytes", .unit = FFPF_UNIT_BYTES, .doc = "bytes that were added"},
		[FIRST] = {.name = "first",
			   .merge = FFPF_MERGE_MIN,
			   .unit = FFPF_UNIT_NS,
			   .flags = FFPF_FIELD_HIDDEN,
			   .initial = UINT64_MAX},
		[LAST] = {.name = "last", .merge = FFPF_MERGE_MAX, .unit = FFPF_UNIT_NS, .flags = FFPF_FIELD_HIDDEN},
		[NEWEST] = {.name = "newest", .merge = FFPF_MERGE_MAX, .flags = FFPF_FIELD_HIDDEN},
		[NEWEST_PACKETS] = {.name = "newest_packets", .flags = FFPF_FIELD_HIDDEN},
		[NEWEST_BYTES] = {.name = "newest_bytes", .flags = FFPF_FIELD_HIDDEN},
		[BEFORE] = {.name = "before", .merge = FFPF_MERGE_MAX, .flags = FFPF_FIELD_HIDDEN},
		[BEFORE_PACKETS] = {.name = "before_packets", .flags = FFPF_FIELD_HIDDEN},
		[BEFORE_BYTES] = {.name = "before_bytes", .flags = FFPF_FIELD_HIDDEN},
		[PPS] = {.name = "pps", .unit = FFPF_UNIT_PPS, .doc = "packets per second in the last complete window"},
		[BPS] = {.name = "bps", .unit = FFPF_UNIT_BPS, .doc = "bits per second in the last complete window"},
		[AVG_PPS] = {.name = "avg_pps",
			     .unit = FFPF_UNIT_PPS,
			     .doc = "packets per second from the first to the last packet"},
		[AVG_BPS] = {.name = "avg_bps",
			     .unit = FFPF_UNIT_BPS,
			     .doc = "bits per second from the first to the last packet"},
	};

	for (unsigned i = 0; i < FIELDS; i++) {
		out[i] = table[i];
		out[i].name = fpl_kind_part(decl, arena, table[i].name);
		out[i].cells = i < CELLS;
		if (i >= CELLS)
			out[i].flags = FFPF_FIELD_DERIVED;
	}
	return FIELDS;
}

/* Keeps the smaller or greater number. */
static void keep(struct ffpf_builder *b, unsigned field, enum ffpf_cond better, ffpf_val x)
{
	ffpf_block store = ffpf_ir_block(b), next = ffpf_ir_block(b);

	fpl_kind_if(b, better, x, ffpf_ir_state_load(b, field, 0), store, next);
	ffpf_ir_state_store(b, field, 0, x);
	fpl_kind_join(b, next);
}

static void count(struct ffpf_builder *b, unsigned packets, unsigned bytes, ffpf_val len)
{
	ffpf_ir_state_add(b, packets, 0, ffpf_ir_const(b, 1));
	ffpf_ir_state_add(b, bytes, 0, len);
}

/* The newest window becomes the one before, and this packet is the first of a new one. */
static void begin_window(struct ffpf_builder *b, unsigned f, ffpf_val newest, ffpf_val window, ffpf_val len)
{
	ffpf_ir_state_store(b, f + BEFORE, 0, newest);
	ffpf_ir_state_store(b, f + BEFORE_PACKETS, 0, ffpf_ir_state_load(b, f + NEWEST_PACKETS, 0));
	ffpf_ir_state_store(b, f + BEFORE_BYTES, 0, ffpf_ir_state_load(b, f + NEWEST_BYTES, 0));
	ffpf_ir_state_store(b, f + NEWEST, 0, window);
	ffpf_ir_state_store(b, f + NEWEST_PACKETS, 0, ffpf_ir_const(b, 1));
	ffpf_ir_state_store(b, f + NEWEST_BYTES, 0, len);
}

static ffpf_val add(const struct fpl_kind_call *call)
{
	struct ffpf_builder *b = call->b;
	unsigned f = call->field;
	ffpf_val now = ffpf_ir_meta(b, FFPF_META_TIME), len = call->arguments[0];
	ffpf_val window =
		ffpf_ir_alu_imm(b, FFPF_ADD, 64, ffpf_ir_alu_imm(b, FFPF_DIV, 64, now, call->decl->arguments[0]), 1);
	ffpf_block same = ffpf_ir_block(b), other = ffpf_ir_block(b), newer = ffpf_ir_block(b),
		   older = ffpf_ir_block(b), before = ffpf_ir_block(b), done = ffpf_ir_block(b);

	count(b, f + PACKETS, f + BYTES, len);
	keep(b, f + FIRST, FFPF_LT, now);
	keep(b, f + LAST, FFPF_GT, now);

	/* Most packets are of the newest window; out of order, of the one before or of none. */
	ffpf_val newest = ffpf_ir_state_load(b, f + NEWEST, 0);

	fpl_kind_if(b, FFPF_EQ, window, newest, same, other);
	count(b, f + NEWEST_PACKETS, f + NEWEST_BYTES, len);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, other);
	ffpf_ir_switch_to(b, other);
	fpl_kind_if(b, FFPF_GT, window, newest, newer, older);
	begin_window(b, f, newest, window, len);
	ffpf_ir_jump(b, done);
	ffpf_ir_seal(b, older);
	ffpf_ir_switch_to(b, older);
	fpl_kind_if(b, FFPF_EQ, window, ffpf_ir_state_load(b, f + BEFORE, 0), before, done);
	count(b, f + BEFORE_PACKETS, f + BEFORE_BYTES, len);
	fpl_kind_join(b, done);
	return 0;
}

static void derive(const struct fpl_kind_decl *decl, const struct fpl_kind_cells *all, double *out)
{
	const uint64_t *cells = all->cells;
	uint64_t window = decl->arguments[0], packets = 0, bytes = 0;
	double elapsed = cells[LAST] > cells[FIRST] ? (double)(cells[LAST] - cells[FIRST]) / NS_PER_S : 0;
	double seconds = (double)window / NS_PER_S;

	out[PPS] = out[AVG_PPS] = elapsed > 0 ? (double)cells[PACKETS] / elapsed : 0;
	out[BPS] = out[AVG_BPS] = elapsed > 0 ? (double)cells[BYTES] * 8 / elapsed : 0;
	/* Has the window before the newest one been there as a whole? Until then the current rate is the average. */
	if (cells[NEWEST] < 2 || cells[FIRST] > (cells[NEWEST] - 2) * window)
		return;
	for (unsigned cpu = 0; cpu < all->n_cpus; cpu++) {
		const uint64_t *one = fpl_kind_cpu(all, cpu);

		if (!one)
			continue;
		if (one[NEWEST] == cells[NEWEST] - 1) {
			packets += one[NEWEST_PACKETS];
			bytes += one[NEWEST_BYTES];
		} else if (one[BEFORE] == cells[NEWEST] - 1) {
			packets += one[BEFORE_PACKETS];
			bytes += one[BEFORE_BYTES];
		}
	}
	out[PPS] = (double)packets / seconds;
	out[BPS] = (double)bytes * 8 / seconds;
}

static const struct fpl_kind_method methods[] = {
	{.name = "add", .numbers = 1, .emit = add, .doc = "counts a packet of so many bytes, now"},
};

const struct fpl_kind_ops fpl_kind_meter = {
	.name = "meter",
	.doc = "packets and bits per second",
	.arguments = arguments,
	.n_arguments = 1,
	.methods = methods,
	.n_methods = 1,
	.needs = FFPF_NEED_TIME,
	.fields = fields,
	.derive = derive,
};
