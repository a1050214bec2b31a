/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions of any bytes, split at every and, or and not: what libpcap takes whole is taken, what it refuses is
 * refused, and what is made of it decides about packets as libpcap's program does without optimising.
 *
 * The first byte chooses the link type. Bytes from 128 on stand for words, so that structure is found soon; words that
 * would be looked up as names are left out.
 */
#include "../unit/cbpf_harness.h"
#include "../unit/packets.h"

#include <lib/translate/internal.h>
#include <pcap/bpf.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 120 };

static const char *const words[] = {
	"and",
	"or",
	"not",
	"(",
	")",
	"&&",
	"||",
	"!",
	"host",
	"net",
	"port",
	"portrange",
	"src",
	"dst",
	"src or dst",
	"src and dst",
	"tcp",
	"udp",
	"ip",
	"ip6",
	"arp",
	"ether",
	"proto",
	"vlan",
	"10.0.0.1",
	"10.0.0.2",
	"192.0.2.1",
	"10.0.0.0/8",
	"2001:db8::1",
	"80",
	"53",
	"443",
	"20-90",
	"0:1:2:3:4:5",
	"mask",
	"255.0.0.0",
	"less 90",
	"greater 60",
	"tcp[13] & 2 != 0",
	"ip[0]",
	"= 5",
	"+ 1",
	"* 4",
	"> 20",
	"\\tcp",
	"\\arp",
	"broadcast",
	"multicast",
	"mpls",
	"pppoes",
	"len",
	"icmp",
	"host (10.0.0.1 or 10.0.0.2)",
	"and not",
	"or not",
	"0x1bb",
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static void check(bool right, const char *what, const char *text)
{
	if (!right) {
		fprintf(stderr, "fuzz_filter: %s: '%s'\n", what, text);
		abort();
	}
}

/* Could a word be looked up as a name? Ours and numbers are not. */
static bool has_names(const char *text)
{
	char copy[BYTES_MAX * 32];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok(copy, " \t\r\n()[]&|=<>!+*/%^~\\"); word;
	     word = strtok(NULL, " \t\r\n()[]&|=<>!+*/%^~\\")) {
		bool known = !word[strcspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")];

		for (unsigned i = 0; i < WORDS && !known; i++)
			known = strstr(words[i], word) != NULL;
		if (!known && !(word[0] == '0' && word[1] == 'x' && !word[2 + strspn(word + 2, "0123456789abcdef")]))
			return true;
	}
	return false;
}

static struct ffpf_program *frame(struct ffpf_arena *arena, const struct ffpf_filter *f)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);
	ffpf_var class_out = ffpf_ir_var(b);
	const char *why;

	p->n_flags = 1;
	ffpf_builder_begin(b, 1, NULL, ffpf_ir_ghost(b, 0), class_out, accept, reject);
	if (ffpf_filter_translate(b, f, 0, &why) < 0)
		return NULL;
	ffpf_ir_seal(b, accept);
	ffpf_ir_switch_to(b, accept);
	ffpf_ir_set_flag(b, 0, ffpf_ir_var_get(b, class_out));
	ffpf_ir_end(b);
	ffpf_ir_seal(b, reject);
	ffpf_ir_switch_to(b, reject);
	ffpf_ir_end(b);
	ffpf_builder_finish(b);
	return p;
}

static void compare(const struct ffpf_filter *f, struct ffpf_arena *arena, const struct ffpf_cbpf *whole, size_t n,
		    int linktype, const char *text)
{
	struct ffpf_program *p = frame(arena, f);
	struct rng r = {n};

	check(p != NULL, "not translated", text);
	check(!ffpf_ir_verify(p), "a broken program", text);
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < 6; i++) {
			struct test_packet packet;
			uint32_t caplen;

			packet_make(&r, linktype, &packet);
			caplen = i % 2 && packet.caplen ? rng_below(&r, packet.caplen) : packet.caplen;
			check((cbpf_run(p, packet.bytes, caplen, packet.len) != 0) ==
				      (bpf_filter((const struct bpf_insn *)whole, packet.bytes, packet.len, caplen) !=
				       0),
			      "another decision than libpcap's", text);
		}
		ffpf_ir_optimise(p);
		check(!ffpf_ir_verify(p), "broken by optimising", text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	int linktype = packet_linktypes[size ? data[0] % PACKET_LINKTYPES : 0], ours, theirs;
	struct ffpf_filter_mistake mistake;
	struct ffpf_filter f;
	struct ffpf_cbpf *whole;
	struct pcap *compiler;
	char text[BYTES_MAX * 32];
	const char *why = "", *their_why = "";
	size_t n = 0, n_whole, start, end;

	for (size_t i = 1; i < size && i <= BYTES_MAX; i++) {
		if (data[i] >= 128)
			n += (size_t)sprintf(text + n, " %s ", words[data[i] % WORDS]);
		else if (data[i])
			text[n++] = (char)data[i];
	}
	text[n] = '\0';
	if (!has_names(text)) {
		ours = ffpf_filter_compile(arena, text, linktype, 65535, 2, &f, &mistake, &why);
		check(mistake.start <= mistake.end && mistake.end <= n, "a mistake outside the expression", text);
		compiler = cbpf_compiler_open(linktype, 65535);
		theirs = cbpf_compiler_run(compiler, arena, text, false, &whole, &n_whole, &their_why);
		cbpf_compiler_close(compiler);
		if (!ours && f.tree) {
			check(!theirs, "libpcap refuses it", text);
			if (!cbpf_reads_unset(whole, n_whole))
				compare(&f, arena, whole, n_whole, linktype, text);
		} else if (ours && text[strspn(text, " \t\r\n")]) {
			/* Whole, it was optimised, which refuses what never matches. */
			check(theirs || strstr(why, "rejects all"), "libpcap takes it", text);
			if (n < 24 && ffpf_filter_locate(&mistake, linktype, why, &start, &end))
				check(start <= end && end <= n, "a mistake outside the expression", text);
		}
	}
	ffpf_arena_free(arena);
	return 0;
}
