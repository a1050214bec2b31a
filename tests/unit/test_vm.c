/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The userspace eBPF machine: arithmetic and jumps in all forms over edge values against plain C in 128 bits, and the
 * cases of tests/vm_cases: "== name", "-- asm" and lines (vm_asm.h), "-- mem HEX" at r1, "-- r0 VALUE" or "-- error
 * PART OF THE SENTENCE".
 */
#include <flowspaces/user/vm/vm.h>

#include "vm_asm.h"
#include "vm_random.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

static uint64_t digits(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return (r1 << 20 | r2 << 16 | r3 << 12 | r4 << 8 | r5 << 4) + ((struct ffpf_vm_env *)env)->cpu;
}

static uint64_t sum(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1 + r2;
}

static const struct ffpf_vm_helpers helpers = {
	.table = (const struct ffpf_vm_helper_info[]){{.id = 7, .function = digits}, {.id = -3, .function = sum}},
	.n = 2,
};

/* Makes native code of it; false where there is no compiler for the processor. */
static bool compiled(struct ffpf_vm *vm)
{
	int err = ffpf_vm_compile(vm);

#if defined(__x86_64__)
	assert_int_equal(err, 0);
#endif
	return !err;
}

#define MEMORY 256

/* Interpreted and compiled, both on the same memory (MEMORY bytes, or NULL) with the same contents: they must agree. */
static uint64_t execute(const struct bpf_insn *insns, size_t n, const uint8_t *memory)
{
	uint8_t work[MEMORY] = {0}, after[2][MEMORY];
	struct ffpf_vm_env env = {.cpu = 14};
	struct ffpf_vm *vm;
	const char *why;
	uint64_t r0[2];

	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = n, .helpers = &helpers}, &vm, &why) < 0)
		fail_msg("refused: %s", why);
	assert_null(why);
	for (unsigned i = 0; i < 2; i++) {
		if (memory)
			memcpy(work, memory, MEMORY);
		r0[i] = ffpf_vm_run(vm, memory ? work : NULL, 0, &env);
		memcpy(after[i], work, MEMORY);
		if (!i && !compiled(vm)) {
			ffpf_vm_free(vm); /* not on this processor */
			return r0[0];
		}
	}
	ffpf_vm_free(vm);
	if (r0[0] != r0[1])
		fail_msg("interpreted %#lx, compiled %#lx", (unsigned long)r0[0], (unsigned long)r0[1]);
	if (memory)
		assert_memory_equal(after[0], after[1], MEMORY);
	return r0[0];
}

/* ---- arithmetic and jumps -------------------------------------------------------------------- */

static const uint64_t edges[] = {
	0,
	1,
	2,
	7,
	31,
	32,
	63,
	64,
	0x7f,
	0x80,
	0xffff,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x1234567890abcdef,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xfffffffffffffff9,
	0xfffffffffffffffe,
	0xffffffffffffffff,
	0xffffffff80000000,
};
#define EDGES (sizeof(edges) / sizeof(*edges))

enum { SDIV = 0x100, SMOD };

static uint64_t expected_alu(int what, unsigned bits, uint64_t a, uint64_t b)
{
	uint64_t mask = bits == 64 ? UINT64_MAX : UINT32_MAX;
	__int128 ua = a & mask, ub = b & mask;
	__int128 sa = bits == 64 ? (int64_t)a : (int32_t)a, sb = bits == 64 ? (int64_t)b : (int32_t)b, x;
	unsigned shift = (unsigned)b & (bits - 1);

	switch (what) {
	case BPF_ADD:
		x = ua + ub;
		break;
	case BPF_SUB:
		x = ua - ub;
		break;
	case BPF_MUL:
		x = (__int128)((unsigned __int128)ua * (unsigned __int128)ub);
		break;
	case BPF_DIV:
		x = ub ? ua / ub : 0;
		break;
	case BPF_MOD:
		x = ub ? ua % ub : ua;
		break;
	case BPF_OR:
		x = ua | ub;
		break;
	case BPF_AND:
		x = ua & ub;
		break;
	case BPF_XOR:
		x = ua ^ ub;
		break;
	case BPF_MOV:
		x = ub;
		break;
	case BPF_LSH:
		x = (__int128)((unsigned __int128)ua << shift);
		break;
	case BPF_RSH:
		x = ua >> shift;
		break;
	case BPF_ARSH:
		x = sa >> shift;
		break;
	case SDIV:
		x = sb ? sa / sb : 0;
		break;
	default:
		x = sb ? sa % sb : sa;
		break;
	}
	return (uint64_t)x & mask;
}

static bool expected_jump(int what, unsigned bits, uint64_t a, uint64_t b)
{
	uint64_t mask = bits == 64 ? UINT64_MAX : UINT32_MAX;
	__int128 ua = a & mask, ub = b & mask;
	__int128 sa = bits == 64 ? (int64_t)a : (int32_t)a, sb = bits == 64 ? (int64_t)b : (int32_t)b;

	switch (what) {
	case BPF_JEQ:
		return ua == ub;
	case BPF_JGT:
		return ua > ub;
	case BPF_JGE:
		return ua >= ub;
	case BPF_JSET:
		return (ua & ub) != 0;
	case BPF_JNE:
		return ua != ub;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JLT:
		return ua < ub;
	case BPF_JLE:
		return ua <= ub;
	case BPF_JSLT:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

static size_t constant(struct bpf_insn *insn, unsigned reg, uint64_t value)
{
	insn[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = reg & 15, .imm = (int32_t)value};
	insn[1] = (struct bpf_insn){.imm = (int32_t)(value >> 32)};
	return 2;
}

/* Calls check for each pair of edge values in the constant and the register form. */
static void each_pair(void (*check)(int what, unsigned bits, uint64_t a, uint64_t b, bool immediate), int what)
{
	for (unsigned bits = 32; bits <= 64; bits += 32)
		for (size_t i = 0; i < EDGES; i++)
			for (size_t k = 0; k < EDGES; k++) {
				check(what, bits, edges[i], edges[k], false);
				check(what, bits, edges[i], (uint64_t)(int64_t)(int32_t)edges[k], true);
			}
}

static void check_alu(int what, unsigned bits, uint64_t a, uint64_t b, bool immediate)
{
	struct bpf_insn insns[6];
	size_t n = constant(insns, 0, a);
	int code = what == SDIV ? BPF_DIV : what == SMOD ? BPF_MOD : what;

	n += constant(insns + n, 3, b);
	insns[n++] = (struct bpf_insn){
		.code = (uint8_t)(code | (bits == 64 ? BPF_ALU64 : BPF_ALU) | (immediate ? BPF_K : BPF_X)),
		.src_reg = immediate ? 0 : 3,
		.off = what >= SDIV,
		.imm = immediate ? (int32_t)b : 0};
	insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	uint64_t r0 = execute(insns, n, NULL), right = expected_alu(what, bits, a, b);
	if (r0 != right)
		fail_msg("operation %#x, %u bits, %s: %#lx and %#lx gave %#lx, not %#lx", (unsigned)what, bits,
			 immediate ? "constant" : "register", (unsigned long)a, (unsigned long)b, (unsigned long)r0,
			 (unsigned long)right);
}

static void test_arithmetic(void **state)
{
	static const int operations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,   BPF_AND, BPF_LSH,
					 BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH, SDIV,	SMOD};

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		each_pair(check_alu, operations[i]);
}

static void check_jump(int what, unsigned bits, uint64_t a, uint64_t b, bool immediate)
{
	struct bpf_insn insns[9];
	size_t n = constant(insns, 2, a);

	n += constant(insns + n, 3, b);
	insns[n++] = (struct bpf_insn){
		.code = (uint8_t)(what | (bits == 64 ? BPF_JMP : BPF_JMP32) | (immediate ? BPF_K : BPF_X)),
		.dst_reg = 2,
		.src_reg = immediate ? 0 : 3,
		.off = 2,
		.imm = immediate ? (int32_t)b : 0};
	insns[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 10};
	insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	insns[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 11};
	insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	if (execute(insns, n, NULL) != 10u + expected_jump(what, bits, a, b))
		fail_msg("jump %#x, %u bits, %s: %#lx and %#lx", (unsigned)what, bits,
			 immediate ? "constant" : "register", (unsigned long)a, (unsigned long)b);
}

static void test_jumps(void **state)
{
	static const int operations[] = {BPF_JEQ,  BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
					 BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		each_pair(check_jump, operations[i]);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct vm_case {
	const char *file;
	char name[128], text[8192], error[128];
	uint8_t memory[MEMORY];
	uint64_t r0;
	bool begun;
};

static void check_case(const struct vm_case *c)
{
	struct bpf_insn insns[ASM_MOST];
	int n = asm_text(c->text, insns);

	if (!c->begun)
		return;
	if (n < 0)
		fail_msg("%s: %s: not assembled", c->file, c->name);
	if (c->error[0]) {
		struct ffpf_vm *vm = (void *)1;
		const char *why;

		assert_int_equal(
			ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = (size_t)n, .helpers = &helpers}, &vm,
				    &why),
			-EINVAL);
		if (!strstr(why, c->error))
			fail_msg("%s: %s: refused with '%s'", c->file, c->name, why);
		assert_ptr_equal(vm, (void *)1);
		return;
	}
	uint64_t r0 = execute(insns, (size_t)n, c->memory);
	if (r0 != c->r0)
		fail_msg("%s: %s: r0 is %#lx, not %#lx", c->file, c->name, (unsigned long)r0, (unsigned long)c->r0);
}

static void read_line(struct vm_case *c, const char *line)
{
	if (!strncmp(line, "== ", 3)) {
		check_case(c);
		*c = (struct vm_case){.file = c->file, .begun = true};
		snprintf(c->name, sizeof(c->name), "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	} else if (!strncmp(line, "-- mem ", 7)) {
		char *at = (char *)line + 7;

		for (size_t i = 0; i < sizeof(c->memory) && *at && *at != '\n'; i++)
			c->memory[i] = (uint8_t)strtoul(at, &at, 16);
	} else if (!strncmp(line, "-- r0 ", 6)) {
		c->r0 = line[6] == '-' ? (uint64_t)strtoll(line + 6, NULL, 0) : strtoull(line + 6, NULL, 0);
	} else if (!strncmp(line, "-- error ", 9)) {
		snprintf(c->error, sizeof(c->error), "%.*s", (int)strcspn(line + 9, "\n"), line + 9);
	} else if (strncmp(line, "-- asm", 6) && strlen(c->text) + strlen(line) < sizeof(c->text)) {
		strcat(c->text, line);
	}
}

static void test_files(void **state)
{
	DIR *dir = opendir(TEST_DIR "/vm_cases");
	unsigned files = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[512], line[512];
		size_t length = strlen(entry->d_name);

		if (length < 3 || strcmp(entry->d_name + length - 2, ".t"))
			continue;
		snprintf(path, sizeof(path), "%s/vm_cases/%s", TEST_DIR, entry->d_name);
		FILE *file = fopen(path, "r");
		assert_non_null(file);
		struct vm_case *c = calloc(1, sizeof(*c));
		c->file = entry->d_name;
		while (fgets(line, sizeof(line), file))
			read_line(c, line);
		check_case(c);
		free(c);
		fclose(file);
		files++;
	}
	closedir(dir);
	assert_true(files >= 4);
}

static void test_empty(void **state)
{
	struct bpf_insn insn = {0};
	struct ffpf_vm *vm;
	const char *why;

	assert_int_equal(ffpf_vm_new(&(struct ffpf_vm_program){.insns = &insn}, &vm, &why), -EINVAL);
	assert_string_equal(why, "the program is empty");
	ffpf_vm_free(NULL);
}

/* A long jump reaches where 16 bits do not. */
static void test_long_program(void **state)
{
	size_t n = 100000;
	struct bpf_insn *insns = calloc(n, sizeof(*insns));

	for (size_t i = 0; i < n; i++)
		insns[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_ADD | BPF_K, .imm = 1};
	insns[0] = (struct bpf_insn){.code = BPF_JMP32 | BPF_JA, .imm = 90000};
	insns[n - 1] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	assert_int_equal(execute(insns, n, NULL), n - 2 - 90000);
	free(insns);
}

/* Each operation on each pair of registers, alone and in a program with calls: no other register may change. */
static void check_registers(struct bpf_insn operation, bool calls)
{
	struct bpf_insn insns[64];
	size_t n = 0, sum;

	for (uint8_t r = 0; r < 10; r++)
		n += constant(insns + n, r, r * 0x0102030405060708 + 3);
	insns[n++] = operation;
	sum = n;
	/* r0 = the sum of all, each turned by its number. */
	for (uint8_t r = 9; r > 0; r--) {
		insns[n++] =
			(struct bpf_insn){.code = BPF_ALU64 | BPF_MUL | BPF_K, .dst_reg = r, .imm = 0x1000193 + 2 * r};
		insns[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_XOR | BPF_X, .dst_reg = 0, .src_reg = r};
	}
	insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	if (calls) {
		insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = 7};
		insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	}
	uint64_t changed = execute(insns, n, NULL);
	/* Without the operation the sum is another, unless it changed nothing. */
	insns[sum - 1] = (struct bpf_insn){.code = BPF_ALU64 | BPF_OR | BPF_X, .dst_reg = 2, .src_reg = 2};
	if (execute(insns, n, NULL) == changed && operation.code != (BPF_ALU64 | BPF_MOV | BPF_X) &&
	    operation.dst_reg != operation.src_reg && BPF_OP(operation.code) != BPF_MOD)
		fail_msg("operation %#x of r%u and r%u changed nothing", operation.code, operation.dst_reg,
			 operation.src_reg);
}

static void test_registers(void **state)
{
	static const uint8_t what[] = {BPF_ADD, BPF_MUL, BPF_DIV, BPF_MOD, BPF_LSH, BPF_RSH, BPF_ARSH, BPF_MOV};

	for (uint8_t dst = 0; dst < 10; dst++)
		for (uint8_t src = 0; src < 10; src++)
			for (unsigned i = 0; i < sizeof(what) * 4; i++) {
				struct bpf_insn insn = {
					.code = (uint8_t)(what[i / 4] | BPF_X | (i & 1 ? BPF_ALU64 : BPF_ALU)),
					.dst_reg = dst,
					.src_reg = src};

				if (what[i / 4] == BPF_DIV || what[i / 4] == BPF_MOD)
					insn.off = (int16_t)(dst & 1);
				check_registers(insn, i & 2);
			}
}

/* Programs from random bytes; the fuzzer of the same name goes on with it. */
static void test_random_programs(void **state)
{
	uint8_t bytes[1500], memory[MEMORY];
	struct bpf_insn insns[VM_RANDOM_MOST];

	srandom(7);
	for (unsigned round = 0; round < 3000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)random();
		memcpy(memory, bytes, sizeof(memory));
		execute(insns, vm_random_program(bytes, sizeof(bytes), -3, insns), memory);
	}
}

/* ---- tail calls -------------------------------------------------------------------------------------------------- */

static const struct ffpf_vm_helpers tail_helpers = {
	.table = (const struct ffpf_vm_helper_info[]){{.id = BPF_FUNC_tail_call, .name = "tail_call"},
						      {.id = 7, .function = digits}},
	.n = 2,
};

/* Assembles a program; `PROGRAMS` in it is the address of the table. */
static struct ffpf_vm *tail_program(const char *text, const struct ffpf_vm_programs *programs, bool native)
{
	char with_address[1024], *out = with_address;
	struct bpf_insn insns[ASM_MOST];
	struct ffpf_vm *vm;
	const char *why;
	int n;

	for (const char *at; (at = strstr(text, "PROGRAMS")); text = at + 8)
		out += sprintf(out, "%.*s%#lx", (int)(at - text), text, (unsigned long)(uintptr_t)programs);
	strcpy(out, text);
	n = asm_text(with_address, insns);
	assert_true(n > 0);
	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = (size_t)n, .helpers = &tail_helpers}, &vm,
			&why) < 0)
		fail_msg("refused: %s", why);
	if (native && !compiled(vm)) {
		print_message("skipped: no native code for this processor\n");
		skip();
	}
	return vm;
}

static void check_tail_calls(bool native)
{
	struct ffpf_vm_programs *programs = calloc(1, sizeof(*programs) + 3 * sizeof(programs->entries[0]));
	struct ffpf_vm_env env = {.cpu = 14};
	uint64_t memory[2] = {1000};
	struct ffpf_vm *first, *second, *self, *inner, *past;

	programs->n = 3;
	/* The context arrives; r6 to r9 of the first program are gone; what stands behind the call is not run. */
	second = tail_program("ldxdw r0, [r1+0]\nmov64 r6, 5\nadd64 r0, r6\nmov64 r1, 0\nmov64 r2, 0\nmov64 r3, 0\n"
			      "mov64 r4, 0\nmov64 r5, 0\nmov64 r7, r0\ncall 7\nadd64 r0, r7\nexit\n",
			      programs, native);
	first = tail_program("mov64 r6, 1\nlddw r2, PROGRAMS\nmov64 r3, 1\ncall 12\nmov64 r0, 99\nexit\n", programs,
			     native);
	programs->entries[1] = second;
	assert_int_equal(ffpf_vm_run(first, memory, 0, &env), 1005 + 14);
	/* None there, and no such index: goes on behind the call. The index has 32 bits. */
	programs->entries[1] = NULL;
	assert_int_equal(ffpf_vm_run(first, memory, 0, &env), 99);
	past = tail_program("lddw r2, PROGRAMS\nmov64 r3, 3\ncall 12\nlddw r3, 0x100000000\nlddw r2, PROGRAMS\n"
			    "call 12\nmov64 r0, 98\nexit\n",
			    programs, native);
	assert_int_equal(ffpf_vm_run(past, memory, 0, &env), 98);
	programs->entries[0] = second;
	assert_int_equal(ffpf_vm_run(past, memory, 0, &env), 1005 + 14);
	/* Itself: 33 times and no more, again at each run. */
	self = tail_program("ldxdw r0, [r1+8]\nadd64 r0, 1\nstxdw [r1+8], r0\nlddw r2, PROGRAMS\nmov64 r3, 2\n"
			    "call 12\nmov64 r0, 7\nexit\n",
			    programs, native);
	programs->entries[2] = self;
	for (unsigned i = 0; i < 2; i++) {
		memory[1] = 0;
		assert_int_equal(ffpf_vm_run(self, memory, 0, &env), 7);
		assert_int_equal(memory[1], FFPF_VM_TAILS + 1);
	}
	/* Out of a local function: the other program returns to who called the function, whose r6 is as it was. */
	inner = tail_program("mov64 r6, 40\nlocal +2\nadd64 r0, r6\nexit\nmov64 r0, 1\n"
			     "lddw r2, PROGRAMS\nmov64 r3, 1\ncall 12\nmov64 r0, 0\nexit\n",
			     programs, native);
	programs->entries[1] = second;
	assert_int_equal(ffpf_vm_run(inner, memory, 0, &env), 40 + 1005 + 14);
	ffpf_vm_free(first);
	ffpf_vm_free(second);
	ffpf_vm_free(self);
	ffpf_vm_free(inner);
	ffpf_vm_free(past);
	free(programs);
}

static void test_tail_calls(void **state)
{
	check_tail_calls(false);
}

/* A program that needs eight frames, called from a function: the interpreter has eight in all, so it goes on behind. */
static void test_tail_calls_nest(void **state)
{
	struct ffpf_vm_programs *programs = calloc(1, sizeof(*programs) + sizeof(programs->entries[0]));
	struct ffpf_vm_env env = {.cpu = 1};
	struct ffpf_vm *deep, *outer;

	programs->n = 1;
	deep = tail_program("local +1\nexit\nlocal +1\nexit\nlocal +1\nexit\nlocal +1\nexit\nlocal +1\nexit\n"
			    "local +1\nexit\nlocal +1\nexit\nmov64 r0, 8\nexit\n",
			    programs, false);
	outer = tail_program("local +1\nexit\nlddw r2, PROGRAMS\nmov64 r3, 0\ncall 12\nmov64 r0, 5\nexit\n", programs,
			     false);
	programs->entries[0] = deep;
	assert_int_equal(ffpf_vm_run(deep, NULL, 0, &env), 8);
	assert_int_equal(ffpf_vm_run(outer, NULL, 0, &env), 5);
	ffpf_vm_free(deep);
	ffpf_vm_free(outer);
	free(programs);
}

static void test_tail_calls_compiled(void **state)
{
	check_tail_calls(true);
}

/* ---- loops ------------------------------------------------------------------------------------------------------- */

/* A program over a row of things is that program called for each: alone, with helper calls, with local functions that
 * have exits of their own, with a stack. r2 and the registers that begin as zero do so each time. */
static void test_loops(void **state)
{
	static const char *const programs[] = {
		/* [r2] = [r2] * 31 + [r1], and what an earlier round left in r3 does not count */
		"ldxdw r4, [r2+0]\nmul64 r4, 31\nldxdw r5, [r1+0]\nadd64 r4, r5\nadd64 r4, r3\nstxdw [r2+0], r4\n"
		"mov64 r3, 77\nmov64 r1, 5\nmov64 r2, 6\njeq r5, 3, +1\nexit\nmov64 r9, 1\nexit\n",
		"mov64 r6, r2\nmov64 r7, r1\nldxdw r1, [r1+0]\nmov64 r2, 1\nmov64 r3, 2\nmov64 r4, 3\nmov64 r5, 4\n"
		"call 7\nldxdw r1, [r6+0]\nmul64 r1, 31\nadd64 r0, r1\nstxdw [r6+0], r0\nexit\n",
		"ldxdw r3, [r1+0]\nstxdw [r10-8], r3\nmov64 r6, r2\nlocal +5\nldxdw r1, [r6+0]\nmul64 r1, 31\n"
		"add64 r1, r0\nstxdw [r6+0], r1\nexit\nstdw [r10-8], 9\njeq r3, 2, +2\nmov64 r0, r3\nexit\n"
		"mov64 r0, 1000\nexit\n",
	};
	struct {
		uint64_t value, other[2];
	} things[7] = {{.value = 1}, {.value = 2}, {.value = 3}, {.value = 0}, {.value = UINT64_MAX}, {.value = 2}};

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct ffpf_vm_env env = {.cpu = 14};
		struct bpf_insn insns[ASM_MOST];
		struct ffpf_vm *vm;
		const char *why;
		uint64_t one_by_one = 5, looped = 5;
		int n = asm_text(programs[i], insns);

		assert_true(n > 0);
		assert_int_equal(
			ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = (size_t)n, .helpers = &helpers}, &vm,
				    &why),
			0);
		ffpf_vm_loop loop = ffpf_vm_compile_loop(vm, sizeof(things[0]));
		assert_true(!compiled(vm) == !loop);
		for (unsigned k = 1; loop && k <= 7; k++) {
			for (unsigned t = 0; t < k; t++)
				ffpf_vm_run(vm, &things[t], (uintptr_t)&one_by_one, &env);
			loop(things, k, (uintptr_t)&looped, &env);
			assert_int_equal(one_by_one, looped);
		}
		ffpf_vm_free(vm);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),	cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_files),		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_loops),		cmocka_unit_test(test_tail_calls),
		cmocka_unit_test(test_tail_calls_nest), cmocka_unit_test(test_tail_calls_compiled),
		cmocka_unit_test(test_registers),	cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_long_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
