/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random FPL programs that are right: made from the grammar with types, the same from the same seed. All state is
 * declared, and everything that the language has can come up: names of the packet that may be absent, tables that run
 * full, loops, switches, calls of classes, methods.
 *
 * What differs between levels on purpose is left out: random(), processors, interfaces.
 */
#ifndef FFPF_TESTS_RANDOM_FPL_H
#define FFPF_TESTS_RANDOM_FPL_H

#include "packets.h"

#include <fpl/packet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum fpl_random_type { RANDOM_NUMBER, RANDOM_IPV4, RANDOM_IPV6, RANDOM_MAC, RANDOM_HEADER, RANDOM_TYPES };

struct fpl_maker {
	struct rng *r;
	FILE *out;
	struct {
		unsigned id;
		enum fpl_random_type type;
		bool fixed;
	} locals[32];
	unsigned n_locals, next_id;
	unsigned loops, depth;
	int room; /* statements that may still come, loops unrolled */
	unsigned times;
};

static const char fpl_random_state[] =
	"counter c0; counter c1; scalar s0: u64 = 7; scalar s1: u8; scalar s2: u16; scalar s3: bool; scalar s4: IPv4;\n"
	"scalar s5: MAC; scalar s6: time; max m0; min m1; array a0[7]: u32; array a1[5]: counter; array a2[3]: u64;\n"
	"hash t0[u8]: { x: u64, y: u16, z: counter, w: IPv6 } size 16; hash t1[a: IPv6, p: u16]: counter size 8;\n"
	"hash t2[IPv4]: u32 size 1000; set st[u16] size 5; lru lr[u32]: { n: counter, last: time } size 4096;\n"
	"hist h0 log2; hist h1 linear 100 from 50 buckets 8; bloom bl[IPv6, u8] size 64; countmin cm[u16] 3 x 64;\n"
	"hyperloglog hl precision 6; topk tk[a: IPv6, p: u16] 3; meter me 1s;\n";

#define PUT(...) fprintf(m->out, __VA_ARGS__)

static inline unsigned fpl_pick(struct fpl_maker *m, unsigned n)
{
	return rng_below(m->r, n);
}

/* A name of the packet of a kind. */
static inline void fpl_put_field(struct fpl_maker *m, enum fpl_random_type type)
{
	static const char *const left_out[] = {"cpu", "queue", "iface", "dir", "mark", "vlan_tci"};

	for (;;) {
		const struct fpl_field *f = NULL;
		const char *path;
		bool right, out = false;
		enum fpl_kind kind;
		unsigned n = 0;

		while (fpl_field_at(n))
			n++;
		f = fpl_field_at(fpl_pick(m, n));
		path = fpl_field_path(f);
		kind = fpl_field_kind(f);
		right = type == RANDOM_NUMBER ? kind <= FPL_TIME
			: type == RANDOM_IPV4 ? kind == FPL_IPV4
			: type == RANDOM_IPV6 ? kind == FPL_IPV6
			: type == RANDOM_MAC  ? kind == FPL_MAC
					      : kind == FPL_HEADER;
		for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
			out |= !strcmp(left_out[i], path);
		/* Packets within packets take room: seldom. */
		if (!right || out || (strncmp(path, "inner.", 6) == 0 && !rng_one_in(m->r, 8)))
			continue;
		PUT("%s", path);
		return;
	}
}

static inline bool fpl_put_local(struct fpl_maker *m, enum fpl_random_type type, bool to_set)
{
	unsigned at[32], n = 0;

	for (unsigned i = 0; i < m->n_locals; i++)
		if (m->locals[i].type == type && !(to_set && m->locals[i].fixed))
			at[n++] = m->locals[i].id;
	if (n)
		PUT("v%u", at[fpl_pick(m, n)]);
	return n > 0;
}

static inline void fpl_put_truth(struct fpl_maker *m, unsigned depth);
static inline void fpl_put_number(struct fpl_maker *m, unsigned depth);
static inline void fpl_put_address(struct fpl_maker *m, enum fpl_random_type type, unsigned depth);

static inline void fpl_put_literal(struct fpl_maker *m)
{
	static const char *const literals[] = {
		"0",   "1",   "2",     "3",	"6",	 "17",	       "53",	     "80",
		"255", "256", "0x800", "65535", "65536", "4294967295", "4294967296", "18446744073709551615",
		"1s",  "10ms"};

	PUT("%s", RNG_PICK(m->r, literals));
}

static inline void fpl_put_leaf(struct fpl_maker *m)
{
	static const char *const cells[] = {"c0", "c1", "s0", "s1",    "s2",  "s3",
					    "s6", "m0", "m1", "class", "len", "now"};

	switch (fpl_pick(m, 10)) {
	case 0:
	case 1:
		fpl_put_literal(m);
		break;
	case 2:
		PUT("%s", RNG_PICK(m->r, cells));
		break;
	case 3:
		PUT("a%u[", fpl_pick(m, 3));
		fpl_put_number(m, 0);
		PUT(rng_one_in(m->r, 2) ? " %% 8]" : "]");
		break;
	case 4:
		PUT("t0[");
		fpl_put_number(m, 0);
		PUT(rng_one_in(m->r, 2) ? " %% 4].%c" : "].%c", "xyz"[fpl_pick(m, 3)]);
		break;
	case 5:
		PUT(rng_one_in(m->r, 2) ? "pkt[%u:%u]" : "payload[%u:%u]", fpl_pick(m, 80), 1u << fpl_pick(m, 4));
		break;
	case 6:
	case 7:
		if (fpl_put_local(m, RANDOM_NUMBER, false))
			break;
		/* fall through */
	default:
		fpl_put_field(m, RANDOM_NUMBER);
	}
}

static inline void fpl_put_number(struct fpl_maker *m, unsigned depth)
{
	static const char *const operators[] = {"+", "-", "*", "/", "%%", "&", "|", "^", "<<", ">>", "??"};
	static const char *const casts[] = {"u8", "u16", "u32", "u64", "bool", "time"};

	if (!depth || rng_one_in(m->r, 3)) {
		fpl_put_leaf(m);
		return;
	}
	switch (fpl_pick(m, 12)) {
	case 0:
		PUT("(%c", "-~"[fpl_pick(m, 2)]);
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 1:
		PUT("(");
		fpl_put_truth(m, depth - 1);
		PUT(" ? ");
		fpl_put_number(m, depth - 1);
		PUT(" : ");
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 2:
		PUT("%s(", RNG_PICK(m->r, casts));
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 3:
		PUT(rng_one_in(m->r, 2) ? "min(" : "max(");
		fpl_put_number(m, depth - 1);
		PUT(", ");
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 4:
		PUT("(true && ");
		fpl_put_truth(m, depth - 1);
		PUT(")");
		break;
	case 5:
		PUT(rng_one_in(m->r, 2) ? "log2(" : "hash(src, ");
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 6:
		PUT("u32(");
		fpl_put_address(m, RANDOM_IPV4, depth - 1);
		PUT(")");
		break;
	case 7:
		PUT(rng_one_in(m->r, 2) ? "cm.count(" : "cm.add(");
		fpl_put_number(m, depth - 1);
		PUT(")");
		break;
	case 8:
		PUT("pkt[");
		fpl_put_number(m, depth - 1);
		PUT(rng_one_in(m->r, 2) ? " %% 64:%u]" : ":%u]", 1u << fpl_pick(m, 4));
		break;
	default:
		PUT("(");
		fpl_put_number(m, depth - 1);
		PUT(" ");
		PUT(RNG_PICK(m->r, operators));
		PUT(" ");
		fpl_put_number(m, depth - 1);
		PUT(")");
	}
}

static inline void fpl_put_address(struct fpl_maker *m, enum fpl_random_type type, unsigned depth)
{
	static const char *const v4[] = {"10.0.0.1", "192.0.2.1", "0.0.0.0", "224.0.0.1"};
	static const char *const v6[] = {"2001:db8::1", "::", "::ffff:10.0.0.1", "ff02::1", "src", "dst"};
	static const char *const macs[] = {"00:11:22:33:44:55", "ff:ff:ff:ff:ff:ff"};

	if (depth && rng_one_in(m->r, 4)) {
		bool choice = rng_one_in(m->r, 2);

		PUT("(");
		if (choice) {
			fpl_put_truth(m, depth - 1);
			PUT(" ? ");
		}
		fpl_put_address(m, type, depth - 1);
		PUT(choice ? " : " : " ?? ");
		fpl_put_address(m, type, depth - 1);
		PUT(")");
	} else if (type == RANDOM_IPV6 && rng_one_in(m->r, 4)) {
		fpl_put_address(m, RANDOM_IPV4, depth);
	} else if (rng_one_in(m->r, 3)) {
		PUT("%s", type == RANDOM_IPV4	? RNG_PICK(m->r, v4)
			  : type == RANDOM_IPV6 ? RNG_PICK(m->r, v6)
						: RNG_PICK(m->r, macs));
	} else if (rng_one_in(m->r, 6) && type != RANDOM_IPV6) {
		PUT(type == RANDOM_IPV4 ? "s4" : "s5");
	} else if (rng_one_in(m->r, 2) || !fpl_put_local(m, type, false)) {
		fpl_put_field(m, type);
	}
}

static inline void fpl_put_set(struct fpl_maker *m)
{
	PUT("{");
	for (unsigned i = 1 + fpl_pick(m, 5); i; i--) {
		unsigned from = fpl_pick(m, 300);

		if (rng_one_in(m->r, 3))
			PUT("%u..%u", from, from + fpl_pick(m, 2000));
		else
			PUT("%u", from);
		PUT(i > 1 ? ", " : "}");
	}
}

static inline void fpl_put_comparison(struct fpl_maker *m, unsigned depth)
{
	static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
	static const char *const sets[] = {"10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32",
					   "{192.168.0.0/16, ::1, 10.0.0.2}", "::/0"};
	enum fpl_random_type type = fpl_pick(m, RANDOM_HEADER);

	if (type == RANDOM_NUMBER || rng_one_in(m->r, 2)) {
		fpl_put_number(m, depth);
		if (rng_one_in(m->r, 4)) {
			PUT(" in ");
			if (rng_one_in(m->r, 4))
				PUT("st");
			else
				fpl_put_set(m);
			return;
		}
		PUT(" %s ", RNG_PICK(m->r, operators));
		fpl_put_number(m, depth);
		return;
	}
	if (type == RANDOM_IPV6 && rng_one_in(m->r, 2)) {
		PUT("%s in %s", rng_one_in(m->r, 2) ? "src" : "dst", RNG_PICK(m->r, sets));
		return;
	}
	fpl_put_address(m, type, depth);
	PUT(" %s ", RNG_PICK(m->r, operators));
	fpl_put_address(m, type, depth);
}

static inline void fpl_put_truth(struct fpl_maker *m, unsigned depth)
{
	static const char *const calls[] = {
		"BPF(\"tcp port 80 or udp\")", "BPF(\"ip[8] > 64\")", "t2.has(ip.src)", "dst in t2",
		"bl.has(src, proto)",	       "bl.add(dst, ip.ttl)", "st.has(sport)"};

	switch (fpl_pick(m, depth ? 10 : 4)) {
	case 0:
		fpl_put_field(m, RANDOM_HEADER);
		break;
	case 1:
		if (rng_one_in(m->r, 2))
			PUT("%s", calls[fpl_pick(m, 7) == 3 ? 0 : fpl_pick(m, 3)]);
		else
			PUT("%s", calls[4 + fpl_pick(m, 3)]);
		break;
	case 4:
		PUT("!(");
		fpl_put_truth(m, depth - 1);
		PUT(")");
		break;
	case 5:
	case 6:
		PUT("(");
		fpl_put_truth(m, depth - 1);
		PUT(rng_one_in(m->r, 2) ? " && " : " || ");
		fpl_put_truth(m, depth - 1);
		PUT(")");
		break;
	case 7:
		fpl_put_number(m, depth - 1);
		break;
	default:
		PUT("(");
		fpl_put_comparison(m, depth ? depth - 1 : 0);
		PUT(")");
	}
}

/* ---- statements ------------------------------------------------------------------------------ */

static inline void fpl_put_block(struct fpl_maker *m, unsigned n);

static inline void fpl_put_let(struct fpl_maker *m)
{
	static const char *const types[] = {"", "", "", ": u8", ": u16", ": u32", ": bool", ": time"};
	enum fpl_random_type type = rng_one_in(m->r, 2) ? RANDOM_NUMBER : fpl_pick(m, RANDOM_HEADER);

	if (m->n_locals == 32)
		return;
	PUT("let v%u", m->next_id);
	if (type == RANDOM_NUMBER) {
		PUT("%s = ", RNG_PICK(m->r, types));
		fpl_put_number(m, 3);
	} else {
		PUT(type == RANDOM_IPV6 ? ": IPv6 = " : " = ");
		fpl_put_address(m, type, 2);
	}
	PUT(";\n");
	m->locals[m->n_locals].id = m->next_id++;
	m->locals[m->n_locals].type = type;
	m->locals[m->n_locals++].fixed = false;
}

static inline void fpl_put_assign(struct fpl_maker *m)
{
	static const char *const operators[] = {
		"=", "=", "+=", "-=", "*=", "/=", "%%=", "&=", "|=", "^=", "<<=", ">>="};
	static const char *const cells[] = {"s0", "s1", "s2", "s3", "s6"};
	const char *op = RNG_PICK(m->r, operators);

	switch (fpl_pick(m, 8)) {
	case 0:
		PUT("%s ", RNG_PICK(m->r, cells));
		break;
	case 1:
		PUT("a%u[", rng_one_in(m->r, 2) ? 0 : 2);
		fpl_put_number(m, 1);
		PUT(" %% 9] ");
		break;
	case 2:
		PUT("t0[");
		fpl_put_number(m, 1);
		PUT(" %% 20].%c ", "xy"[fpl_pick(m, 2)]);
		break;
	case 3:
		PUT("t2[");
		fpl_put_address(m, RANDOM_IPV4, 1);
		PUT("] ");
		break;
	case 4:
		PUT(rng_one_in(m->r, 2) ? "s4 = " : "t0[3].w = ");
		fpl_put_address(m, RANDOM_IPV4, 2);
		PUT(";\n");
		return;
	case 5:
		PUT("%s = ", rng_one_in(m->r, 2) ? "m0" : "m1");
		fpl_put_number(m, 2);
		PUT(";\n");
		return;
	default:
		if (!fpl_put_local(m, RANDOM_NUMBER, true)) {
			PUT("c0 += ");
			fpl_put_number(m, 2);
			PUT(";\n");
			return;
		}
		PUT(" ");
	}
	PUT(op);
	PUT(" ");
	fpl_put_number(m, 3);
	PUT(";\n");
}

static inline void fpl_put_count(struct fpl_maker *m)
{
	switch (fpl_pick(m, 12)) {
	case 0:
		PUT("c%u++;\n", fpl_pick(m, 2));
		return;
	case 1:
		PUT("t1[");
		fpl_put_address(m, RANDOM_IPV6, 1);
		PUT(", ");
		fpl_put_number(m, 1);
		PUT("] += ");
		break;
	case 2:
		PUT("a1[");
		fpl_put_number(m, 1);
		PUT("] += ");
		break;
	case 3:
		PUT("h%u.add(", fpl_pick(m, 2));
		fpl_put_number(m, 2);
		PUT(");\n");
		return;
	case 4:
		PUT("bl.add(");
		fpl_put_address(m, RANDOM_IPV6, 1);
		PUT(", 3);\n");
		return;
	case 5:
		PUT("hl.add(");
		fpl_put_number(m, 2);
		PUT(", dst);\n");
		return;
	case 6:
		PUT("tk.add(");
		fpl_put_address(m, RANDOM_IPV6, 1);
		PUT(", sport, len);\n");
		return;
	case 7:
		PUT("me.add(len);\n");
		return;
	case 8:
		PUT("st.add(");
		fpl_put_number(m, 1);
		PUT(");\n");
		return;
	case 9:
		PUT("delete %s[", rng_one_in(m->r, 2) ? "t0" : "st");
		fpl_put_number(m, 1);
		PUT(" %% 6];\n");
		return;
	case 10:
		PUT("emit ev { a: ");
		fpl_put_number(m, 2);
		PUT(" + 0, b: ");
		fpl_put_address(m, RANDOM_IPV6, 0);
		PUT(" ?? ::};\n");
		return;
	default:
		PUT("t0[");
		fpl_put_number(m, 1);
		PUT(" & 15].z += ");
	}
	fpl_put_number(m, 2);
	PUT(";\n");
}

/* An entry, and what is done with it. */
static inline void fpl_put_entry(struct fpl_maker *m)
{
	bool lru = rng_one_in(m->r, 2);
	unsigned id = m->next_id++;

	PUT("let e%u = %s.%s(", id, lru ? "lr" : "t0", rng_one_in(m->r, 3) ? "find" : "add");
	fpl_put_number(m, 2);
	PUT(");\n");
	if (rng_one_in(m->r, 2))
		PUT("if (!e%u) c1++; else if (e%u.new) c0 += 3;\n", id, id);
	if (lru)
		PUT("e%u.n++; e%u.last = now;\n", id, id);
	else
		PUT("e%u.x += len; e%u.y = e%u.x + e%u.z;\n", id, id, id, id);
}

static inline void fpl_put_control(struct fpl_maker *m)
{
	unsigned times = m->times, rounds, locals = m->n_locals;

	switch (fpl_pick(m, m->loops < 2 ? 4 : 3)) {
	case 0:
		PUT("switch (");
		if (rng_one_in(m->r, 4))
			PUT("ip.proto");
		else
			fpl_put_number(m, 2);
		PUT(") {\n");
		for (unsigned i = fpl_pick(m, 4); i; i--) {
			unsigned from = fpl_pick(m, 100);

			PUT("case %u, %u..%u: ", fpl_pick(m, 60), from, from + fpl_pick(m, 1000));
			fpl_put_block(m, 1 + fpl_pick(m, 2));
		}
		if (rng_one_in(m->r, 2)) {
			PUT("default: ");
			fpl_put_block(m, 1);
		}
		PUT("}\n");
		return;
	case 3:
		rounds = 1 + fpl_pick(m, 3);
		PUT("for (v%u in %u..%u) ", m->next_id, 3 * rounds, 4 * rounds - 1);
		m->locals[m->n_locals].id = m->next_id++;
		m->locals[m->n_locals].type = RANDOM_NUMBER;
		m->locals[m->n_locals].fixed = true;
		m->n_locals += m->n_locals < 31;
		m->loops++;
		m->times *= rounds;
		fpl_put_block(m, 1 + fpl_pick(m, 2));
		m->times = times;
		m->loops--;
		m->n_locals = locals;
		return;
	default:
		PUT("if (");
		fpl_put_truth(m, 3);
		PUT(") ");
		fpl_put_block(m, 1 + fpl_pick(m, 3));
		if (rng_one_in(m->r, 2)) {
			PUT("else ");
			fpl_put_block(m, 1 + fpl_pick(m, 2));
		}
	}
}

static inline void fpl_put_statement(struct fpl_maker *m)
{
	m->room -= (int)m->times;
	switch (fpl_pick(m, 12)) {
	case 0:
	case 1:
		fpl_put_let(m);
		break;
	case 2:
	case 3:
		fpl_put_count(m);
		break;
	case 4:
		fpl_put_entry(m);
		break;
	case 5:
		if (m->depth && m->loops && rng_one_in(m->r, 2)) {
			PUT(rng_one_in(m->r, 2) ? "break;\n" : "continue;\n");
			return;
		}
		if (m->depth && rng_one_in(m->r, 4)) {
			PUT("return ");
			fpl_put_number(m, 2);
			PUT(";\n");
			return;
		}
		/* fall through */
	case 6:
	case 7:
	case 8:
		if (m->room > 0 && m->depth < 4) {
			m->depth++;
			fpl_put_control(m);
			m->depth--;
			return;
		}
		/* fall through */
	default:
		fpl_put_assign(m);
	}
}

static inline void fpl_put_block(struct fpl_maker *m, unsigned n)
{
	unsigned locals = m->n_locals;

	PUT("{\n");
	while (n-- > 0)
		fpl_put_statement(m);
	PUT("}\n");
	m->n_locals = locals;
}

/* The text, to be freed. */
static inline char *fpl_random_program(uint64_t seed)
{
	struct rng r = {seed * 2 + 1};
	char *text;
	size_t size;
	struct fpl_maker maker = {.r = &r, .out = open_memstream(&text, &size), .times = 1}, *m = &maker;

	m->room = 4 + (int)fpl_pick(m, 16);
	PUT("%s", fpl_random_state);
	while (m->room > 0)
		fpl_put_statement(m);
	if (rng_one_in(m->r, 2)) {
		PUT("return ");
		fpl_put_number(m, 2);
		PUT(";\n");
	}
	fclose(m->out);
	return text;
}

#undef PUT

#endif
