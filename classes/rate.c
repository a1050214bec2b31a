/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (rate) measures packets and bits per second and passes the packets on.
 *
 * Time is cut into windows of one interval, the same on every CPU because they
 * are counted from the clock's zero. Each CPU keeps its newest window and the one it
 * had before that; derive() adds up, over the CPUs, what belongs to the window before the newest
 * one: the last that is complete.
 *
 *      window    …   W-1        W        pps, bps: window W-1
 *      CPU 0      previous    newest     W is the newest of all CPUs; a CPU that has
 *      CPU 1       newest                seen nothing in W-1 adds nothing
 *
 * Until a whole window has passed since the first packet, pps and bps are those since the first packet.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

/* WINDOW and BEFORE are window numbers plus one: 0 means none yet. Fields without cells come last: a field's number is
 * its cell's. */
enum {
	PACKETS,
	BYTES,
	FIRST,
	LAST,
	WINDOW,
	PACKETS_NOW,
	BYTES_NOW,
	BEFORE,
	PACKETS_BEFORE,
	BYTES_BEFORE,
	PPS,
	BPS,
	AVG_PPS,
	AVG_BPS,
	N_FIELDS
};

static const struct ffpf_param params[] = {
	{.name = "interval",
	 .type = FFPF_TYPE_TIME,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "1s",
	 .min = 1000000,
	 .max = 86400000000000,
	 .doc = "over which packets are counted for the current rate"},
};

#define WORKING(field, how)                                                                                            \
	{                                                                                                              \
		.name = field, .merge = how, .flags = FFPF_FIELD_HIDDEN, .cells = 1                                    \
	}
#define RATE(field, what, text)                                                                                        \
	{                                                                                                              \
		.name = field, .unit = what, .flags = FFPF_FIELD_DERIVED, .doc = text                                  \
	}

static const struct ffpf_field fields[N_FIELDS] = {
	[PACKETS] = {.name = "packets",
		     .merge = FFPF_MERGE_SUM,
		     .unit = FFPF_UNIT_PACKETS,
		     .cells = 1,
		     .doc = "packets seen"},
	[BYTES] = {.name = "bytes",
		   .merge = FFPF_MERGE_SUM,
		   .unit = FFPF_UNIT_BYTES,
		   .cells = 1,
		   .doc = "bytes on the wire"},
	[FIRST] = {.name = "first",
		   .merge = FFPF_MERGE_MIN,
		   .unit = FFPF_UNIT_NS,
		   .flags = FFPF_FIELD_HIDDEN,
		   .cells = 1,
		   .initial = UINT64_MAX,
		   .doc = "time of the first packet"},
	[LAST] = {.name = "last",
		  .merge = FFPF_MERGE_MAX,
		  .unit = FFPF_UNIT_NS,
		  .flags = FFPF_FIELD_HIDDEN,
		  .cells = 1,
		  .doc = "time of the last packet"},
	[WINDOW] = WORKING("window", FFPF_MERGE_MAX),
	[PACKETS_NOW] = WORKING("packets_now", FFPF_MERGE_SUM),
	[BYTES_NOW] = WORKING("bytes_now", FFPF_MERGE_SUM),
	[BEFORE] = WORKING("before", FFPF_MERGE_MAX),
	[PACKETS_BEFORE] = WORKING("packets_before", FFPF_MERGE_SUM),
	[BYTES_BEFORE] = WORKING("bytes_before", FFPF_MERGE_SUM),
	[PPS] = RATE("pps", FFPF_UNIT_PPS, "packets per second in the last complete interval"),
	[BPS] = RATE("bps", FFPF_UNIT_BPS, "bits per second in the last complete interval"),
	[AVG_PPS] = RATE("avg_pps", FFPF_UNIT_PPS, "packets per second from the first to the last packet"),
	[AVG_BPS] = RATE("avg_bps", FFPF_UNIT_BPS, "bits per second from the first to the last packet"),
};

/* Keeps the smallest or greatest value in a field. */
static void keep(struct ffpf_builder *b, unsigned field, enum ffpf_cond better, ffpf_val x)
{
	ffpf_block store = ffpf_ir_block(b), next = ffpf_ir_block(b);

	ffpf_ir_branch(b, better, 64, x, ffpf_ir_state_load(b, field, 0), store, next);
	ffpf_ir_seal(b, store);
	ffpf_ir_switch_to(b, store);
	ffpf_ir_state_store(b, field, 0, x);
	ffpf_ir_jump(b, next);
	ffpf_ir_seal(b, next);
	ffpf_ir_switch_to(b, next);
}

/* Counts the packet in its window and ends the current block: a new window, the newest, the one before, or (out of
 * order) none. */
static void count_window(struct ffpf_builder *b, ffpf_val window, ffpf_val len, ffpf_block done)
{
	ffpf_block begin = ffpf_ir_block(b), old = ffpf_ir_block(b), now = ffpf_ir_block(b), late = ffpf_ir_block(b),
		   before = ffpf_ir_block(b);
	ffpf_val newest = ffpf_ir_state_load(b, WINDOW, 0), one = ffpf_ir_const(b, 1);

	ffpf_ir_branch(b, FFPF_GT, 64, window, newest, begin, old);
	ffpf_ir_seal(b, begin);
	ffpf_ir_seal(b, old);

	ffpf_ir_switch_to(b, begin);
	ffpf_ir_state_store(b, BEFORE, 0, newest);
	ffpf_ir_state_store(b, PACKETS_BEFORE, 0, ffpf_ir_state_load(b, PACKETS_NOW, 0));
	ffpf_ir_state_store(b, BYTES_BEFORE, 0, ffpf_ir_state_load(b, BYTES_NOW, 0));
	ffpf_ir_state_store(b, WINDOW, 0, window);
	ffpf_ir_state_store(b, PACKETS_NOW, 0, one);
	ffpf_ir_state_store(b, BYTES_NOW, 0, len);
	ffpf_ir_jump(b, done);

	ffpf_ir_switch_to(b, old);
	ffpf_ir_branch(b, FFPF_EQ, 64, window, newest, now, late);
	ffpf_ir_seal(b, now);
	ffpf_ir_seal(b, late);

	ffpf_ir_switch_to(b, now);
	ffpf_ir_state_add(b, PACKETS_NOW, 0, one);
	ffpf_ir_state_add(b, BYTES_NOW, 0, len);
	ffpf_ir_jump(b, done);

	ffpf_ir_switch_to(b, late);
	ffpf_ir_branch(b, FFPF_EQ, 64, window, ffpf_ir_state_load(b, BEFORE, 0), before, done);
	ffpf_ir_seal(b, before);
	ffpf_ir_switch_to(b, before);
	ffpf_ir_state_add(b, PACKETS_BEFORE, 0, one);
	ffpf_ir_state_add(b, BYTES_BEFORE, 0, len);
	ffpf_ir_jump(b, done);
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	uint64_t interval = (uint64_t)ffpf_instance_value(instance, "interval")->i;
	ffpf_val now = ffpf_ir_meta(b, FFPF_META_TIME), len = ffpf_ir_meta(b, FFPF_META_LEN);
	ffpf_block done = ffpf_ir_block(b);

	ffpf_ir_state_add(b, PACKETS, 0, ffpf_ir_const(b, 1));
	ffpf_ir_state_add(b, BYTES, 0, len);
	keep(b, FIRST, FFPF_LT, now);
	keep(b, LAST, FFPF_GT, now);
	count_window(b, ffpf_ir_alu_imm(b, FFPF_ADD, 64, ffpf_ir_alu_imm(b, FFPF_DIV, 64, now, interval), 1), len,
		     done);
	ffpf_ir_seal(b, done);
	ffpf_ir_switch_to(b, done);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

/* What all CPUs counted in one window. */
static void add_window(uint64_t window, const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus,
		       const void *arg, double *packets, double *bytes)
{
	for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
		const uint64_t *cells = per_cpu(arg, cpu);

		if (!cells)
			continue;
		if (cells[WINDOW] == window) {
			*packets += (double)cells[PACKETS_NOW];
			*bytes += (double)cells[BYTES_NOW];
		} else if (cells[BEFORE] == window) {
			*packets += (double)cells[PACKETS_BEFORE];
			*bytes += (double)cells[BYTES_BEFORE];
		}
	}
}

static void derive(const struct ffpf_instance *instance, const uint64_t *cells,
		   const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		   double *out)
{
	uint64_t interval = (uint64_t)ffpf_instance_value(instance, "interval")->i;
	double elapsed = cells[LAST] > cells[FIRST] ? (double)(cells[LAST] - cells[FIRST]) / 1e9 : 0;
	double packets = 0, bytes = 0, seconds = (double)interval / 1e9;

	out[AVG_PPS] = elapsed > 0 ? (double)cells[PACKETS] / elapsed : 0;
	out[AVG_BPS] = elapsed > 0 ? (double)cells[BYTES] * 8 / elapsed : 0;
	out[PPS] = out[AVG_PPS];
	out[BPS] = out[AVG_BPS];
	/* Numbers in the cells are one higher: the window before the newest begins with the packet of number WINDOW
	 * - 2. */
	if (!cells[PACKETS] || cells[WINDOW] < 2 || cells[FIRST] > (cells[WINDOW] - 2) * interval)
		return;
	add_window(cells[WINDOW] - 1, per_cpu, n_cpus, arg, &packets, &bytes);
	out[PPS] = packets / seconds;
	out[BPS] = bytes * 8 / seconds;
}

const struct ffpf_class ffpf_class_rate = {
	.abi = FFPF_CLASS_ABI,
	.name = "rate",
	.help = "packets and bits per second",
	.manual = "Measures how many packets and bits of its flow pass per second: pps and bps in the last complete\n"
		  "interval before the newest packet, avg_pps and avg_bps from the first packet to the last. Bits are "
		  "those\n"
		  "of packets on the wire. Times are those of the packets, so a savefile shows the rates of its "
		  "recording.",
	.example = "[pcap $FILE] > (rate,100ms)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.needs = FFPF_NEED_TIME,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = N_FIELDS,
	.build = build,
	.derive = derive,
};
