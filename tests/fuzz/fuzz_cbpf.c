/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pcap translator on any bytes. The first byte chooses:
 * even: a classic BPF program and a packet;  odd: an expression, whose packets are generated.
 * Whatever is translated must verify, before and after optimising, and decide as bpf_filter() does.
 *
 * Left out, because libpcap has no answer: reading a scratch word that was not set, loops (they may not
 * end), constant shifts by 32 and more. Words that would be looked up as host names are left out, too.
 */
#include "../unit/cbpf_harness.h"
#include "../unit/cbpf_random.h"
#include "../unit/packets.h"

#include <ctype.h>
#include <pcap/bpf.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INSNS_MAX = 128, EXPRESSION_MAX = 200, HEAD = BPF_MEMWORDS + 1 };

static void check(bool right, const char *what)
{
	if (!right) {
		fprintf(stderr, "fuzz_cbpf: %s\n", what);
		abort();
	}
}

static struct ffpf_program *translate(struct ffpf_arena *arena, const struct ffpf_cbpf *insns, size_t n, bool optimise)
{
	const char *why = NULL;
	struct ffpf_program *p = cbpf_program(arena, insns, n, 0, &why);

	if (!p) {
		check(why != NULL, "refused without a reason");
		return NULL;
	}
	if (optimise)
		ffpf_ir_optimise(p);
	why = ffpf_ir_verify(p);
	check(!why, why ? why : "");
	return p;
}

static void compare(struct ffpf_program *p, const struct ffpf_cbpf *insns, uint8_t *bytes, uint32_t caplen,
		    uint32_t len)
{
	int64_t want = bpf_filter((const struct bpf_insn *)insns, bytes, len, caplen) ? CBPF_CLASS_IN : 0;

	check(cbpf_run(p, bytes, caplen, len) == want, "another decision than bpf_filter()'s");
}

/* ---- programs -------------------------------------------------------------------------------- */

static bool loops(const struct ffpf_cbpf *insns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_JMP | BPF_JA) && (int32_t)insns[i].k < 0)
			return true;
	return false;
}

static struct ffpf_cbpf read_insn(const uint8_t *at)
{
	struct ffpf_cbpf insn = {.code = at[0], .jt = at[1] & 15, .jf = at[2] & 15, .k = at[3]};

	if (at[1] & 0x80) /* a wide constant */
		memcpy(&insn.k, at + 3, 4);
	if (at[2] & 0x80)
		insn.code = BPF_CLASS(insn.code) < BPF_ST ? (insn.code & 0x19) | BPF_IND : insn.code;
	if (insn.code == (BPF_ALU | BPF_LSH | BPF_K) || insn.code == (BPF_ALU | BPF_RSH | BPF_K))
		insn.k %= 32;
	return insn;
}

static void run_program(const uint8_t *data, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_cbpf insns[HEAD + INSNS_MAX] = {{.code = BPF_LD | BPF_IMM}};
	size_t n = HEAD, count = size ? data[0] % INSNS_MAX : 0;
	struct ffpf_program *plain, *optimised;

	for (unsigned i = 0; i < BPF_MEMWORDS; i++)
		insns[1 + i] = (struct ffpf_cbpf){.code = BPF_ST, .k = i};
	if (size) {
		data++;
		size--;
	}
	for (; n < HEAD + count && size >= 7; data += 7, size -= 7)
		insns[n++] = read_insn(data);
	ffpf_cbpf_demand(insns, n);
	ffpf_cbpf_tests_vlan(insns, n, DLT_EN10MB);
	plain = translate(arena, insns, n, false);
	optimised = translate(arena, insns, n, true);
	if (!bpf_validate((const struct bpf_insn *)insns, (int)n))
		check(!plain, "what bpf_validate() refuses was translated");
	if (plain) {
		uint8_t *bytes = malloc(size + 1);
		uint32_t len = (uint32_t)size + (size ? data[0] : 0);

		check(bytes != NULL, "no memory");
		memcpy(bytes, data, size);
		if (loops(insns, n)) {
			check(cbpf_run(plain, bytes, (uint32_t)size, len) ==
				      cbpf_run(optimised, bytes, (uint32_t)size, len),
			      "optimising changes the decision");
		} else {
			compare(plain, insns, bytes, (uint32_t)size, len);
			compare(optimised, insns, bytes, (uint32_t)size, len);
		}
		free(bytes);
	}
	ffpf_arena_free(arena);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static const char *const words[] = {
	"and",	   "or",       "not",	     "tcp",	    "udp",
	"ip",	   "ip6",      "arp",	     "icmp",	    "icmp6",
	"ether",   "host",     "net",	     "port",	    "portrange",
	"src",	   "dst",      "proto",	     "protochain",  "vlan",
	"mpls",	   "pppoes",   "pppoed",     "geneve",	    "len",
	"less",	   "greater",  "broadcast",  "multicast",   "mask",
	"gateway", "tcpflags", "sctp",	     "llc",	    "wlan",
	"type",	   "subtype",  "mgt",	     "data",	    "ctl",
	"beacon",  "link",     "rarp",	     "igmp",	    "0x800",
	"80",	   "10.0.0.1", "10.0.0.0/8", "2001:db8::1", "00:11:22:33:44:55",
	"1-100",   "[0:2]",    "[0]",	     "[12:4]",	    "ip[0]",
	"tcp[13]", "ether[0]", "addr1",	     "dir",	    "tods",
	"iso",	   "stp",      "ah",	     "vrrp",
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

/* A word with letters that is neither ours nor a hexadecimal number could be a name to be looked up. */
static bool looks_up_names(const char *text)
{
	char copy[EXPRESSION_MAX * 20 + 1];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok(copy, " \t\r\n()[]&|=<>!+*/%^~"); word;
	     word = strtok(NULL, " \t\r\n()[]&|=<>!+*/%^~")) {
		bool known = word[strcspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0';

		for (unsigned i = 0; i < WORDS && !known; i++)
			known = !strncmp(words[i], word, strlen(word));
		if (!known && !(word[0] == '0' && (word[1] | 32) == 'x' &&
				word[2 + strspn(word + 2, "0123456789abcdefABCDEF")] == '\0'))
			return true;
	}
	return false;
}

static void run_expression(const uint8_t *data, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	char text[EXPRESSION_MAX * 20 + 1];
	size_t length = 0, n;
	int linktype = packet_linktypes[size ? data[0] % PACKET_LINKTYPES : 0];
	struct ffpf_cbpf *insns;
	const char *why = NULL;

	for (size_t i = 1; i < size && i <= EXPRESSION_MAX; i++) {
		if (data[i] >= 128)
			length += (size_t)sprintf(text + length, " %s ", words[data[i] % WORDS]);
		else if (data[i])
			text[length++] = (char)data[i];
	}
	text[length] = '\0';
	if (!looks_up_names(text)) {
		if (!ffpf_cbpf_compile(arena, text, linktype, 65535, &insns, &n, &why)) {
			struct rng r = {length};
			struct ffpf_program *plain = translate(arena, insns, n, false),
					    *optimised = translate(arena, insns, n, true);

			check(plain != NULL, "libpcap's own program was refused");
			for (unsigned i = 0; i < 8 && !loops(insns, n) && !cbpf_reads_unset(insns, n); i++) {
				struct test_packet p;

				packet_make(&r, linktype, &p);
				compare(plain, insns, p.bytes, p.caplen, p.len);
				compare(optimised, insns, p.bytes, p.caplen, p.len);
			}
		} else {
			size_t start = 0, end = 0;

			check(why && *why, "an error without a message");
			if (length < 24 && ffpf_cbpf_locate(text, linktype, why, &start, &end))
				check(start < end && end <= length, "a mistake outside the expression");
		}
	}
	ffpf_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] % 2)
		run_expression(data + 1, size - 1);
	else
		run_program(data + 1, size - 1);
	return 0;
}
