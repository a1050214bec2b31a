/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on ranges and on known bits, at a width of 64 or 32 bits. Ranges are computed in 128 bits, where nothing
 * overflows; a result whose ends wrap around equally often keeps its range, any other loses it. The two domains know
 * nothing of each other here: ffpf_vm_number_tighten brings them together.
 */
#include <flowspaces/user/vm/verify.h>

typedef __int128 s128;

static uint64_t most(unsigned width)
{
	return width == 64 ? UINT64_MAX : UINT32_MAX;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct vm_bounds ffpf_vm_bounds_any(unsigned width)
{
	return width == 64 ? (struct vm_bounds){0, UINT64_MAX, INT64_MIN, INT64_MAX}
			   : (struct vm_bounds){0, UINT32_MAX, INT32_MIN, INT32_MAX};
}

/* The value as a signed number of that width. */
static int64_t as_signed(uint64_t value, unsigned width)
{
	return width == 64 ? (int64_t)value : (int32_t)value;
}

/* How often a value was wrapped around: the part above the width, rounded down. */
static s128 wraps(s128 value, unsigned width)
{
	return value >> width;
}

static void set_unsigned(struct vm_bounds *b, s128 low, s128 high, unsigned width)
{
	if (wraps(low, width) != wraps(high, width))
		return;
	b->umin = (uint64_t)low & most(width);
	b->umax = (uint64_t)high & most(width);
}

static void set_signed(struct vm_bounds *b, s128 low, s128 high, unsigned width)
{
	s128 half = (s128)1 << (width - 1);

	if (wraps(low + half, width) != wraps(high + half, width))
		return;
	b->smin = as_signed((uint64_t)low, width);
	b->smax = as_signed((uint64_t)high, width);
}

static void multiply(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b, unsigned width)
{
	s128 low = 0, high = 0;

	if (!a->umax || b->umax <= most(width) / a->umax) {
		r->umin = a->umin * b->umin;
		r->umax = a->umax * b->umax;
	}
	for (int corner = 0; corner < 4; corner++) {
		s128 product = (s128)(corner & 1 ? a->smax : a->smin) * (corner & 2 ? b->smax : b->smin);

		low = !corner || product < low ? product : low;
		high = !corner || product > high ? product : high;
	}
	if (low >= as_signed((uint64_t)1 << (width - 1), width) && high <= (s128)(most(width) >> 1))
		set_signed(r, low, high, width);
}

/* Division by zero gives 0. */
static void divide(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b)
{
	r->umin = b->umin ? a->umin / b->umax : 0;
	r->umax = !b->umax ? 0 : b->umin ? a->umax / b->umin : a->umax;
}

/* What is left of division by zero is the dividend. */
static void modulo(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b)
{
	r->umax = a->umax;
	if (!b->umin)
		return;
	r->umin = a->umax < b->umin ? a->umin : 0;
	r->umax = min64(a->umax, b->umax - 1);
}

/* The quotient is at most as far from 0 as the dividend, the smallest number by -1 included (it stays what it is). */
static void divide_signed(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b, unsigned width)
{
	s128 far = a->smin < 0 ? -(s128)a->smin : a->smin, high = a->smax < 0 ? -(s128)a->smax : a->smax;

	far = high > far ? high : far;
	s128 limit = (s128)(most(width) >> 1);
	if (b->smin == b->smax && b->smin > 0) {
		r->smin = a->smin / b->smin;
		r->smax = a->smax / b->smin;
		return;
	}
	r->smin = (int64_t)-far;
	r->smax = (int64_t)(far > limit ? limit : far);
	if (a->smin >= 0 && b->smin >= 0)
		r->smin = 0;
}

/* The rest has the dividend's sign, and is not further from 0. */
static void modulo_signed(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b)
{
	r->smin = a->smin < 0 ? a->smin : 0;
	r->smax = a->smax > 0 ? a->smax : 0;
	if (b->smin == b->smax && b->smin > 0) {
		int64_t rest = b->smin - 1;

		r->smin = r->smin < -rest ? -rest : r->smin;
		r->smax = r->smax > rest ? rest : r->smax;
	}
}

/* All bits from the highest one downwards. */
static uint64_t filled(uint64_t x)
{
	return x ? UINT64_MAX >> __builtin_clzll(x) : 0;
}

/* Amounts are taken modulo the width. */
static void shift(struct vm_bounds *r, const struct vm_bounds *a, const struct vm_bounds *b, uint8_t op, unsigned width)
{
	bool known = b->umax < width || b->umin == b->umax;
	unsigned least = known ? (unsigned)b->umin & (width - 1) : 0;
	unsigned far = known ? (unsigned)b->umax & (width - 1) : width - 1;

	if (op == BPF_RSH) {
		r->umin = a->umin >> far;
		r->umax = a->umax >> least;
	} else if (op == BPF_ARSH) {
		r->smin = a->smin >> (a->smin < 0 ? least : far);
		r->smax = a->smax >> (a->smax < 0 ? far : least);
	} else {
		if (a->umax <= most(width) >> far) {
			r->umin = a->umin << least;
			r->umax = a->umax << far;
		}
		/* One amount only: with more, the smallest could come of any. */
		if (least == far && a->smin >= (as_signed((uint64_t)1 << (width - 1), width) >> far) &&
		    a->smax <= (int64_t)(most(width) >> 1) >> far) {
			r->smin = (int64_t)((uint64_t)a->smin << far);
			r->smax = (int64_t)((uint64_t)a->smax << far);
		}
	}
}

void ffpf_vm_bounds_alu(struct vm_bounds *dst, const struct vm_bounds *a, const struct vm_bounds *b, uint8_t op,
			unsigned width, bool is_signed)
{
	struct vm_bounds r = ffpf_vm_bounds_any(width);

	switch (op) {
	case BPF_ADD:
		set_unsigned(&r, (s128)a->umin + b->umin, (s128)a->umax + b->umax, width);
		set_signed(&r, (s128)a->smin + b->smin, (s128)a->smax + b->smax, width);
		break;
	case BPF_SUB:
		set_unsigned(&r, (s128)a->umin - b->umax, (s128)a->umax - b->umin, width);
		set_signed(&r, (s128)a->smin - b->smax, (s128)a->smax - b->smin, width);
		break;
	case BPF_MUL:
		multiply(&r, a, b, width);
		break;
	case BPF_DIV:
		is_signed ? divide_signed(&r, a, b, width) : divide(&r, a, b);
		break;
	case BPF_MOD:
		is_signed ? modulo_signed(&r, a, b) : modulo(&r, a, b);
		break;
	case BPF_AND:
		r.umax = min64(a->umax, b->umax);
		break;
	case BPF_OR:
		r.umin = max64(a->umin, b->umin);
		r.umax = filled(a->umax | b->umax);
		break;
	case BPF_XOR:
		r.umax = filled(a->umax | b->umax);
		break;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		shift(&r, a, b, op, width);
		break;
	}
	*dst = r;
}

/* ---- known bits ---------------------------------------------------------------------------- */

static struct vm_bits bits(uint64_t value, uint64_t unknown)
{
	return (struct vm_bits){value & ~unknown, unknown};
}

/*
 * Sums: a bit is unknown where it is in an operand, or where a carry may or may not come. Carries differ most between
 * the smallest and the largest sum, so where those two differ is where a carry is uncertain.
 */
static struct vm_bits add(struct vm_bits a, struct vm_bits b)
{
	uint64_t least = a.value + b.value, greatest = least + a.unknown + b.unknown;

	return bits(least, (least ^ greatest) | a.unknown | b.unknown);
}

static struct vm_bits subtract(struct vm_bits a, struct vm_bits b)
{
	uint64_t middle = a.value - b.value, greatest = middle + a.unknown, least = middle - b.unknown;

	return bits(middle, (greatest ^ least) | a.unknown | b.unknown);
}

/* As on paper: the sum of b shifted to each bit that a has or may have. */
static struct vm_bits multiply_bits(struct vm_bits a, struct vm_bits b)
{
	struct vm_bits sum = bits(0, 0);

	for (; a.value | a.unknown; a.value >>= 1, a.unknown >>= 1) {
		if (a.value & 1)
			sum = add(sum, b);
		else if (a.unknown & 1)
			sum = add(sum, bits(0, b.value | b.unknown));
		b = bits(b.value << 1, b.unknown << 1);
	}
	return sum;
}

static struct vm_bits shift_bits(struct vm_bits a, unsigned amount, uint8_t op, unsigned width)
{
	if (op == BPF_LSH)
		return bits(a.value << amount, a.unknown << amount);
	if (op == BPF_RSH)
		return bits(a.value >> amount, a.unknown >> amount);
	/* An unknown sign is unknown in all places that it comes to. */
	return bits((uint64_t)(as_signed(a.value, width) >> amount), (uint64_t)(as_signed(a.unknown, width) >> amount));
}

struct vm_bits ffpf_vm_bits_alu(struct vm_bits a, struct vm_bits b, uint8_t op, unsigned width)
{
	switch (op) {
	case BPF_ADD:
		return add(a, b);
	case BPF_SUB:
		return subtract(a, b);
	case BPF_MUL:
		return multiply_bits(a, b);
	case BPF_AND:
		return bits(a.value & b.value, (a.unknown | a.value) & (b.unknown | b.value) & ~(a.value & b.value));
	case BPF_OR:
		return bits(a.value | b.value, (a.unknown | b.unknown) & ~(a.value | b.value));
	case BPF_XOR:
		return bits(a.value ^ b.value, a.unknown | b.unknown);
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		if (!(b.unknown & (width - 1)))
			return shift_bits(a, (unsigned)b.value & (width - 1), op, width);
		break;
	}
	return bits(0, UINT64_MAX);
}
