/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small eBPF assembler for tests and benchmarks; one instruction a line, # begins a comment. Jump offsets count
 * slots, as encoded.
 *
 *   add64 r1, r2     add32 r1, -5      (sub mul div or and lsh rsh mod xor mov arsh sdiv smod likewise)
 *   neg64 r1         be16 r1           (le, bswap)      movsx8_64 r1, r2
 *   ldxb r0, [r1+4]  ldxsw r0, [r1-8]  stxdw [r10-8], r1    stw [r10-4], 7    lddw r0, 0x1122334455667788
 *   atomic64 0xe1, [r1+0], r2          (the operation is the imm field)
 *   jeq r1, 5, +2    jeq32 r1, r2, -3  ja +2    jal +100000    call 6    local +3    exit
 *   raw 18 01 00 00 00 00 00 00        (eight bytes)
 *
 * A line "name:" is a label; jumps and local calls go to "name", too. With names in asm_names:
 *   call map_lookup_elem     map r1, counts     value r1, counts+8    (the map, the address in its value)
 */
#ifndef VM_ASM_H
#define VM_ASM_H

#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASM_MOST 2048
#define ASM_LABELS 64

/* What names in a text mean; a user of them fills it before. */
struct asm_names {
	const char *maps[16];
	int (*helper)(const char *name); /* 0: unknown */
	struct {
		char name[32];
		int slot;
	} labels[ASM_LABELS];
	int n_labels;
};
static struct asm_names asm_names;

static inline int asm_lookup(const char *const *names, const char *name, size_t length)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == length && !strncmp(names[i], name, length))
			return i;
	return -1;
}

/* "rN" or a number. */
static inline void asm_operand(const char *text, struct bpf_insn *insn)
{
	if (*text == 'r') {
		insn->src_reg = strtoul(text + 1, NULL, 0) & 15;
		insn->code |= BPF_X;
	} else {
		insn->imm = (int32_t)strtoll(text, NULL, 0);
	}
}

static inline int asm_alu(const char *name, const char *a, const char *b, struct bpf_insn *insn)
{
	static const char *const names[] = {"add", "sub", "mul", "div",	 "or", "and",  "lsh",  "rsh", "neg",
					    "mod", "xor", "mov", "arsh", "?",  "sdiv", "smod", NULL};
	size_t length = strcspn(name, "0123456789");
	int what = asm_lookup(names, name, length), bits = atoi(name + length);

	if (what < 0 || (bits != 64 && bits != 32))
		return 0;
	insn->off = what >= 14;
	what = what == 14 ? BPF_DIV >> 4 : what == 15 ? BPF_MOD >> 4 : what;
	insn->code = (uint8_t)(what << 4 | (bits == 64 ? BPF_ALU64 : BPF_ALU));
	insn->dst_reg = atoi(a + 1) & 15;
	if (b)
		asm_operand(b, insn);
	return 1;
}

static inline int asm_unary(const char *name, const char *a, const char *b, struct bpf_insn *insn)
{
	unsigned from, to;

	if (sscanf(name, "movsx%u_%u", &from, &to) == 2) {
		insn->code = BPF_MOV | BPF_X | (to == 64 ? BPF_ALU64 : BPF_ALU);
		insn->off = (int16_t)from;
		insn->dst_reg = atoi(a + 1) & 15;
		insn->src_reg = atoi(b + 1) & 15;
		return 1;
	}
	size_t length = strcspn(name, "0123456789");
	static const char *const names[] = {"le", "be", "bswap", NULL};
	int what = asm_lookup(names, name, length);
	if (what < 0)
		return 0;
	insn->code = BPF_END | (what == 2 ? BPF_ALU64 : BPF_ALU) | (what == 1 ? BPF_X : 0);
	insn->dst_reg = atoi(a + 1) & 15;
	insn->imm = atoi(name + length);
	return 1;
}

static inline void asm_address(const char *text, unsigned *reg, int16_t *off)
{
	char *end;

	*reg = strtoul(text + 2, &end, 0) & 15;
	*off = (int16_t)strtol(end, NULL, 0);
}

static inline int asm_memory(const char *name, const char *a, const char *b, struct bpf_insn *insn)
{
	static const char *const kinds[] = {"ldx", "st", "stx", "ldxs", NULL}, *const sizes[] = {"w", "h", "b", "dw",
												 NULL};
	unsigned reg;

	for (int kind = 0; kind < 4; kind++) {
		size_t length = strlen(kinds[kind]);
		int size = strncmp(name, kinds[kind], length) ? -1
							      : asm_lookup(sizes, name + length, strlen(name + length));

		if (size < 0)
			continue;
		insn->code = (uint8_t)(size << 3 | (kind == 3 ? 0x80 : BPF_MEM) |
				       (kind == 1   ? BPF_ST
					: kind == 2 ? BPF_STX
						    : BPF_LDX));
		int16_t off;
		asm_address(kind == 1 || kind == 2 ? a : b, &reg, &off);
		insn->off = off;
		insn->dst_reg = (kind == 1 || kind == 2 ? reg : strtoul(a + 1, NULL, 0)) & 15;
		insn->src_reg = (kind == 1 ? 0 : kind == 2 ? strtoul(b + 1, NULL, 0) : reg) & 15;
		insn->imm = kind == 1 ? (int32_t)strtoll(b, NULL, 0) : 0;
		return 1;
	}
	return 0;
}

static inline int asm_jump(const char *name, const char *a, const char *b, const char *c, struct bpf_insn *insn)
{
	static const char *const names[] = {"ja",   "jeq",  "jgt", "jge", "jset", "jne",  "jsgt", "jsge",
					    "call", "exit", "jlt", "jle", "jslt", "jsle", NULL};
	size_t length = strcspn(name, "0123456789");
	int what = asm_lookup(names, name, length);

	if (!strcmp(name, "jal") || !strcmp(name, "local")) {
		insn->code = *name == 'j' ? BPF_JMP32 | BPF_JA : BPF_JMP | BPF_CALL;
		insn->src_reg = *name == 'l' ? BPF_PSEUDO_CALL : 0;
		insn->imm = atoi(a);
		return 1;
	}
	if (what < 0)
		return 0;
	insn->code = (uint8_t)(what << 4 | (name[length] ? BPF_JMP32 : BPF_JMP));
	if (what == 0) {
		insn->off = (int16_t)atoi(a);
	} else if (what == BPF_CALL >> 4) {
		insn->imm = atoi(a);
	} else if (what != BPF_EXIT >> 4) {
		insn->dst_reg = strtoul(a + 1, NULL, 0) & 15;
		asm_operand(b, insn);
		insn->off = (int16_t)atoi(c);
	}
	return 1;
}

/* A jump's offset, or a label's distance from the slot behind `at`, as text. */
static inline const char *asm_distance(const char *text, int at, char *room, size_t size)
{
	if (!text || strchr("+-0123456789", *text))
		return text;
	for (int i = 0; i < asm_names.n_labels; i++)
		if (!strcmp(asm_names.labels[i].name, text)) {
			snprintf(room, size, "%+d", asm_names.labels[i].slot - at - 1);
			return room;
		}
	return NULL;
}

/* map r1, NAME; value r1, NAME+8 */
static inline int asm_map(const char *name, const char *reg, const char *what, struct bpf_insn *insn)
{
	size_t length = strcspn(what, "+");

	for (int i = 0; i < 16 && asm_names.maps[i]; i++)
		if (strlen(asm_names.maps[i]) == length && !strncmp(asm_names.maps[i], what, length)) {
			insn[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW,
						    .dst_reg = atoi(reg + 1) & 15,
						    .src_reg = *name == 'm' ? 5 : 6, /* BPF_PSEUDO_MAP_IDX, ..._VALUE */
						    .imm = i};
			insn[1].imm = what[length] ? atoi(what + length) : 0;
			return 2;
		}
	return -1;
}

/* One line; returns how many slots it gave, -1: not understood. */
static inline int asm_line(char *line, int at, struct bpf_insn *insn)
{
	char *save, *w[10] = {NULL}, room[3][16];
	int n = 0;

	line[strcspn(line, "#\n")] = 0;
	for (char *word = strtok_r(line, " \t,", &save); word && n < 9; word = strtok_r(NULL, " \t,", &save))
		w[n++] = word;
	memset(insn, 0, 2 * sizeof(*insn));
	if (!n || w[0][strlen(w[0]) - 1] == ':')
		return 0;
	if ((!strcmp(w[0], "map") || !strcmp(w[0], "value")) && n == 3)
		return asm_map(w[0], w[1], w[2], insn);
	if (!strcmp(w[0], "call") && n == 2 && !strchr("+-0123456789", *w[1])) {
		*insn = (struct bpf_insn){.code = BPF_JMP | BPF_CALL,
					  .imm = asm_names.helper ? asm_names.helper(w[1]) : 0};
		return insn->imm ? 1 : -1;
	}
	if (!strcmp(w[0], "ja") || !strcmp(w[0], "jal") || !strcmp(w[0], "local"))
		w[1] = (char *)asm_distance(w[1], at, room[0], sizeof(room[0]));
	else if (*w[0] == 'j')
		w[3] = (char *)asm_distance(w[3], at, room[1], sizeof(room[1]));
	if ((n > 1 && !w[1]) || (n > 3 && !w[3]))
		return -1; /* a label that is not known, or not yet */
	if (!strcmp(w[0], "raw") && n == 9) {
		for (int i = 0; i < 8; i++)
			((uint8_t *)insn)[i] = (uint8_t)strtoul(w[i + 1], NULL, 16);
		return 1;
	}
	if (!strcmp(w[0], "lddw")) {
		uint64_t value = strtoull(w[2], NULL, 0);

		insn[0] = (struct bpf_insn){
			.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = atoi(w[1] + 1) & 15, .imm = (int32_t)value};
		insn[1].imm = (int32_t)(value >> 32);
		return 2;
	}
	if (!strncmp(w[0], "atomic", 6)) {
		unsigned reg;
		int16_t off;

		asm_address(w[2], &reg, &off);
		*insn = (struct bpf_insn){.code = BPF_STX | BPF_ATOMIC | (w[0][6] == '6' ? BPF_DW : BPF_W),
					  .dst_reg = reg & 15,
					  .src_reg = atoi(w[3] + 1) & 15,
					  .off = off,
					  .imm = (int32_t)strtol(w[1], NULL, 0)};
		return 1;
	}
	return asm_alu(w[0], w[1], w[2], insn) || asm_unary(w[0], w[1], w[2], insn) ||
			       asm_memory(w[0], w[1], w[2], insn) || asm_jump(w[0], w[1], w[2], w[3], insn)
		       ? 1
		       : -1;
}

/* One pass over a text; returns the number of slots. */
static inline int asm_pass(const char *text, struct bpf_insn *insns, int pass)
{
	int n = 0;

	while (*text) {
		char line[256];
		size_t length = strcspn(text, "\n"), begin = strspn(text, " \t");
		size_t name = begin < length ? strcspn(text + begin, " \t:\n") : 0;

		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		if (!pass && name && name < 32 && text[begin + name] == ':' && asm_names.n_labels < ASM_LABELS) {
			snprintf(asm_names.labels[asm_names.n_labels].name, 32, "%.*s", (int)name, text + begin);
			asm_names.labels[asm_names.n_labels++].slot = n;
		}
		/* In the first pass, labels are not known yet: any will do. */
		int slots = n + 2 > ASM_MOST ? -1 : asm_line(line, n, &insns[n]);
		if (slots < 0 && pass) {
			fprintf(stderr, "not understood: %.*s\n", (int)length, text);
			return -1;
		}
		n += slots < 0 ? 1 : slots;
		text += length + (text[length] == '\n');
	}
	return n;
}

/* A whole text; returns the number of slots, -1 with the line on stderr when it can't be understood. */
static inline int asm_text(const char *text, struct bpf_insn *insns)
{
	asm_names.n_labels = 0;
	asm_pass(text, insns, 0);
	return asm_pass(text, insns, 1);
}

#endif
