/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the user reads when a program is refused:
 *
 *     insn 17: r3 may point 4 bytes behind the packet's end: compare with data_end first
 *         17: r2 = *(u32 *)(r3 +0)
 *         prog.c:31: if (ip->daddr == wanted)
 *         r1 = context, r3 = packet + 26, 14 bytes are there, r10 = stack
 *         on the stack: -8: 0..255
 *     the way there: 4 goes on, 9 jumps to 12
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/verify.h>

#include <inttypes.h>
#include <stdlib.h>

enum { WAY = 24, LOG_MOST = 4 << 20 };

static void print_unsigned(uint64_t value, FILE *out)
{
	fprintf(out, value < 100000 ? "%" PRIu64 : "0x%" PRIx64, value);
}

static void print_number(const struct vm_number *n, FILE *out)
{
	const struct vm_bounds *b = &n->wide;

	if (ffpf_vm_number_is_constant(n)) {
		if (b->smin < 0 && b->smin > -100000)
			fprintf(out, "%" PRId64, b->smin);
		else
			print_unsigned(n->bits.value, out);
		return;
	}
	if (b->smin < 0 && (b->smin > INT64_MIN || b->smax < INT64_MAX)) {
		fprintf(out, "%" PRId64 "..%" PRId64, b->smin, b->smax);
	} else if (b->umin || b->umax < UINT64_MAX) {
		print_unsigned(b->umin, out);
		fputs("..", out);
		print_unsigned(b->umax, out);
	} else {
		fputs("any number", out);
	}
	unsigned zeros = (unsigned)__builtin_ctzll(n->bits.value | n->bits.unknown);
	if (zeros)
		fprintf(out, ", a multiple of %" PRIu64, (uint64_t)1 << zeros);
}

static void print_offset(const struct vm_reg *reg, FILE *out)
{
	if (reg->off)
		fprintf(out, " %c %d", reg->off < 0 ? '-' : '+', abs(reg->off));
	if (ffpf_vm_number_is_constant(&reg->number) && !reg->number.bits.value)
		return;
	fputs(" + (", out);
	print_number(&reg->number, out);
	fputc(')', out);
}

void ffpf_vm_print_reg(const struct vm_verifier *v, const struct vm_reg *reg, FILE *out)
{
	const char *map = reg->kind == VM_VALUE || reg->kind == VM_VALUE_OR_NULL || reg->kind == VM_MAP
				  ? v->program->maps[reg->map].spec->name
				  : "";

	switch (reg->kind) {
	case VM_NOTHING:
		fputs("not set", out);
		return;
	case VM_NUMBER:
		print_number(&reg->number, out);
		return;
	case VM_CONTEXT:
		fputs("context", out);
		break;
	case VM_STACK:
		fputs(reg->frame == v->state->depth ? "stack" : "stack of a caller", out);
		break;
	case VM_PACKET:
		fputs("packet", out);
		break;
	case VM_PACKET_END:
		fputs("packet's end", out);
		break;
	case VM_PACKET_META:
		fputs("metadata", out);
		break;
	case VM_VALUE:
		fprintf(out, "value of %s", map);
		break;
	case VM_VALUE_OR_NULL:
		fprintf(out, "value of %s or NULL", map);
		break;
	case VM_MAP:
		fprintf(out, "map %s", map);
		break;
	case VM_MEMORY:
		fputs("memory", out);
		break;
	}
	print_offset(reg, out);
	if (reg->kind == VM_PACKET || reg->kind == VM_PACKET_META)
		fprintf(out, ", %u bytes are there", reg->range ? reg->range - 1 : 0);
}

static void print_registers(const struct vm_verifier *v, FILE *out)
{
	const struct vm_frame *frame = v->state->frames[v->state->depth];
	const char *between = "";

	for (unsigned r = 0; r <= BPF_REG_10; r++) {
		if (frame->regs[r].kind == VM_NOTHING)
			continue;
		fprintf(out, "%sr%u = ", between, r);
		ffpf_vm_print_reg(v, &frame->regs[r], out);
		between = "; ";
	}
}

static void print_stack(const struct vm_verifier *v, FILE *out)
{
	const struct vm_frame *frame = v->state->frames[v->state->depth];
	const char *between = "    on the stack: ";

	for (unsigned i = 0; i < frame->n_slots; i++) {
		const struct vm_slot *slot = &frame->slots[i];

		if (!slot->set || slot->upper)
			continue;
		fprintf(out, "%sr10%d: ", between, -VM_SLOT * (int)(i + 1) + (slot->size ? slot->at : 0));
		if (slot->size)
			ffpf_vm_print_reg(v, &slot->value, out);
		else
			fputs(slot->set == 15 ? "4 bytes" : "some bytes", out);
		between = "; ";
	}
	if (*between == ';')
		fputc('\n', out);
}

static const struct ffpf_vm_line *line_of(const struct ffpf_vm_program *program, uint32_t insn)
{
	const struct ffpf_vm_line *line = NULL;

	for (size_t i = 0; i < program->n_lines && program->lines[i].insn <= insn; i++)
		line = &program->lines[i];
	return line;
}

static void print_insn(const struct vm_verifier *v, uint32_t i, FILE *out)
{
	const struct bpf_insn *insn = &v->insns[i];
	const struct ffpf_vm_helper_info *helper = NULL;

	if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg)
		helper = ffpf_vm_helper_of(v, insn->imm);
	fprintf(out, "%u: ", i);
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg && (uint32_t)insn->imm < v->program->n_maps)
		fprintf(out, "r%d = %s %s", insn->dst_reg, insn->src_reg == BPF_PSEUDO_MAP_IDX ? "map" : "value of",
			v->program->maps[insn->imm].spec->name);
	else
		ffpf_ebpf_print_insn(insn, i, i + 1 < v->n, helper ? helper->name : NULL, out);
}

static void print_place(const struct vm_verifier *v, FILE *out)
{
	const struct vm_state *state = v->state;
	const struct ffpf_vm_line *line = line_of(v->program, state->pc);

	fputs("    ", out);
	print_insn(v, state->pc, out);
	fputc('\n', out);
	if (line && line->file) {
		fprintf(out, "    %s:%u", line->file, line->line);
		fprintf(out, line->text ? ": %s\n" : "\n", line->text);
	}
	if (!state->frames[0])
		return;
	for (unsigned i = state->depth; i; i--)
		fprintf(out, "    in the function at insn %u, called by insn %u\n", state->frames[i]->subprogram,
			state->frames[i]->call);
	fputs("    ", out);
	print_registers(v, out);
	fputc('\n', out);
	print_stack(v, out);
}

/* The last branches before the place, in their order. */
static void print_way(const struct vm_verifier *v, FILE *out)
{
	uint32_t way[WAY], at = v->state->path;
	unsigned n = 0;

	for (; at && n < WAY; at = v->steps[at].before)
		way[n++] = at;
	if (!n)
		return;
	fprintf(out, "the way there:%s\n", at ? " ..." : "");
	while (n--) {
		const struct vm_step *step = &v->steps[way[n]];

		fputs("    ", out);
		print_insn(v, step->insn, out);
		fputs(step->taken ? ": jumps\n" : ": goes on\n", out);
	}
}

void ffpf_vm_log_step(struct vm_verifier *v)
{
	if (ftell(v->log) > LOG_MOST)
		return;
	print_insn(v, v->state->pc, v->log);
	fputs("    ; ", v->log);
	print_registers(v, v->log);
	fputc('\n', v->log);
}

char *ffpf_vm_message(struct vm_verifier *v)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (v->reason[0] && v->located)
		fprintf(out, "insn %u: ", v->state->pc);
	if (v->reason[0])
		fprintf(out, "%s\n", v->reason);
	if (v->reason[0] && v->located && v->state->pc < v->n)
		print_place(v, out);
	if (v->reason[0] && v->options.level)
		print_way(v, out);
	if (v->log) {
		fputs("every step:\n", out);
		fflush(v->log);
		if (v->logged)
			fwrite(v->logged, 1, v->logged_size, out);
	}
	if (ferror(out)) {
		fclose(out);
		free(text);
		return NULL;
	}
	fclose(out);
	return text;
}
