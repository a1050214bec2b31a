/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of the packet (`ip.src`, `tcp.dport`, `len` …), and how they become packet programs.
 *
 * Headers are found when they are first asked for, and what was found is kept in common variables of the whole program
 * (ffpf_ir_common): two functions that are built into one program look for the TCP header once. A name that the packet
 * does not have is absent: its emission goes to a block that the caller names.
 *
 * What there is: docs/FPL-NAMES.md, made from the same table (packet_names.def).
 */
#ifndef FPL_PACKET_H
#define FPL_PACKET_H

#include <ffpf/ir.h>
#include <fpl/type.h>
#include <stddef.h>

struct ffpf_arena;
struct ffpf_source_info;

/* ---- names ----------------------------------------------------------------------------------- */

/* One name. */
struct fpl_field;

/* "ip.src", "inner.tcp.dport", "tcp", "len"; NULL: no such name. */
const struct fpl_field *fpl_field_find(const char *path);
/* The name most like one that is none, for "did you mean"; NULL: none is. */
const char *fpl_field_nearest(const char *path);
/* All names in the order of the documentation; NULL behind the last. */
const struct fpl_field *fpl_field_at(size_t i);
/* FPL_HEADER: only its presence may be asked. */
enum fpl_kind fpl_field_kind(const struct fpl_field *field);
/* False: every packet has it (len, now …). */
bool fpl_field_optional(const struct fpl_field *field);
/* Bytes of the packet, from its first on, that reading it may look at. */
uint32_t fpl_field_demand(const struct fpl_field *field);
/* Metadata that reading it needs: FFPF_NEED_ (<ffpf/class.h>). */
unsigned fpl_field_needs(const struct fpl_field *field);
const char *fpl_field_path(const struct fpl_field *field);
/* One line. */
const char *fpl_field_doc(const struct fpl_field *field);
/* How many times "inner." stands before it. */
unsigned fpl_field_inner(const struct fpl_field *field);

/* ---- emission -------------------------------------------------------------------------------- */

/* How many packets are looked for within each other: `ip`, `inner.ip`, `inner.inner.ip`. */
enum { FPL_NESTS = 3 };

/* The packet as one function's build sees it. */
struct fpl_packet;

/* input: the source whose packets come; all three stay the caller's, and must outlive what is made. Never NULL. */
struct fpl_packet *fpl_packet_new(struct ffpf_builder *b, struct ffpf_arena *arena,
				  const struct ffpf_source_info *input);
/*
 * Emits the value: out[0]; for FPL_IPV6 out[0] the high and out[1] the low 64 bits; for FPL_HEADER none. Goes to
 * `absent` where the packet has none; the builder stands where it has one. A block that this is called in should be
 * sealed: only then is it known what was found before. `absent` is not sealed here.
 */
void fpl_field_emit(struct fpl_packet *pk, const struct fpl_field *field, ffpf_block absent, ffpf_val out[2]);
/*
 * size bytes (1, 2, 4 or 8, most significant first) at `offset` (a value of 64 bits, or 0) + constant: of the packet,
 * or (payload) of what follows the transport header of nesting `inner`, up to the end of the IP packet.
 */
ffpf_val fpl_bytes_emit(struct fpl_packet *pk, bool payload, unsigned inner, ffpf_val offset, uint32_t constant,
			unsigned size, ffpf_block absent);
/* Bytes of the packet that fpl_bytes_emit() may look at; computed: the offset is a value. */
uint32_t fpl_bytes_demand(bool payload, unsigned inner, bool computed, uint32_t constant, unsigned size);

/* ---- TCP options ------------------------------------------------------------------------------ */

/*
 * `tcp.opt.layout`: the kinds of a segment's options in their order, as one number. Begins with FPL_LAYOUT_START and
 * takes each option's kind; kind 0, which ends the options, is followed by the number of bytes behind it.
 */
#define FPL_LAYOUT_PRIME UINT64_C(0x100000001b3)
#define FPL_LAYOUT_START UINT64_C(0xcbf29ce484222325)
static inline uint64_t fpl_layout_step(uint64_t layout, uint8_t x)
{
	return (layout ^ x) * FPL_LAYOUT_PRIME; /* FNV-1a */
}

/* ---- names of hosts --------------------------------------------------------------------------- */

/* `dns.qname_hash` of a name as it stands in a question: labels behind their lengths, the last of length 0; n bytes. */
uint64_t fpl_name_hash(const uint8_t *name, size_t n);

#endif
