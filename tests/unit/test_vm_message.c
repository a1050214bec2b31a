/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verifier gives besides yes and no: messages at each level, with lines of the source; the instructions that
 * are to be loaded; its own bounds.
 */
#include "vm_world.h"

#include "vm_asm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int helper_id(const char *name)
{
	return strcmp(name, "map_lookup_elem") ? 0 : BPF_FUNC_map_lookup_elem;
}

static struct bpf_insn insns[ASM_MOST], out[ASM_MOST];
static const struct ffpf_map_spec spec = {
	.name = "counts", .kind = FFPF_MAP_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 2};
static const struct ffpf_vm_map maps[] = {{.spec = &spec}};

static struct ffpf_vm_program assemble(const char *text)
{
	asm_names.maps[0] = "counts";
	asm_names.maps[1] = NULL;
	asm_names.helper = helper_id;
	int n = asm_text(text, insns);

	assert_true(n > 0);
	return (struct ffpf_vm_program){.insns = insns,
					.n = (size_t)n,
					.helpers = &world_helpers,
					.maps = maps,
					.n_maps = 1,
					.context = &ffpf_vm_xdp_md};
}

static void contains(const char *message, const char *part)
{
	if (!message || !strstr(message, part))
		fail_msg("not there: '%s' in\n%s", part, message ? message : "(nothing)");
}

static const char unchecked[] = "mov64 r6, r1\nstw [r10-4], 1\nmap r1, counts\nmov64 r2, r10\nadd64 r2, -4\n"
				"call map_lookup_elem\njeq r0, 0, on\nldxw r1, [r6+0]\nldxb r3, [r1+12]\non:\n"
				"mov64 r0, 0\nexit\n";

static void test_refusal(void **state)
{
	static const struct ffpf_vm_line lines[] = {{0, 3, 1, "count.c", "int key = 1;"},
						    {8, 12, 9, "count.c", "if (eth->type == 8)"},
						    {10, 15, 2, "count.c", NULL}};
	struct ffpf_vm_program program = assemble(unchecked);
	char *message = NULL;

	program.lines = lines;
	program.n_lines = 3;
	assert_int_equal(ffpf_vm_verify(&program, out, 0, &message), -EACCES);
	assert_string_equal(message,
			    "insn 9: r1 may point 13 bytes behind the packet's end: compare with data_end first\n"
			    "    9: r3 = *(u8 *)(r1 +12)\n"
			    "    count.c:12: if (eth->type == 8)\n"
			    "    r0 = value of counts; r1 = packet, 0 bytes are there; r6 = context; r10 = stack\n"
			    "    on the stack: r10-4: 1\n");
	free(message);
	assert_int_equal(ffpf_vm_verify(&program, out, 1, &message), -EACCES);
	contains(message, "the way there:\n    7: if r0 == 0 goto 10: goes on\n");
	free(message);
	assert_int_equal(ffpf_vm_verify(&program, out, 2, &message), -EACCES);
	contains(message, "every step:\n0: r6 = r1    ; r1 = context; r10 = stack\n");
	contains(message, "6: call map_lookup_elem#1    ; r1 = map counts; r2 = stack - 4; ");
	free(message);
	assert_int_equal(ffpf_vm_verify(&program, out, 0, NULL), -EACCES);
}

static void test_functions_and_ranges(void **state)
{
	struct ffpf_vm_program program =
		assemble("ldxw r1, [r1+12]\nand64 r1, 60\nlocal f\nexit\nf:\nmov64 r0, r10\nadd64 r0, r1\n"
			 "ldxb r0, [r0-64]\nexit\n");
	char *message = NULL;

	assert_int_equal(ffpf_vm_verify(&program, out, 0, &message), -EACCES);
	contains(message, "insn 6: some of 61 bytes of the stack at r10-64 are read");
	contains(message, "    in the function at insn 4, called by insn 2\n");
	contains(message, "r0 = stack + (0..60, a multiple of 4); r1 = 0..60, a multiple of 4;");
	free(message);
}

/* On success: nothing is said, but every step if that was asked for. */
static void test_success(void **state)
{
	struct ffpf_vm_program program = assemble("mov64 r0, 5\nexit\n");
	char *message = (char *)1;

	assert_int_equal(ffpf_vm_verify(&program, out, 1, &message), 0);
	assert_null(message);
	assert_int_equal(ffpf_vm_verify(&program, out, 2, &message), 0);
	assert_string_equal(message, "every step:\n0: r0 = 5    ; r1 = context; r10 = stack\n"
				     "1: exit    ; r0 = 5; r1 = context; r10 = stack\n");
	free(message);
	assert_memory_equal(out, insns, 2 * sizeof(*out));
}

/* Loads of the context are the real one's; what nothing reaches is gone; in place or not. */
static void test_rewriting(void **state)
{
	struct ffpf_vm_program program = assemble("ldxw r2, [r1+4]\nldxh r3, [r1+12]\nadd64 r1, 8\nldxw r4, [r1+8]\n"
						  "ldxw r0, [r1+12]\nexit\nlddw r0, 0x1234567890\nja -3\n");

	for (unsigned i = 0; i < 2; i++) {
		struct bpf_insn *to = i ? insns : out;

		assert_int_equal(ffpf_vm_verify(&program, to, 0, NULL), 0);
		assert_int_equal(to[0].code, BPF_LDX | BPF_MEM | BPF_DW);
		assert_int_equal(to[0].off, offsetof(struct ffpf_user_ctx, data_end));
		assert_int_equal(to[1].code, BPF_LDX | BPF_MEM | BPF_H);
		assert_int_equal(to[3].off, (int)offsetof(struct ffpf_user_ctx, queue) - 8);
		assert_int_equal(to[4].code, BPF_ALU64 | BPF_MOV | BPF_K);
		assert_int_equal(to[4].imm, 0);
		for (unsigned k = 5; k < 9; k++)
			assert_int_equal(to[k].code, BPF_JMP | BPF_EXIT);
	}
}

/* Many paths, each with a full stack: it says that it is too much before it takes it. */
static void test_bounds(void **state)
{
	static struct bpf_insn many[5000];
	struct ffpf_vm_program program = {.insns = many, .memory = 8};
	struct bpf_insn *result = calloc(5000, sizeof(*result));
	char *message = NULL;
	size_t n = 0;

	many[n++] = (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 3, .src_reg = 1};
	for (int off = -512; off < 0; off += 8)
		many[n++] = (struct bpf_insn){
			.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = 3, .off = (int16_t)off};
	for (int i = 0; i < 2000; i++) {
		many[n++] = (struct bpf_insn){
			.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 3, .off = (int16_t)(4000 - 2 * i), .imm = i};
		many[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = i};
	}
	while (n < 4999)
		many[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
	many[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	program.n = n;
	assert_int_equal(ffpf_vm_verify(&program, result, 0, &message), 0);
	assert_null(message);
	for (size_t i = 65; i < 4065; i += 2)
		many[i].dst_reg = 4; /* was never set */
	assert_int_equal(ffpf_vm_verify(&program, result, 0, &message), -EACCES);
	free(message);
	for (size_t i = 65; i < 4065; i += 2)
		many[i] = (struct bpf_insn){
			.code = BPF_JMP | BPF_JSET | BPF_K, .dst_reg = 3, .off = 1, .imm = 1 << i % 31};
	for (size_t i = 66; i < 4066; i += 2) /* each path's stack is read in the end, and each differs */
		many[i] = (struct bpf_insn){.code = BPF_ST | BPF_MEM | BPF_DW,
					    .dst_reg = 10,
					    .off = (int16_t)(-8 - (int)(i / 2 % 60) * 8),
					    .imm = (int32_t)i};
	for (size_t i = 4100; i < 4160; i++)
		many[i] = (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW,
					    .dst_reg = 5,
					    .src_reg = 10,
					    .off = (int16_t)(-8 * (int)(i - 4099))};
	for (size_t i = 4160; i < 4280; i += 2) {
		many[i] = (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW,
					    .dst_reg = 5,
					    .src_reg = 10,
					    .off = (int16_t)(-8 * (int)((i - 4158) / 2))};
		many[i + 1] = (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 5, .imm = 5};
	}
	assert_int_equal(ffpf_vm_verify(&program, result, 0, &message), -E2BIG);
	assert_non_null(message);
	free(message);
	free(result);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusal), cmocka_unit_test(test_functions_and_ranges),
		cmocka_unit_test(test_success), cmocka_unit_test(test_rewriting),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
