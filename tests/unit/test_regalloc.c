/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register allocation under pressure: random programs with more values alive than there are registers, whose lives
 * begin and end in any order, give on the machine of userspace what the reference interpreter says.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <ffpf/packet.h>
#include <lib/lang/arena.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS = 4, LIVE_MAX = 40 };

static uint64_t state;

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

struct making {
	struct ffpf_builder *b;
	ffpf_val live[LIVE_MAX];
	unsigned n, most;
};

static ffpf_val take(struct making *m)
{
	unsigned i = below(m->n);
	ffpf_val v = m->live[i];

	/* Often for the last time. */
	if (below(3) == 0 && m->n > 2)
		m->live[i] = m->live[--m->n];
	return v;
}

static void give(struct making *m, ffpf_val v)
{
	if (m->n < m->most)
		m->live[m->n++] = v;
	else
		m->live[below(m->n)] = v;
}

static void step(struct making *m)
{
	static const enum ffpf_alu operations[] = {FFPF_ADD, FFPF_SUB, FFPF_XOR, FFPF_MUL, FFPF_OR};
	ffpf_val x = take(m), y = take(m);

	switch (below(8)) {
	case 0:
		give(m, ffpf_ir_state_fetch_add(m->b, 0, 0, x));
		break;
	case 1:
		ffpf_ir_state_add(m->b, 1, 0, x);
		break;
	case 2: /* a call: what lives across it needs another place */
		give(m,
		     ffpf_ir_alu(m->b, FFPF_AND, 64, ffpf_ir_call(m->b, FFPF_HELPER_RANDOM), ffpf_ir_const(m->b, 0)));
		break;
	default:
		give(m, ffpf_ir_alu(m->b, operations[below(5)], below(2) ? 32 : 64, x, y));
	}
}

/* Both arms leave some variables behind, which become phis. */
static void fork_and_join(struct making *m)
{
	ffpf_block yes = ffpf_ir_block(m->b), no = ffpf_ir_block(m->b), done = ffpf_ir_block(m->b);
	ffpf_var vars[4];
	ffpf_val live[LIVE_MAX];
	unsigned n = m->n, k = 1 + below(4);

	memcpy(live, m->live, sizeof(live));
	for (unsigned i = 0; i < k; i++)
		vars[i] = ffpf_ir_var(m->b);
	ffpf_ir_branch_imm(m->b, FFPF_SET, 64, take(m), 1u << below(8), yes, no);
	for (unsigned arm = 0; arm < 2; arm++) {
		ffpf_ir_seal(m->b, arm ? no : yes);
		ffpf_ir_switch_to(m->b, arm ? no : yes);
		memcpy(m->live, live, sizeof(live));
		m->n = n;
		for (unsigned i = below(12); i; i--)
			step(m);
		for (unsigned i = 0; i < k; i++)
			ffpf_ir_var_set(m->b, vars[i], below(5) ? take(m) : ffpf_ir_const(m->b, below(1000)));
		ffpf_ir_jump(m->b, done);
	}
	ffpf_ir_seal(m->b, done);
	ffpf_ir_switch_to(m->b, done);
	memcpy(m->live, live, sizeof(live));
	m->n = n;
	for (unsigned i = 0; i < k; i++)
		give(m, ffpf_ir_var_get(m->b, vars[i]));
}

static struct ffpf_program *make(struct ffpf_arena *arena)
{
	static const uint32_t base[] = {0, 1}, cells[] = {1, 1};
	static const bool shared[] = {false, false};
	const struct ffpf_state_map map = {.base = base, .cells = cells, .shared = shared, .n = 2};
	struct ffpf_program *p = ffpf_program_new(arena);
	struct making m = {.b = ffpf_builder_new(p), .most = 4 + below(LIVE_MAX - 4)};

	ffpf_builder_begin(m.b, 0, &map, 0, 0, 0, 0);
	for (unsigned i = 0; i < 4; i++)
		give(&m, ffpf_ir_meta(m.b, FFPF_META_LEN + (i & 1 ? FFPF_META_IFINDEX : 0)));
	for (unsigned i = 10 + below(120); i; i--) {
		if (below(12) == 0)
			fork_and_join(&m);
		else
			step(&m);
	}
	for (unsigned i = 0; i < m.n; i++) {
		ffpf_val old = ffpf_ir_state_load(m.b, 0, 0);

		ffpf_ir_state_store(
			m.b, 0, 0,
			ffpf_ir_alu(m.b, FFPF_ADD, 64, ffpf_ir_alu_imm(m.b, FFPF_MUL, 64, old, 31), m.live[i]));
	}
	ffpf_ir_end(m.b);
	ffpf_builder_finish(m.b);
	return p;
}

static const struct ffpf_vm_helper_info calls[] = {
	{.id = BPF_FUNC_get_prandom_u32, .name = "get_prandom_u32", .function = ffpf_vm_random},
};
static const struct ffpf_vm_helpers helpers = {calls, 1};

/* What the machine leaves in the cells; false when the program is too large for its stack. A copy gives the same code.
 */
static bool on_machine(struct ffpf_arena *arena, struct ffpf_program *p, const struct ffpf_packet *packet,
		       uint64_t *cells)
{
	const struct ffpf_ebpf_options o = {
		.target = FFPF_EBPF_USER, .n_cpus = 1, .n_cells = CELLS, .next_piece = -1, .slow_piece = -1};
	struct ffpf_user_ctx ctx = {.cells = cells};
	struct ffpf_vm_env env = {0};
	struct ffpf_ebpf_program code, again;
	struct ffpf_program *copy = ffpf_ir_copy(p, arena);
	struct ffpf_vm *vm;
	const char *why;

	if (ffpf_ebpf_generate(arena, copy, &o, &code))
		return false;
	assert_int_equal(ffpf_ebpf_generate(arena, p, &o, &again), 0);
	assert_int_equal(again.n, code.n);
	assert_memory_equal(again.insns, code.insns, code.n * sizeof(*code.insns));
	const struct ffpf_vm_program program = {.insns = code.insns, .n = code.n, .helpers = &helpers};
	if (ffpf_vm_new(&program, &vm, &why))
		fail_msg("%s", why);
	ffpf_vm_run(vm, (void *)packet, (uintptr_t)&ctx, &env);
	ffpf_vm_free(vm);
	return true;
}

static void machine_and_interpreter_agree(void **unused)
{
	const struct ffpf_packet packet = {.len = 0x5a17, .ifindex = 77};
	unsigned run = 0;

	for (unsigned seed = 1; seed <= 1500; seed++) {
		struct ffpf_arena *arena = ffpf_arena_new();
		uint64_t expected[64] = {0}, cells[64] = {0};
		struct ffpf_ir_env env = {.cells = expected,
					  .n_cells = CELLS,
					  .meta = {[FFPF_META_LEN] = packet.len, [FFPF_META_IFINDEX] = packet.ifindex}};
		struct ffpf_program *p;

		state = seed;
		p = make(arena);
		ffpf_ir_optimise(p);
		assert_null(ffpf_ir_verify(p));
		assert_int_equal(ffpf_ir_run(p, &env, NULL, 0), 0);
		if (on_machine(arena, p, &packet, cells)) {
			run++;
			if (memcmp(cells, expected, CELLS * 8))
				fail_msg("seed %u: the cells differ", seed);
		}
		ffpf_arena_free(arena);
	}
	assert_true(run > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machine_and_interpreter_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
