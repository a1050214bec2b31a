/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verifier knows of a number: which bits it has, and ranges, unsigned and signed, of the whole and of its low
 * half. Each operation computes every form by itself, from above: the result has all values that operands from the
 * inputs give. Then the forms tighten each other.
 */
#include <flowspaces/user/vm/verify.h>

#define HIGH 0xffffffff00000000u
#define LOW 0xffffffffu

static void raise_least(uint64_t *least, uint64_t to)
{
	*least = to > *least ? to : *least;
}

static void lower_most(uint64_t *most, uint64_t to)
{
	*most = to < *most ? to : *most;
}

static void raise_signed(int64_t *least, int64_t to)
{
	*least = to > *least ? to : *least;
}

static void lower_signed(int64_t *most, int64_t to)
{
	*most = to < *most ? to : *most;
}

static int64_t as_signed(uint64_t value, unsigned width)
{
	return width == 64 ? (int64_t)value : (int32_t)value;
}

static uint64_t as_unsigned(int64_t value, unsigned width)
{
	return width == 64 ? (uint64_t)value : (uint32_t)value;
}

struct vm_number ffpf_vm_number_any(void)
{
	return (struct vm_number){{0, UINT64_MAX}, ffpf_vm_bounds_any(64), ffpf_vm_bounds_any(32)};
}

struct vm_number ffpf_vm_number_constant(uint64_t value)
{
	return (struct vm_number){{value, 0},
				  {value, value, (int64_t)value, (int64_t)value},
				  {(uint32_t)value, (uint32_t)value, (int32_t)value, (int32_t)value}};
}

bool ffpf_vm_number_is_constant(const struct vm_number *n)
{
	return !n->bits.unknown;
}

struct vm_number ffpf_vm_number_bytes(unsigned bytes, bool sign)
{
	struct vm_number n = ffpf_vm_number_any();

	if (bytes == 8)
		return n;
	if (sign)
		return ffpf_vm_number_extend(&n, bytes * 8);
	n.bits.unknown = ((uint64_t)1 << bytes * 8) - 1;
	ffpf_vm_number_tighten(&n);
	return n;
}

bool ffpf_vm_number_has(const struct vm_number *n, uint64_t value)
{
	uint32_t low = (uint32_t)value;

	return !((value ^ n->bits.value) & ~n->bits.unknown) && value >= n->wide.umin && value <= n->wide.umax &&
	       (int64_t)value >= n->wide.smin && (int64_t)value <= n->wide.smax && low >= n->low.umin &&
	       low <= n->low.umax && (int32_t)low >= n->low.smin && (int32_t)low <= n->low.smax;
}

static bool bounds_within(const struct vm_bounds *a, const struct vm_bounds *b)
{
	return a->umin >= b->umin && a->umax <= b->umax && a->smin >= b->smin && a->smax <= b->smax;
}

bool ffpf_vm_number_within(const struct vm_number *a, const struct vm_number *b)
{
	if ((a->bits.unknown & ~b->bits.unknown) || ((a->bits.value ^ b->bits.value) & ~b->bits.unknown))
		return false;
	return bounds_within(&a->wide, &b->wide) && bounds_within(&a->low, &b->low);
}

/* ---- bringing the forms together ------------------------------------------------------------- */

/* Both are known of the same bits: false if they contradict each other. */
static bool meet_bits(struct vm_bits *to, struct vm_bits more)
{
	if ((to->value ^ more.value) & ~to->unknown & ~more.unknown)
		return false;
	to->value |= more.value;
	to->unknown &= more.unknown;
	return true;
}

/* The bits that all numbers of a range begin with. */
static struct vm_bits bits_of_range(uint64_t least, uint64_t most)
{
	uint64_t differ = least ^ most;
	uint64_t unknown = differ ? UINT64_MAX >> __builtin_clzll(differ) : 0;

	return (struct vm_bits){least & ~unknown, unknown};
}

/* Between unsigned and signed: they agree on each half of the circle of numbers. */
static void meet_signs(struct vm_bounds *b, unsigned width)
{
	if (as_signed(b->umin, width) <= as_signed(b->umax, width)) {
		raise_signed(&b->smin, as_signed(b->umin, width));
		lower_signed(&b->smax, as_signed(b->umax, width));
	}
	if (b->smin >= 0 || b->smax < 0) {
		raise_least(&b->umin, as_unsigned(b->smin, width));
		lower_most(&b->umax, as_unsigned(b->smax, width));
	} else if (b->umin > (uint64_t)b->smax) { /* so it is negative */
		raise_least(&b->umin, as_unsigned(b->smin, width));
	} else if (b->umax < as_unsigned(b->smin, width)) { /* so it is not */
		lower_most(&b->umax, (uint64_t)b->smax);
	}
}

static void bounds_from_bits(struct vm_bounds *b, struct vm_bits bits, unsigned width)
{
	uint64_t sign = (uint64_t)1 << (width - 1);

	raise_least(&b->umin, bits.value);
	lower_most(&b->umax, bits.value | bits.unknown);
	raise_signed(&b->smin, as_signed(bits.value | (bits.unknown & sign), width));
	lower_signed(&b->smax, as_signed(bits.value | (bits.unknown & ~sign), width));
}

static void meet_widths(struct vm_number *n)
{
	struct vm_bounds *wide = &n->wide, *low = &n->low;

	if (!((wide->umin ^ wide->umax) & HIGH)) {
		raise_least(&low->umin, wide->umin & LOW);
		lower_most(&low->umax, wide->umax & LOW);
	}
	if (!(((uint64_t)wide->smin ^ (uint64_t)wide->smax) & HIGH)) {
		raise_least(&low->umin, (uint64_t)wide->smin & LOW);
		lower_most(&low->umax, (uint64_t)wide->smax & LOW);
	}
	if (wide->smin >= INT32_MIN && wide->smax <= INT32_MAX) {
		raise_signed(&low->smin, wide->smin);
		lower_signed(&low->smax, wide->smax);
		raise_signed(&wide->smin, low->smin);
		lower_signed(&wide->smax, low->smax);
	}
	/* A value with the same upper half as a bound has a lower half that is in range; any other is farther off. */
	raise_least(&wide->umin, (wide->umin & HIGH) | low->umin);
	lower_most(&wide->umax, (wide->umax & HIGH) | low->umax);
	raise_signed(&wide->smin, (int64_t)(((uint64_t)wide->smin & HIGH) | low->umin));
	lower_signed(&wide->smax, (int64_t)(((uint64_t)wide->smax & HIGH) | low->umax));
}

static bool is_empty(const struct vm_bounds *b)
{
	return b->umin > b->umax || b->smin > b->smax;
}

bool ffpf_vm_number_tighten(struct vm_number *n)
{
	for (int round = 0; round < 2; round++) {
		struct vm_bits low = {n->bits.value & LOW, n->bits.unknown & LOW};

		bounds_from_bits(&n->wide, n->bits, 64);
		bounds_from_bits(&n->low, low, 32);
		meet_signs(&n->wide, 64);
		meet_signs(&n->low, 32);
		meet_widths(n);
		meet_signs(&n->wide, 64);
		meet_signs(&n->low, 32);
		if (is_empty(&n->wide) || is_empty(&n->low))
			return false;
		low = bits_of_range(n->low.umin, n->low.umax);
		low.unknown |= HIGH;
		if (!meet_bits(&n->bits, bits_of_range(n->wide.umin, n->wide.umax)) || !meet_bits(&n->bits, low))
			return false;
	}
	return true;
}

/* After arithmetic, which never leaves nothing: if it seems so, nothing is known. */
static void settle(struct vm_number *n)
{
	if (!ffpf_vm_number_tighten(n))
		*n = ffpf_vm_number_any();
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* Does the low half of the result depend on nothing but the low halves of the operands? */
static bool low_by_itself(uint8_t op, const struct vm_number *src)
{
	switch (op) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		return true;
	case BPF_LSH:
		return src->wide.umax < 32;
	default:
		return false;
	}
}

/* x << 32 keeps the range of the low half, shifted. */
static void shift_low_up(struct vm_number *r, const struct vm_number *n)
{
	r->wide.umin = n->low.umin << 32;
	r->wide.umax = n->low.umax << 32;
	r->wide.smin = (int64_t)((uint64_t)n->low.smin << 32);
	r->wide.smax = (int64_t)((uint64_t)n->low.smax << 32);
}

struct vm_number ffpf_vm_number_low(const struct vm_number *n)
{
	struct vm_number r = {.bits = {n->bits.value & LOW, n->bits.unknown & LOW},
			      .wide = {n->low.umin, n->low.umax, 0, INT64_MAX},
			      .low = n->low};

	settle(&r);
	return r;
}

void ffpf_vm_number_alu(struct vm_number *dst, const struct vm_number *src, uint8_t op, bool wide, bool is_signed)
{
	struct vm_number a = *dst, b = *src, r = ffpf_vm_number_any();

	if (wide) {
		r.bits = ffpf_vm_bits_alu(a.bits, b.bits, op, 64);
		ffpf_vm_bounds_alu(&r.wide, &a.wide, &b.wide, op, 64, is_signed);
		if (low_by_itself(op, &b))
			ffpf_vm_bounds_alu(&r.low, &a.low, &b.low, op, 32, false);
		if (op == BPF_LSH && !b.bits.unknown && (b.bits.value & 63) == 32)
			shift_low_up(&r, &a);
	} else {
		struct vm_bits low_a = {a.bits.value & LOW, a.bits.unknown & LOW};
		struct vm_bits low_b = {b.bits.value & LOW, b.bits.unknown & LOW};

		r.bits = ffpf_vm_bits_alu(low_a, low_b, op, 32);
		ffpf_vm_bounds_alu(&r.low, &a.low, &b.low, op, 32, is_signed);
		r = ffpf_vm_number_low(&r);
	}
	settle(&r);
	*dst = r;
}

struct vm_number ffpf_vm_number_extend(const struct vm_number *n, unsigned bits)
{
	uint64_t mask = ((uint64_t)1 << bits) - 1, sign = (uint64_t)1 << (bits - 1);
	int64_t least = -(int64_t)sign, most = (int64_t)sign - 1;
	struct vm_number r = ffpf_vm_number_any();

	r.bits.value = n->bits.value & mask;
	r.bits.unknown = n->bits.unknown & mask;
	if (r.bits.unknown & sign)
		r.bits.unknown |= ~mask;
	else if (r.bits.value & sign)
		r.bits.value |= ~mask;
	r.wide.smin = least;
	r.wide.smax = most;
	if (n->wide.smin >= least && n->wide.smax <= most) { /* it is that already */
		r.wide.smin = n->wide.smin;
		r.wide.smax = n->wide.smax;
	} else if (bits == 32) {
		r.wide.smin = n->low.smin;
		r.wide.smax = n->low.smax;
	} else if (n->low.smin >= least && n->low.smax <= most) {
		r.wide.smin = n->low.smin;
		r.wide.smax = n->low.smax;
	}
	settle(&r);
	return r;
}

static uint64_t swapped(uint64_t value, unsigned bits)
{
	return __builtin_bswap64(value) >> (64 - bits);
}

struct vm_number ffpf_vm_number_swap(const struct vm_number *n, unsigned bits, bool swap)
{
	uint64_t mask = UINT64_MAX >> (64 - bits);
	struct vm_number r = ffpf_vm_number_any();

	if (!swap && bits == 64)
		return *n;
	if (!swap && bits == 32)
		return ffpf_vm_number_low(n);
	r.bits.value = swap ? swapped(n->bits.value & mask, bits) : n->bits.value & mask;
	r.bits.unknown = swap ? swapped(n->bits.unknown & mask, bits) : n->bits.unknown & mask;
	if (!swap && n->wide.umax <= mask)
		r.wide = n->wide;
	settle(&r);
	return r;
}

struct vm_number ffpf_vm_number_part(const struct vm_number *n, unsigned at, unsigned size)
{
	struct vm_number r = *n, amount = ffpf_vm_number_constant(at * 8);

	if (size == 8)
		return r;
	if (at)
		ffpf_vm_number_alu(&r, &amount, BPF_RSH, true, false);
	if (size == 4)
		return ffpf_vm_number_low(&r);
	amount = ffpf_vm_number_constant(((uint64_t)1 << size * 8) - 1);
	ffpf_vm_number_alu(&r, &amount, BPF_AND, true, false);
	return r;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void meet_bounds(struct vm_bounds *a, const struct vm_bounds *b)
{
	raise_least(&a->umin, b->umin);
	lower_most(&a->umax, b->umax);
	raise_signed(&a->smin, b->smin);
	lower_signed(&a->smax, b->smax);
}

static bool assume_equal(bool wide, struct vm_number *a, struct vm_number *b)
{
	if (wide) {
		if (!meet_bits(&a->bits, b->bits))
			return false;
		b->bits = a->bits;
		meet_bounds(&a->wide, &b->wide);
		b->wide = a->wide;
	} else {
		struct vm_bits low_a = {a->bits.value & LOW, a->bits.unknown | HIGH};
		struct vm_bits low_b = {b->bits.value & LOW, b->bits.unknown | HIGH};

		if (!meet_bits(&a->bits, low_b) || !meet_bits(&b->bits, low_a))
			return false;
	}
	meet_bounds(&a->low, &b->low);
	b->low = a->low;
	return true;
}

/* A range whose end is the value that it can't have is one shorter. */
static bool assume_not(struct vm_bounds *a, const struct vm_bounds *b)
{
	if (b->umin != b->umax)
		return true;
	if (a->umin == a->umax && a->umin == b->umin)
		return false;
	if (a->umin == b->umin)
		a->umin++;
	else if (a->umax == b->umin)
		a->umax--;
	if (a->smin == a->smax)
		return true;
	if (a->smin == b->smin)
		a->smin++;
	else if (a->smax == b->smin)
		a->smax--;
	return true;
}

static bool assume_bits(bool common, uint64_t within, struct vm_bits *a, const struct vm_bits *b)
{
	uint64_t may = (a->value | a->unknown) & (b->value | b->unknown) & within;

	if (!common) { /* what b surely has, a has not */
		if (a->value & b->value & within)
			return false;
		a->unknown &= ~(b->value & within);
		return true;
	}
	if (!may)
		return false;
	if (!(may & (may - 1))) { /* one bit only can be it */
		a->value |= may;
		a->unknown &= ~may;
	}
	return true;
}

/* a > b, or a >= b */
static bool assume_greater(bool equal_too, struct vm_bounds *a, struct vm_bounds *b)
{
	if (!equal_too && (b->umin == UINT64_MAX || !a->umax))
		return false;
	raise_least(&a->umin, b->umin + !equal_too);
	lower_most(&b->umax, a->umax - !equal_too);
	return a->umin <= a->umax && b->umin <= b->umax;
}

static bool assume_greater_signed(bool equal_too, struct vm_bounds *a, struct vm_bounds *b)
{
	if (!equal_too && (b->smin == INT64_MAX || a->smax == INT64_MIN))
		return false;
	raise_signed(&a->smin, b->smin + !equal_too);
	lower_signed(&b->smax, a->smax - !equal_too);
	return a->smin <= a->smax && b->smin <= b->smax;
}

bool ffpf_vm_number_assume(uint8_t op, bool holds, bool wide, struct vm_number *a, struct vm_number *b)
{
	struct vm_bounds *x = wide ? &a->wide : &a->low, *y = wide ? &b->wide : &b->low;
	uint64_t within = wide ? UINT64_MAX : LOW;
	struct vm_bits before = a->bits;
	struct vm_bounds x_before = *x;
	bool may = true;

	switch (op) {
	case BPF_JEQ:
	case BPF_JNE:
		may = (op == BPF_JEQ) == holds ? assume_equal(wide, a, b)
					       : assume_not(x, y) && assume_not(y, &x_before);
		break;
	case BPF_JSET:
		may = assume_bits(holds, within, &a->bits, &b->bits) && assume_bits(holds, within, &b->bits, &before);
		break;
	case BPF_JGT:
	case BPF_JLE:
		may = (op == BPF_JGT) == holds ? assume_greater(false, x, y) : assume_greater(true, y, x);
		break;
	case BPF_JGE:
	case BPF_JLT:
		may = (op == BPF_JGE) == holds ? assume_greater(true, x, y) : assume_greater(false, y, x);
		break;
	case BPF_JSGT:
	case BPF_JSLE:
		may = (op == BPF_JSGT) == holds ? assume_greater_signed(false, x, y)
						: assume_greater_signed(true, y, x);
		break;
	case BPF_JSGE:
	case BPF_JSLT:
		may = (op == BPF_JSGE) == holds ? assume_greater_signed(true, x, y)
						: assume_greater_signed(false, y, x);
		break;
	}
	return may && ffpf_vm_number_tighten(a) && ffpf_vm_number_tighten(b);
}
