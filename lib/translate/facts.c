/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What placement wants to know of a classic BPF program without running it:
 * how many bytes it looks at, and whether it tests for VLAN tags.
 *
 * One walk from the first instruction to the last; libpcap's jumps go forward, so every state
 * that flows into an instruction is known when the walk comes to it. The state holds for A, X and
 * each scratch word an upper bound and whether it may hold an EtherType. A program with a loop
 * (`protochain`) has no bounds, and any value may be an EtherType.
 */
#include <lib/translate/internal.h>

#include <ffpf/class.h>
#include <stdlib.h>

#define LOOK_MAX 65536u
enum { A, X, MEM, CELLS = MEM + BPF_MEMWORDS };

struct state {
	uint32_t max[CELLS];
	uint32_t ethertype; /* bit per cell */
	bool reached;
};

struct facts {
	uint32_t demand;
	bool vlan;
};

static void merge(struct state *into, const struct state *from)
{
	for (unsigned i = 0; i < CELLS; i++)
		if (into->max[i] < from->max[i])
			into->max[i] = from->max[i];
	into->ethertype |= from->ethertype;
	into->reached = true;
}

static void set(struct state *s, unsigned cell, uint32_t max, bool ethertype)
{
	s->max[cell] = max;
	s->ethertype = (s->ethertype & ~(1u << cell)) | (uint32_t)ethertype << cell;
}

static void copy(struct state *s, unsigned to, unsigned from)
{
	set(s, to, s->max[from], s->ethertype >> from & 1);
}

static bool is_tag(uint32_t k)
{
	return k == 0x8100 || k == 0x88a8 || k == 0x9100;
}

/* EtherTypes of Ethernet and of its stacked tags stand at 12, 16, 20 …: does a load cover one of the first four? */
static bool covers_ethertype(uint32_t k, unsigned size)
{
	for (uint32_t at = 12; at <= 24; at += 4)
		if (k <= at && k + size >= at + 2 && k < LOOK_MAX)
			return true;
	return false;
}

static void load(struct state *s, const struct ffpf_cbpf *insn, struct facts *f)
{
	unsigned to = BPF_CLASS(insn->code) == BPF_LD ? A : X;
	unsigned size = cbpf_size(insn->code);
	uint64_t end = (uint64_t)insn->k + size;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		set(s, to, insn->k, false);
		return;
	case BPF_LEN:
		set(s, to, UINT32_MAX, false);
		return;
	case BPF_MEM:
		copy(s, to, MEM + insn->k);
		return;
	case BPF_IND:
		end += s->max[X];
		break;
	}
	if (end > LOOK_MAX)
		f->demand = FFPF_ALL_BYTES;
	else if (f->demand < end)
		f->demand = (uint32_t)end;
	if (BPF_MODE(insn->code) == BPF_MSH)
		set(s, X, 60, false);
	else
		set(s, A, UINT32_MAX >> (32 - 8 * size),
		    BPF_MODE(insn->code) == BPF_ABS && covers_ethertype(insn->k, size));
}

static uint32_t capped(uint64_t x)
{
	return x > UINT32_MAX ? UINT32_MAX : (uint32_t)x;
}

/* All bits that a value up to max can have. */
static uint32_t bits_of(uint32_t max)
{
	for (unsigned shift = 1; shift < 32; shift *= 2)
		max |= max >> shift;
	return max;
}

static void alu(struct state *s, const struct ffpf_cbpf *insn)
{
	bool k = BPF_SRC(insn->code) == BPF_K;
	uint32_t a = s->max[A], y = k ? insn->k : s->max[X], max = UINT32_MAX;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		max = (uint64_t)a + y > UINT32_MAX ? UINT32_MAX : a + y;
		break;
	case BPF_MUL:
		max = capped((uint64_t)a * y);
		break;
	case BPF_DIV:
		max = k && y ? a / y : a;
		break;
	case BPF_MOD:
		max = y && y - 1 < a ? y - 1 : a;
		break;
	case BPF_AND:
		max = a < y ? a : y;
		break;
	case BPF_OR:
	case BPF_XOR:
		max = bits_of(a | y);
		break;
	case BPF_LSH:
		max = k ? capped((uint64_t)a << (y & 31)) : UINT32_MAX;
		break;
	case BPF_RSH:
		max = k ? a >> (y & 31) : a;
		break;
	}
	set(s, A, max, (s->ethertype >> A & 1) || (!k && s->ethertype >> X & 1));
}

/* A compare with the EtherType of a tag, also where it was loaded with its neighbours. */
static bool tests_tag(const struct state *s, const struct ffpf_cbpf *insn)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return s->ethertype & (1u << A | 1u << X);
	return BPF_OP(insn->code) != BPF_JSET && s->ethertype & 1u << A &&
	       (is_tag(insn->k) || is_tag(insn->k >> 16) || is_tag(insn->k & 0xffff));
}

static void step(struct state *s, const struct ffpf_cbpf *insn, struct facts *f)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		load(s, insn, f);
		break;
	case BPF_ST:
		copy(s, MEM + insn->k, A);
		break;
	case BPF_STX:
		copy(s, MEM + insn->k, X);
		break;
	case BPF_ALU:
		alu(s, insn);
		break;
	case BPF_JMP:
		if (BPF_OP(insn->code) != BPF_JA && tests_tag(s, insn))
			f->vlan = true;
		break;
	case BPF_MISC:
		copy(s, insn->code == (BPF_MISC | BPF_TAX) ? X : A, insn->code == (BPF_MISC | BPF_TAX) ? A : X);
		break;
	}
}

static struct facts loop_facts(const struct ffpf_cbpf *insns, size_t n)
{
	struct facts f = {.demand = FFPF_ALL_BYTES};

	for (size_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && is_tag(insns[i].k))
			f.vlan = true;
	return f;
}

static struct facts find_facts(const struct ffpf_cbpf *insns, size_t n)
{
	struct facts f = {0};
	struct state *states;

	if (cbpf_invalid(insns, n))
		return (struct facts){FFPF_ALL_BYTES, true};
	for (size_t i = 0; i < n; i++)
		if (cbpf_jumps_back(&insns[i]))
			return loop_facts(insns, n);
	states = calloc(n + 1, sizeof(*states));
	if (!states)
		abort();
	states[0].reached = true;
	for (size_t i = 0; i < n; i++) {
		const struct ffpf_cbpf *insn = &insns[i];

		if (!states[i].reached)
			continue;
		step(&states[i], insn, &f);
		if (insn->code == (BPF_JMP | BPF_JA)) {
			merge(&states[i + 1 + insn->k], &states[i]);
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			merge(&states[i + 1 + insn->jt], &states[i]);
			merge(&states[i + 1 + insn->jf], &states[i]);
		} else if (BPF_CLASS(insn->code) != BPF_RET) {
			merge(&states[i + 1], &states[i]);
		}
	}
	free(states);
	return f;
}

uint32_t ffpf_cbpf_demand(const struct ffpf_cbpf *insns, size_t n)
{
	return find_facts(insns, n).demand;
}

int ffpf_cbpf_tests_vlan(const struct ffpf_cbpf *insns, size_t n, int linktype)
{
	return (linktype & ~FFPF_CBPF_SWAPPED) == DLT_EN10MB && find_facts(insns, n).vlan;
}
