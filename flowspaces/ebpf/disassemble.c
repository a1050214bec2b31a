/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of single eBPF instructions, all of RFC 9669, for listings and for the verifier's messages. Any bytes are
 * printed as something: what is no instruction as its opcode.
 */
#include <flowspaces/ebpf/ebpf.h>

#include <inttypes.h>
#include <stdio.h>

#ifndef BPF_MEMSX
#define BPF_MEMSX 0x80
#endif

static const char *const alu_ops[16] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>="};
static const char *const jumps[16] = {"",    "==",   ">",    ">=", "&",	 "!=", "s>",
				      "s>=", "call", "exit", "<",  "<=", "s<", "s<="};

const char *ffpf_ebpf_helper_name(int32_t id)
{
	switch (id) {
	case BPF_FUNC_map_lookup_elem:
		return "map_lookup_elem";
	case BPF_FUNC_map_update_elem:
		return "map_update_elem";
	case BPF_FUNC_map_delete_elem:
		return "map_delete_elem";
	case BPF_FUNC_ktime_get_ns:
		return "ktime_get_ns";
	case BPF_FUNC_get_prandom_u32:
		return "get_prandom_u32";
	case BPF_FUNC_get_smp_processor_id:
		return "get_smp_processor_id";
	case BPF_FUNC_tail_call:
		return "tail_call";
	case BPF_FUNC_ringbuf_output:
		return "ringbuf_output";
	case BPF_FUNC_xdp_get_buff_len:
		return "xdp_get_buff_len";
	case BPF_FUNC_xdp_load_bytes:
		return "xdp_load_bytes";
	case BPF_FUNC_xdp_store_bytes:
		return "xdp_store_bytes";
	case BPF_FUNC_perf_event_output:
		return "perf_event_output";
	case FFPF_CALL_NATIVE:
		return "native";
	case FFPF_CALL_TAP:
		return "tap";
	default:
		return "helper";
	}
}

static void print_unknown(const struct bpf_insn *in, FILE *out)
{
	fprintf(out, "unknown instruction 0x%02x", in->code);
}

static void print_end(const struct bpf_insn *in, FILE *out)
{
	const char *name = BPF_CLASS(in->code) == BPF_ALU64 ? "bswap" : BPF_SRC(in->code) == BPF_TO_BE ? "be" : "le";

	fprintf(out, "r%d = %s%d r%d", in->dst_reg, name, in->imm, in->dst_reg);
}

static void print_alu(const struct bpf_insn *in, FILE *out)
{
	char r = BPF_CLASS(in->code) == BPF_ALU64 ? 'r' : 'w';
	uint8_t op = BPF_OP(in->code);
	const char *text = alu_ops[op >> 4];

	if (op == BPF_END)
		print_end(in, out);
	else if (!text)
		print_unknown(in, out);
	else if (op == BPF_NEG)
		fprintf(out, "%c%d = -%c%d", r, in->dst_reg, r, in->dst_reg);
	else if (op == BPF_MOV && in->off)
		fprintf(out, "%c%d = (s%d)%c%d", r, in->dst_reg, in->off, r, in->src_reg);
	else if (BPF_SRC(in->code) == BPF_X)
		fprintf(out, "%c%d %s%s %c%d", r, in->dst_reg, op != BPF_MOV && in->off ? "s" : "", text, r,
			in->src_reg);
	else
		fprintf(out, "%c%d %s%s %d", r, in->dst_reg, op != BPF_MOV && in->off ? "s" : "", text, in->imm);
}

static void print_jump(const struct bpf_insn *in, size_t at, const char *helper, FILE *out)
{
	bool wide = BPF_CLASS(in->code) == BPF_JMP;
	long long target = (long long)at + 1 + in->off, far = (long long)at + 1 + in->imm;
	char r = wide ? 'r' : 'w';
	const char *text = jumps[BPF_OP(in->code) >> 4];

	switch (BPF_OP(in->code)) {
	case BPF_EXIT:
		fprintf(out, "exit");
		break;
	case BPF_CALL:
		if (in->src_reg == BPF_PSEUDO_CALL)
			fprintf(out, "call %lld", far);
		else
			fprintf(out, "call %s#%d", helper ? helper : ffpf_ebpf_helper_name(in->imm), in->imm);
		break;
	case BPF_JA:
		fprintf(out, "goto %lld", wide ? target : far);
		break;
	default:
		if (!text)
			print_unknown(in, out);
		else if (BPF_SRC(in->code) == BPF_X)
			fprintf(out, "if %c%d %s %c%d goto %lld", r, in->dst_reg, text, r, in->src_reg, target);
		else
			fprintf(out, "if %c%d %s %d goto %lld", r, in->dst_reg, text, in->imm, target);
	}
}

static void print_atomic(const struct bpf_insn *in, const char *size, FILE *out)
{
	const char *fetch = in->imm & BPF_FETCH ? " (fetch)" : "";

	switch (in->imm) {
	case BPF_XCHG:
		fprintf(out, "r%d = xchg(*(%s *)(r%d %+d), r%d)", in->src_reg, size, in->dst_reg, in->off, in->src_reg);
		break;
	case BPF_CMPXCHG:
		fprintf(out, "r0 = cmpxchg(*(%s *)(r%d %+d), r0, r%d)", size, in->dst_reg, in->off, in->src_reg);
		break;
	default:
		fprintf(out, "lock *(%s *)(r%d %+d) %s r%d%s", size, in->dst_reg, in->off,
			alu_ops[(in->imm & 0xf0) >> 4] ? alu_ops[(in->imm & 0xf0) >> 4] : "?", in->src_reg, fetch);
	}
}

static void print_memory(const struct bpf_insn *in, FILE *out)
{
	static const char *const sizes[] = {"u32", "u16", "u8", "u64"}; /* W, H, B, DW */
	static const char *const signed_sizes[] = {"s32", "s16", "s8", "s64"};
	unsigned size = BPF_SIZE(in->code) >> 3;

	if (BPF_CLASS(in->code) == BPF_LDX)
		fprintf(out, "r%d = *(%s *)(r%d %+d)", in->dst_reg,
			BPF_MODE(in->code) == BPF_MEMSX ? signed_sizes[size] : sizes[size], in->src_reg, in->off);
	else if (BPF_CLASS(in->code) == BPF_ST)
		fprintf(out, "*(%s *)(r%d %+d) = %d", sizes[size], in->dst_reg, in->off, in->imm);
	else if (BPF_MODE(in->code) == BPF_ATOMIC)
		print_atomic(in, sizes[size], out);
	else
		fprintf(out, "*(%s *)(r%d %+d) = r%d", sizes[size], in->dst_reg, in->off, in->src_reg);
}

static void print_packet_load(const struct bpf_insn *in, FILE *out)
{
	static const char *const sizes[] = {"u32", "u16", "u8"};
	unsigned mode = BPF_MODE(in->code), size = BPF_SIZE(in->code) >> 3;

	if (size > 2 || (mode != BPF_ABS && mode != BPF_IND))
		print_unknown(in, out);
	else if (mode == BPF_ABS)
		fprintf(out, "r0 = packet %s [%d]", sizes[size], in->imm);
	else
		fprintf(out, "r0 = packet %s [r%d %+d]", sizes[size], in->src_reg, in->imm);
}

void ffpf_ebpf_print_insn(const struct bpf_insn *in, size_t at, bool second, const char *helper, FILE *out)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		print_alu(in, out);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		print_jump(in, at, helper, out);
		break;
	case BPF_LD:
		if (in->code == (BPF_LD | BPF_IMM | BPF_DW) && second)
			fprintf(out, "r%d = 0x%" PRIx64, in->dst_reg,
				(uint64_t)(uint32_t)in[1].imm << 32 | (uint32_t)in->imm);
		else
			print_packet_load(in, out);
		break;
	default:
		print_memory(in, out);
	}
}
