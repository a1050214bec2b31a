/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verifier knows of numbers: whatever is known of two operands, each result of an operation on numbers that
 * they may be is one that its result may be; and a condition that holds never excludes the numbers for which it does.
 * Operands are random, near edges and each other; the arithmetic that it is compared with is the reference machine's.
 * Argument: how many rounds.
 */
#include "vm_reference.h"

#include <flowspaces/user/vm/verify.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t rounds = 30000, random_state = 1;

static uint64_t next_random(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint64_t pick(void)
{
	static const uint64_t edges[] = {0,	     1,
					 31,	     32,
					 63,	     64,
					 0x7f,	     0x80,
					 0xff,	     0x7fff,
					 0x8000,     0xffff,
					 INT32_MAX,  (uint64_t)INT32_MAX + 1,
					 UINT32_MAX, (uint64_t)UINT32_MAX + 1,
					 INT64_MAX,  (uint64_t)INT64_MAX + 1,
					 UINT64_MAX, (uint64_t)INT32_MIN};
	uint64_t r = next_random(), x = edges[r % (sizeof(edges) / sizeof(*edges))];

	switch (r >> 60) {
	case 0:
		return next_random();
	case 1:
		return next_random() >> (next_random() % 64);
	case 2:
		return (uint64_t)((int64_t)next_random() >> (next_random() % 64));
	case 3:
		return (next_random() << 32) | (uint32_t)x;
	default:
		return x + next_random() % 9 - 4;
	}
}

/* How far a bound lies from the value: not at all, a little, much. */
static uint64_t slack(void)
{
	uint64_t r = next_random();

	return r % 4 == 0 ? 0 : r % 4 == 1 ? r >> 60 : r >> (r >> 58);
}

static void loosen(struct vm_bounds *b, uint64_t u, int64_t s, unsigned width)
{
	struct vm_bounds any = ffpf_vm_bounds_any(width);
	uint64_t d[4] = {slack(), slack(), slack(), slack()};

	b->umin = u - any.umin < d[0] ? any.umin : u - d[0];
	b->umax = any.umax - u < d[1] ? any.umax : u + d[1];
	b->smin = (uint64_t)s - (uint64_t)any.smin < d[2] ? any.smin : (int64_t)((uint64_t)s - d[2]);
	b->smax = (uint64_t)any.smax - (uint64_t)s < d[3] ? any.smax : (int64_t)((uint64_t)s + d[3]);
	if (next_random() % 3 == 0)
		*b = any;
}

/* Something that may be known of x. */
static struct vm_number about(uint64_t x)
{
	struct vm_number n;
	uint64_t unknown = next_random() | next_random();

	n.bits.unknown = next_random() % 3 ? UINT64_MAX : unknown;
	n.bits.value = x & ~n.bits.unknown;
	loosen(&n.wide, x, (int64_t)x, 64);
	loosen(&n.low, (uint32_t)x, (int32_t)x, 32);
	if (!ffpf_vm_number_tighten(&n) || !ffpf_vm_number_has(&n, x))
		fail_msg("%#lx got lost", (unsigned long)x);
	return n;
}

static void check_has(const struct vm_number *n, uint64_t x, const char *what, unsigned op, uint64_t a, uint64_t b)
{
	if (!ffpf_vm_number_has(n, x))
		fail_msg("%s %#x of %#lx and %#lx is %#lx, which is excluded", what, op, (unsigned long)a,
			 (unsigned long)b, (unsigned long)x);
}

static uint64_t compute(struct bpf_insn insn, uint64_t a, uint64_t b)
{
	struct reference m = {.r = {a, b}};

	insn.dst_reg = 0;
	insn.src_reg = 1;
	reference_alu(&m, &insn);
	return m.r[0];
}

static void test_arithmetic(void **state)
{
	static const uint8_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,  BPF_AND,
				      BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_ARSH};

	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t x = pick(), y = next_random() % 8 ? pick() : x + next_random() % 3 - 1;
		struct vm_number a = about(x), b = next_random() % 3 ? about(y) : ffpf_vm_number_constant(y);

		for (unsigned k = 0; k < sizeof(ops) * 4; k++) {
			bool wide = k & 1, sign = (k & 2) && (ops[k / 4] == BPF_DIV || ops[k / 4] == BPF_MOD);
			struct bpf_insn insn = {.code = (uint8_t)(ops[k / 4] | BPF_X | (wide ? BPF_ALU64 : BPF_ALU)),
						.off = sign};
			struct vm_number r = a;

			ffpf_vm_number_alu(&r, &b, ops[k / 4], wide, sign);
			check_has(&r, compute(insn, x, y), sign ? "signed operation" : "operation", insn.code, x, y);
		}
	}
}

static void test_forms(void **state)
{
	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t x = pick();
		struct vm_number a = about(x), r = ffpf_vm_number_low(&a);

		check_has(&r, (uint32_t)x, "low half", 0, x, 0);
		for (unsigned bits = 8; bits <= 32; bits *= 2) {
			struct bpf_insn insn = {.code = BPF_ALU64 | BPF_MOV | BPF_X, .off = (int16_t)bits};

			r = ffpf_vm_number_extend(&a, bits);
			check_has(&r, compute(insn, 0, x), "extension", bits, x, 0);
		}
		for (unsigned bits = 16; bits <= 64; bits *= 2) {
			r = ffpf_vm_number_swap(&a, bits, true);
			check_has(&r, reference_swap(x, (int)bits, true), "swap", bits, x, 0);
			r = ffpf_vm_number_swap(&a, bits, false);
			check_has(&r, reference_swap(x, (int)bits, false), "cut", bits, x, 0);
		}
		for (unsigned at = 0; at < 8; at++)
			for (unsigned size = 1; size <= 8 - at; size *= 2) {
				uint64_t part = x >> at * 8;

				part = size == 8 ? part : part & (((uint64_t)1 << size * 8) - 1);
				r = ffpf_vm_number_part(&a, at, size);
				check_has(&r, part, "part", at * 16 + size, x, 0);
			}
		struct vm_number any = ffpf_vm_number_any(), narrower = a, other = about(x);
		assert_true(ffpf_vm_number_within(&a, &a) && ffpf_vm_number_within(&a, &any));
		assert_true(ffpf_vm_number_assume(BPF_JEQ, true, true, &narrower, &other));
		assert_true(ffpf_vm_number_within(&narrower, &a));
	}
}

static void test_conditions(void **state)
{
	static const uint8_t ops[] = {BPF_JEQ,	BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				      BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};

	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t x = pick(), y = next_random() % 3 ? x + next_random() % 3 - 1 : pick();
		struct vm_number a = about(x), b = next_random() % 2 ? about(y) : ffpf_vm_number_constant(y);

		for (unsigned k = 0; k < sizeof(ops) * 2; k++) {
			bool wide = k & 1;
			struct bpf_insn insn = {.code = (uint8_t)(ops[k / 2] | BPF_X | (wide ? BPF_JMP : BPF_JMP32)),
						.src_reg = 1};
			struct reference m = {.r = {x, y}};
			struct vm_number a1 = a, b1 = b;

			if (!ffpf_vm_number_assume(ops[k / 2], reference_holds(&m, &insn), wide, &a1, &b1))
				fail_msg("condition %#x of %#lx and %#lx is excluded", insn.code, (unsigned long)x,
					 (unsigned long)y);
			check_has(&a1, x, "first operand of condition", insn.code, x, y);
			check_has(&b1, y, "second operand of condition", insn.code, x, y);
		}
	}
}

/* Some things must be known exactly. */
static void test_precision(void **state)
{
	struct vm_number a = ffpf_vm_number_bytes(1, false), b = ffpf_vm_number_constant(4), c = a;

	assert_int_equal(a.wide.umax, 255);
	ffpf_vm_number_alu(&a, &b, BPF_LSH, true, false);
	assert_int_equal(a.wide.umax, 255 * 16);
	assert_int_equal(a.bits.unknown, 0xff0);
	ffpf_vm_number_alu(&a, &b, BPF_ADD, true, false);
	assert_int_equal(a.wide.umin, 4);
	assert_int_equal(a.wide.umax, 255 * 16 + 4);
	ffpf_vm_number_alu(&c, &b, BPF_SUB, false, false);
	assert_int_equal(c.low.smin, -4);
	assert_int_equal(c.low.smax, 251);
	a = ffpf_vm_number_any();
	b = ffpf_vm_number_constant(10);
	assert_true(ffpf_vm_number_assume(BPF_JSLT, true, true, &a, &b));
	assert_int_equal(a.wide.smax, 9);
	b = ffpf_vm_number_constant(0);
	assert_true(ffpf_vm_number_assume(BPF_JSLT, false, true, &a, &b));
	assert_int_equal(a.wide.umax, 9);
	assert_int_equal(a.bits.unknown, 15);
	b = ffpf_vm_number_constant(9);
	assert_false(ffpf_vm_number_assume(BPF_JGT, true, true, &a, &b));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_precision),
	};

	rounds = argc > 1 ? strtoull(argv[1], NULL, 0) : rounds;
	random_state = argc > 2 ? strtoull(argv[2], NULL, 0) : random_state;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
