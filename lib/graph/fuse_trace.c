/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following packets: what is built into a level's programs so that they write down what they make of some packets. The
 * number of the packet rests in a scratch word while the level's pieces run; 0 is a packet that is not followed.
 */
#include <lib/flowspace.h>
#include <lib/graph/fuse_nodes.h>

#include <errno.h>
#include <limits.h>

static const struct ffpf_trace_table *table(const struct fuse *u)
{
	return ffpf_layout_level(u->layout, u->level)->trace;
}

void ffpf_fuse_trace_words(struct fuse *u)
{
	if (!u->graph->trace)
		return;
	u->trace_number = u->n_words++;
	u->trace_crossed = u->n_words++;
}

/* Goes on in a block for followed packets; *past is where the others are. Returns the row's first cell, as an index. */
static ffpf_val open_followed(struct fuse *u, ffpf_block *past)
{
	ffpf_val number = ffpf_ir_flag(u->b, u->trace_number);
	ffpf_block in = ffpf_ir_block(u->b);

	*past = ffpf_ir_block(u->b);
	ffpf_ir_branch_imm(u->b, FFPF_NE, 32, number, 0, in, *past);
	ffpf_ir_seal(u->b, in);
	ffpf_ir_switch_to(u->b, in);
	number = ffpf_ir_alu_imm(u->b, FFPF_SUB, 32, number, 1);
	return ffpf_ir_alu_imm(u->b, FFPF_MUL, 64, number, table(u)->row);
}

static void close_followed(struct fuse *u, ffpf_block past)
{
	ffpf_ir_jump(u->b, past);
	ffpf_ir_seal(u->b, past);
	ffpf_ir_switch_to(u->b, past);
}

static void put(struct fuse *u, ffpf_val row, unsigned slot, ffpf_val x)
{
	ffpf_ir_shared_store(u->b, table(u)->rows, table(u)->cells, ffpf_ir_alu_imm(u->b, FFPF_ADD, 64, row, slot), x);
}

void ffpf_fuse_trace_begin(struct fuse *u)
{
	ffpf_val number;

	if (!u->graph->trace)
		return;
	number = u->o->stage ? ffpf_ir_ghost(u->b, 1)
		 : u->below  ? ffpf_ir_ghost(u->b, u->below->trace->inflow)
			     : ffpf_ir_const(u->b, 0);
	ffpf_ir_set_flag(u->b, u->trace_number, number);
}

/* Whatever left the level: its number goes, too. */
void ffpf_fuse_trace_end(struct fuse *u)
{
	ffpf_block crossed, done;
	ffpf_val number;

	if (!u->graph->trace)
		return;
	crossed = ffpf_ir_block(u->b);
	done = ffpf_ir_block(u->b);
	number = ffpf_ir_flag(u->b, u->trace_number);
	ffpf_ir_set_flag(u->b, u->trace_number, ffpf_ir_const(u->b, 0));
	ffpf_ir_branch_imm(u->b, FFPF_NE, 32, ffpf_ir_flag(u->b, u->trace_crossed), 0, crossed, done);
	ffpf_ir_seal(u->b, crossed);
	ffpf_ir_switch_to(u->b, crossed);
	ffpf_ir_set_flag(u->b, u->trace_crossed, ffpf_ir_const(u->b, 0));
	if (table(u)->inflow != UINT_MAX) {
		ffpf_block up = ffpf_ir_block(u->b);

		ffpf_ir_branch_imm(u->b, FFPF_NE, 32, number, 0, up, done);
		ffpf_ir_seal(u->b, up);
		ffpf_ir_switch_to(u->b, up);
		ffpf_ir_cross(u->b, table(u)->inflow, number);
	}
	close_followed(u, done);
}

/* Goes on where the packet is one of those that shall be followed. */
static void test_match(struct fuse *u, const struct ffpf_instance *match, ffpf_block no)
{
	struct ffpf_builder_frame frame;
	struct ffpf_instance instance = *match;
	struct ffpf_builder_call call = {.class_in = ffpf_ir_const(u->b, 1),
					 .class_out = ffpf_ir_var(u->b),
					 .accept = ffpf_ir_block(u->b),
					 .reject = no};

	instance.input = &u->graph->source_info[u->source];
	instance.diags = u->o->report ? u->graph->diags : NULL;
	ffpf_builder_enter(u->b, &call, &frame);
	if (match->class->build(&instance, u->b) < 0)
		u->error = -EINVAL;
	if (ffpf_builder_current(u->b))
		ffpf_ir_reject(u->b);
	ffpf_builder_leave(u->b, &frame);
	ffpf_ir_seal(u->b, call.accept);
	ffpf_ir_switch_to(u->b, call.accept);
}

/* What the packet is: enough of it to be told from others. */
static void describe(struct fuse *u)
{
	ffpf_block past, cut = ffpf_ir_block(u->b);
	ffpf_val row = open_followed(u, &past);

	put(u, row, FFPF_TRACE_TIME, ffpf_ir_meta(u->b, FFPF_META_TIME));
	put(u, row, FFPF_TRACE_LENGTH, ffpf_ir_meta(u->b, FFPF_META_LEN));
	put(u, row, FFPF_TRACE_SOURCE, ffpf_ir_const(u->b, u->source + 1));
	for (unsigned i = 0; i < FFPF_TRACE_WORDS; i++) {
		ffpf_block there = ffpf_ir_block(u->b);

		ffpf_ir_check(u->b, 0, (i + 1) * 8, there, cut);
		ffpf_ir_seal(u->b, there);
		ffpf_ir_switch_to(u->b, there);
		put(u, row, FFPF_TRACE_BYTES + i, ffpf_ir_load(u->b, 0, i * 8, 8));
	}
	close_followed(u, cut);
	close_followed(u, past);
}

void ffpf_fuse_trace_source(struct fuse *u, const struct ffpf_function *source)
{
	const struct ffpf_trace_table *t = u->graph->trace ? table(u) : NULL;
	ffpf_block in, no;
	ffpf_val n;

	if (!t)
		return;
	in = ffpf_ir_block(u->b);
	no = ffpf_ir_block(u->b);
	if (u->graph->trace->match)
		test_match(u, u->graph->trace->match[u->source], no);
	n = ffpf_ir_shared_fetch_add(u->b, t->counter, ffpf_ir_const(u->b, 1));
	ffpf_ir_branch_imm(u->b, FFPF_LT, 64, n, u->graph->trace->packets, in, no);
	ffpf_ir_seal(u->b, in);
	ffpf_ir_switch_to(u->b, in);
	ffpf_ir_set_flag(u->b, u->trace_number, ffpf_ir_alu_imm(u->b, FFPF_ADD, 32, n, t->first + 1));
	close_followed(u, no);
	describe(u);
	ffpf_fuse_trace_function(u, source, ffpf_ir_const(u->b, 1), ffpf_ir_const(u->b, 1));
}

void ffpf_fuse_trace_function(struct fuse *u, const struct ffpf_function *f, ffpf_val class, ffpf_val result)
{
	ffpf_block past;
	ffpf_val row, x;

	if (!u->graph->trace)
		return;
	row = open_followed(u, &past);
	x = ffpf_ir_alu_imm(u->b, FFPF_LSH, 64, class, 32);
	if (result)
		x = ffpf_ir_alu(u->b, FFPF_OR, 64, x, ffpf_ir_alu_imm(u->b, FFPF_AND, 64, result, UINT32_MAX));
	put(u, row, FFPF_TRACE_FUNCTIONS + ((const struct ffpf_function_layout *)f->layout)->trace, x);
	close_followed(u, past);
}

void ffpf_fuse_trace_crossing(struct fuse *u, unsigned inflow, ffpf_val class)
{
	ffpf_block past;
	ffpf_val row;

	if (!u->graph->trace)
		return;
	ffpf_ir_set_flag(u->b, u->trace_crossed, ffpf_ir_const(u->b, 1));
	row = open_followed(u, &past);
	put(u, row, FFPF_TRACE_FUNCTIONS + table(u)->n_functions + inflow, class);
	close_followed(u, past);
}

void ffpf_fuse_trace_dropped(struct fuse *u)
{
	ffpf_block past;
	ffpf_val row;

	if (!u->graph->trace)
		return;
	row = open_followed(u, &past);
	put(u, row, FFPF_TRACE_DROPPED, ffpf_ir_const(u->b, 1));
	close_followed(u, past);
}
