/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translators: human forms of a filter into packet programs.
 */
#ifndef FFPF_TRANSLATE_TRANSLATE_H
#define FFPF_TRANSLATE_TRANSLATE_H

#include <ffpf/ir.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;

/* One classic BPF instruction, as libpcap's struct bpf_insn. */
struct ffpf_cbpf {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/* Longest expression in bytes that libpcap compiles whole: it takes seconds for this many, and more than quadratic
 * time.
 */
#define FFPF_CBPF_TEXT_MAX (32u << 10)
/* Longest expression of many terms. */
#define FFPF_FILTER_TEXT_MAX (4u << 20)
/* Expressions of this many terms are compiled term by term. libpcap takes half a millisecond for fewer; from twice as
 * many on it takes more than the terms alone do. */
#define FFPF_FILTER_SPLIT 17

/* Added to a link type: the packets' headers in host byte order (DLT_NULL) are in the other one, as in a savefile from
 * another machine. */
#define FFPF_CBPF_SWAPPED 0x10000

/*
 * Compiles a pcap expression for a link type (DLT_ value) with libpcap, optimised: what `tcpdump -r FILE EXPR` runs on
 * a file of that link type and snaplen. A blank expression accepts all. *out is from the arena. 0, or -EINVAL with
 * libpcap's message in *why (arena or static). Thread-safe (a lock is taken: name lookups are not).
 */
int ffpf_cbpf_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen,
		      struct ffpf_cbpf **out, size_t *n, const char **why);

/*
 * Where the mistake lies that ffpf_cbpf_compile() complained of: bytes [*start, *end) of the expression. False: not to
 * be found. May take a fifth of a second.
 */
bool ffpf_cbpf_locate(const char *expr, int linktype, const char *why, size_t *start, size_t *end);

/*
 * Emits a classic BPF program, in the meaning of bpf_filter(): a non-zero return value accepts with class `class`
 * (0: the class that the packet came with), zero, a load outside the captured bytes and a division by zero reject. 0,
 * or -EINVAL with a reason when the program is none that bpf_validate() accepts.
 */
int ffpf_cbpf_translate(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, uint32_t class,
			const char **why);

/*
 * Bytes of the packet that a program may look at: the largest end that a load can have (a computed offset has a bound
 * too, 60 for an IPv4 header's length), or FFPF_ALL_BYTES when there is no bound below 64 KiB.
 */
uint32_t ffpf_cbpf_demand(const struct ffpf_cbpf *insns, size_t n);

/*
 * Does the program compare an EtherType with a VLAN tag's (0x8100, 0x88a8, 0x9100)? Such a program sees something else
 * at a level that keeps the tag outside the packet. Never misses what libpcap emits for Ethernet; may say yes for a
 * port or length of the same value.
 */
int ffpf_cbpf_tests_vlan(const struct ffpf_cbpf *insns, size_t n, int linktype);

/*
 * A pcap expression of any length: what ffpf_cbpf_* do for one program, for one that may be compiled term by term.
 *
 * Short ones are compiled whole and optimised by libpcap. Longer ones are split at their own and, or and not; the terms
 * are compiled by libpcap without its optimiser and joined in the order in which they are written, and the result
 * decides as libpcap's program does without optimising (`tcpdump -O`): a load outside the captured bytes rejects the
 * packet, whatever would follow. libpcap's optimiser may look at the fields in another order, so that it decides
 * otherwise about packets that were cut inside of the headers that are looked at; about all others it agrees.
 */
struct filter_node;
struct ffpf_filter {
	struct ffpf_cbpf *insns; /* compiled whole … */
	size_t n;
	struct filter_node *tree; /* … or term by term */
	int linktype;
	uint32_t demand;
	bool tests_vlan;
};

/* What a complaint is about: bytes [start, end) of the expression, and the text that libpcap was given for them. */
struct ffpf_filter_mistake {
	size_t start, end;
	const char *text;
};

/*
 * Compiles an expression, from FFPF_FILTER_SPLIT terms on (or `split` of them, when that is not 0) term by term. 0, or
 * -EINVAL with libpcap's message in *why and the place in *mistake. All from the arena.
 */
int ffpf_filter_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen, size_t split,
			struct ffpf_filter *out, struct ffpf_filter_mistake *mistake, const char **why);

/* As ffpf_cbpf_locate(). */
bool ffpf_filter_locate(const struct ffpf_filter_mistake *mistake, int linktype, const char *why, size_t *start,
			size_t *end);

/* As ffpf_cbpf_translate(). */
int ffpf_filter_translate(struct ffpf_builder *b, const struct ffpf_filter *filter, uint32_t class, const char **why);

/*
 * Many filters of which no packet has more than one: emits from the current block on, which it ends, which of them
 * accepts. accepted[i] is made, a block that the caller goes on in (one edge leads there, which exists already);
 * packets that none accepts go to `none`. False, and nothing emitted, when that can't be said of them. b NULL: only
 * asks.
 */
bool ffpf_filter_group(struct ffpf_builder *b, const struct ffpf_filter *const *filters, size_t n, ffpf_block *accepted,
		       ffpf_block none);

#endif
