/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP signatures: what the first packets of operating systems look like, in the syntax of p0f 3's signature files, and
 * how a packet is matched against thousands of them with a few lookups.
 *
 *   signatures_read.c   a file → struct fpl_signatures, with located errors
 *   signatures.c        what they mean: the reference matcher
 *   signatures_table.c  the same → entries of a hash table
 *   signatures_fill.c   which fill tables of programs: fill.h
 *
 *     classes = unix,win
 *     [tcp:request]
 *     label = s:unix:Linux:3.11 and newer
 *     sig   = *:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0
 *             version:TTL:IP options:MSS:window,scale:options:quirks:payload
 *
 * Only [tcp:request] is used; [tcp:response], [mtu] and [http:…] are passed over.
 *
 * What matches: all columns, where the signature does not say `*`. A TTL that is above the signature's, or more than
 * FPL_DISTANCE_MAX below, makes the match a fuzzy one (`64-`: up to 64 matches, nothing else does), and so do `df` and
 * `id+` that the packet has not, `id-` and `ecn` that it has. The best match is: the first in the file that is neither
 * generic nor fuzzy, else the first generic one, else the first fuzzy one, which is none when it is a tool's (class
 * `!`). A signature for one IP version matches packets of that version only.
 */
#ifndef FPL_SIGNATURES_H
#define FPL_SIGNATURES_H

#include <ffpf/diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;
struct fpl_fill;

enum fpl_quirk {
	FPL_QUIRK_DF = 1 << 0,	      /* df */
	FPL_QUIRK_ID = 1 << 1,	      /* id+: DF set, identification not zero */
	FPL_QUIRK_NO_ID = 1 << 2,     /* id-: DF not set, identification zero */
	FPL_QUIRK_ECN = 1 << 3,	      /* ecn */
	FPL_QUIRK_RESERVED = 1 << 4,  /* 0+ */
	FPL_QUIRK_FLOW = 1 << 5,      /* flow */
	FPL_QUIRK_NO_SEQ = 1 << 6,    /* seq- */
	FPL_QUIRK_ACK = 1 << 7,	      /* ack+: a number without the flag */
	FPL_QUIRK_NO_ACK = 1 << 8,    /* ack-: the flag without a number */
	FPL_QUIRK_URGENT = 1 << 9,    /* uptr+: a pointer without the flag */
	FPL_QUIRK_URG = 1 << 10,      /* urgf+ */
	FPL_QUIRK_PSH = 1 << 11,      /* pushf+ */
	FPL_QUIRK_NO_TS1 = 1 << 12,   /* ts1- */
	FPL_QUIRK_TS2 = 1 << 13,      /* ts2+ */
	FPL_QUIRK_TRAILING = 1 << 14, /* opt+ */
	FPL_QUIRK_SCALE = 1 << 15,    /* exws: above 14 */
	FPL_QUIRK_BAD = 1 << 16,      /* bad */
	FPL_QUIRKS_IP4 = FPL_QUIRK_DF | FPL_QUIRK_ID | FPL_QUIRK_NO_ID | FPL_QUIRK_RESERVED,
	FPL_QUIRKS_IP6 = FPL_QUIRK_FLOW,
	FPL_QUIRKS_MAY_GO = FPL_QUIRK_DF | FPL_QUIRK_ID,
	FPL_QUIRKS_MAY_COME = FPL_QUIRK_NO_ID | FPL_QUIRK_ECN,
};

enum { FPL_DISTANCE_MAX = 35, FPL_ANY = -1 };

enum fpl_window { FPL_WINDOW_ANY, FPL_WINDOW_NUMBER, FPL_WINDOW_MSS, FPL_WINDOW_MTU, FPL_WINDOW_MODULO };

struct fpl_signature {
	uint8_t version; /* 4, 6; 0: both */
	uint8_t ttl, ip_options;
	bool ttl_at_most; /* "64-" */
	bool generic, tool;
	int32_t mss, scale, payload; /* FPL_ANY; payload 0 or 1 */
	enum fpl_window window_kind;
	uint16_t window; /* the number, the factor, the modulus */
	uint64_t layout; /* of the options, as tcp.opt.layout (packet.h) */
	uint32_t quirks;
	uint32_t label; /* index */
	struct ffpf_span span;
};

struct fpl_signatures {
	const struct fpl_signature *list;
	size_t n;
	const char *const *labels; /* "Linux 3.11 and newer" */
	size_t n_labels;
};

#define FPL_SIGNATURES_MAX 16384

/* What of a first packet counts. */
struct fpl_syn {
	uint8_t version, ttl, ip_options, scale;
	uint16_t window, mss; /* mss, scale: 0 where there is no such option */
	uint64_t layout;
	uint32_t quirks;
	uint32_t headers; /* bytes of IP and TCP headers */
	bool payload;
	bool stamped; /* it has a timestamp that is not 0 */
};

struct fpl_syn_match {
	const struct fpl_signature *signature; /* NULL: none */
	bool fuzzy;
	uint8_t distance; /* hops, as far as can be told */
};

/*
 * Reads a signature file that is a source of diags. Errors are reported there, each at its place. 0 and *out, which
 * lives in the arena; -EINVAL when there were errors.
 */
int fpl_signatures_read(struct ffpf_arena *arena, struct ffpf_diags *diags, uint32_t source,
			struct fpl_signatures *out);
/* The meaning of signatures: every one of them is looked at. */
struct fpl_syn_match fpl_signatures_match(const struct fpl_signatures *signatures, const struct fpl_syn *syn);
/* The window as a multiple: *kind becomes FPL_WINDOW_MSS or FPL_WINDOW_MTU, or FPL_WINDOW_NUMBER where it is none. */
uint16_t fpl_syn_multiple(const struct fpl_syn *syn, enum fpl_window *kind);
/* Hops that a packet has come, when nothing is known but its TTL. */
uint8_t fpl_ttl_distance(uint8_t ttl);

/* How near a column is: a signature matches exactly, not quite, or not. */
enum fpl_closeness { FPL_APART, FPL_FUZZY, FPL_EXACT };
enum fpl_closeness fpl_ttl_closeness(const struct fpl_signature *s, unsigned ttl);
enum fpl_closeness fpl_quirks_closeness(uint32_t ours, uint32_t theirs);
/* The signature's quirks, as far as packets of that IP version have them. */
uint32_t fpl_signature_quirks(const struct fpl_signature *s, unsigned version);
/* Hops to a system with this signature, which may be NULL. */
uint8_t fpl_signature_distance(const struct fpl_signature *s, uint8_t ttl);

/* ---- signatures as a table ------------------------------------------------------------------- */

/*
 * One table, keys of three words:
 *
 *     layout   of the options
 *     shape    quirks | class of the TTL << 20 | IP options << 28 | payload << 36 | IPv6 << 37 | form << 40
 *     values   MSS << 32 | scale << 24 | kind of window << 16 | window: those that the form has, else 0
 *
 * A form says which values count: FPL_FORM_MSS | FPL_FORM_SCALE | how the window is compared << FPL_FORM_WINDOW. Form
 * FPL_FORMS with values 0 has, for a layout and a shape, the set of forms to look up (a bit for each) and the modulus
 * of those with one; where there is no such entry, nothing matches. Of what is found the entry with the smallest rank
 * is the match.
 */
enum {
	FPL_FORM_MSS = 1,
	FPL_FORM_SCALE = 2,
	FPL_FORM_WINDOW = 2, /* shift */
	FPL_FORM_NUMBER = 1 << FPL_FORM_WINDOW,
	FPL_FORM_MULTIPLE = 2 << FPL_FORM_WINDOW,
	FPL_FORM_MODULO = 3 << FPL_FORM_WINDOW,
	FPL_FORMS = 16,
};
#define FPL_SHAPE_TTL 20
#define FPL_SHAPE_IP_OPTIONS 28
#define FPL_SHAPE_PAYLOAD 36
#define FPL_SHAPE_IP6 37
#define FPL_SHAPE_FORM 40
#define FPL_SIGNATURE_ENTRIES_MAX 2000000

struct fpl_signature_entry {
	uint64_t layout, shape, values;
	uint64_t rank;	/* fuzzy 2, generic 1, else 0, << 32 | number of the signature; of a set: the forms */
	uint64_t label; /* its index + 1; 0: none (a tool's, fuzzy); of a set: the modulus, 0: none */
	uint64_t ttl;	/* of the signature, | 256: "at most", | 512: generic */
};

struct fpl_signature_table {
	const struct fpl_signature_entry *entries; /* each key once */
	size_t n;
	uint8_t ttl_class[256]; /* TTLs that every signature looks upon alike are of one class */
};

/* In the arena. 0; -E2BIG, -EINVAL, reported at the signature that is too much. */
int fpl_signatures_compile(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct fpl_signatures *signatures,
			   struct fpl_signature_table *out);
/* The match as a program finds it in the table: for tests, and as the text of what programs do. */
struct fpl_syn_match fpl_signature_table_match(const struct fpl_signatures *signatures,
					       const struct fpl_signature_table *table, const struct fpl_syn *syn);

/* fill.h */
extern const struct fpl_fill fpl_fill_tcp_signatures, fpl_fill_ttl_classes, fpl_fill_tcp_labels;

#endif
