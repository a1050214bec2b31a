/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * synmatch: the reference of TCP signatures on a savefile (Ethernet, no VLAN tags, as p0f reads it).
 *
 *     synmatch SIGNATURES SAVEFILE
 *
 * Prints a line for each packet with SYN alone: client/port server/port, the match, its distance, and "generic",
 * "fuzzy", "tool" or "-". Plain C over the packet's bytes, without the compiler: what programs find is compared with
 * it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fpl/packet.h>
#include <fpl/signatures.h>
#include <lib/lang/arena.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Bytes that an option takes; 0: it is malformed, and the options end with it. *bad: it has not the length it should.
 */
static unsigned option_length(const uint8_t *at, unsigned left, bool *bad)
{
	static const uint8_t usual[] = {1, 1, 4, 3, 2, 0, 0, 0, 10};
	const unsigned kind = at[0], fixed = kind < sizeof(usual) ? usual[kind] : 0;
	unsigned len;

	if (kind <= 1)
		return 1;
	len = left > 1 ? at[1] : 0;
	if (fixed) { /* taken as it should be, whatever it says */
		*bad |= len != fixed;
		return fixed <= left ? fixed : 0;
	}
	if (len < (kind == 5 ? 10 : 2) || len > (kind == 5 ? 34 : 40) || len > left)
		return 0;
	return len;
}

static void read_options(const uint8_t *at, unsigned left, struct fpl_syn *syn)
{
	unsigned count = 0;
	bool bad = false;

	syn->layout = FPL_LAYOUT_START;
	for (; left && count < 24; count++) {
		const unsigned len = option_length(at, left, &bad);

		syn->layout = fpl_layout_step(syn->layout, at[0]);
		if (!len)
			break;
		if (at[0] == 0) {
			syn->layout = fpl_layout_step(syn->layout, (uint8_t)(left - 1));
			for (unsigned i = 1; i < left; i++)
				if (at[i])
					syn->quirks |= FPL_QUIRK_TRAILING;
			left = 0;
			break;
		}
		if (at[0] == 2)
			syn->mss = (uint16_t)get16(at + 2);
		if (at[0] == 3) {
			syn->scale = at[2];
			syn->quirks |= at[2] > 14 ? FPL_QUIRK_SCALE : 0;
		}
		if (at[0] == 8) {
			syn->stamped = get32(at + 2) != 0;
			syn->quirks |= (syn->stamped ? 0 : FPL_QUIRK_NO_TS1) | (get32(at + 6) ? FPL_QUIRK_TS2 : 0);
		}
		at += len;
		left -= len;
	}
	if (left || bad)
		syn->quirks |= FPL_QUIRK_BAD;
}

/* The TCP header and the bytes behind it; false: no SYN alone. */
static bool read_tcp(const uint8_t *tcp, unsigned len, struct fpl_syn *syn)
{
	const unsigned header = len >= 20 ? (tcp[12] >> 4) * 4u : 0;

	if (header < 20 || header > len || (tcp[13] & 0x17) != 2)
		return false;
	syn->headers += header;
	syn->payload = len > header;
	syn->window = (uint16_t)get16(tcp + 14);
	syn->quirks |= (tcp[13] & 0xc0 || tcp[12] & 1 ? FPL_QUIRK_ECN : 0) | (get32(tcp + 4) ? 0 : FPL_QUIRK_NO_SEQ) |
		       (get32(tcp + 8) ? FPL_QUIRK_ACK : 0) |
		       (tcp[13] & 0x20	  ? FPL_QUIRK_URG
			: get16(tcp + 18) ? FPL_QUIRK_URGENT
					  : 0) |
		       (tcp[13] & 8 ? FPL_QUIRK_PSH : 0);
	read_options(tcp + 20, header - 20, syn);
	return true;
}

struct ends {
	int family;
	const uint8_t *src, *dst, *ports;
};

static bool read_ip4(const uint8_t *ip, unsigned len, struct fpl_syn *syn, struct ends *ends)
{
	const unsigned header = len >= 20 ? (ip[0] & 15) * 4u : 0, total = len >= 20 ? get16(ip + 2) : 0,
		       frag = len >= 20 ? get16(ip + 6) : 0;

	if (header < 20 || total > len || total < header + 20 || ip[9] != 6 || frag & 0x3fff)
		return false;
	syn->version = 4;
	syn->ttl = ip[8];
	syn->ip_options = (uint8_t)(header - 20);
	syn->headers = header;
	syn->quirks = (ip[1] & 3 ? FPL_QUIRK_ECN : 0) | (frag & 0x8000 ? FPL_QUIRK_RESERVED : 0);
	if (frag & 0x4000)
		syn->quirks |= FPL_QUIRK_DF | (get16(ip + 4) ? FPL_QUIRK_ID : 0);
	else
		syn->quirks |= get16(ip + 4) ? 0 : FPL_QUIRK_NO_ID;
	*ends = (struct ends){AF_INET, ip + 12, ip + 16, ip + header};
	return read_tcp(ip + header, total - header, syn);
}

static bool read_ip6(const uint8_t *ip, unsigned len, struct fpl_syn *syn, struct ends *ends)
{
	const unsigned payload = len >= 40 ? get16(ip + 4) : 0;

	if (payload < 20 || payload + 40 > len || ip[6] != 6)
		return false;
	syn->version = 6;
	syn->ttl = ip[7];
	syn->headers = 40;
	syn->quirks = (get32(ip) >> 20 & 3 ? FPL_QUIRK_ECN : 0) | (get32(ip) & 0xfffff ? FPL_QUIRK_FLOW : 0);
	*ends = (struct ends){AF_INET6, ip + 8, ip + 24, ip + 40};
	return read_tcp(ip + 40, payload, syn);
}

static void print_match(const struct fpl_signatures *signatures, const struct fpl_signature_table *table,
			const struct fpl_syn *syn, const struct ends *ends)
{
	const struct fpl_syn_match match = fpl_signatures_match(signatures, syn),
				   found = fpl_signature_table_match(signatures, table, syn);
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	if (match.signature != found.signature || match.fuzzy != found.fuzzy || match.distance != found.distance) {
		fputs("synmatch: the table finds something else\n", stderr);
		exit(1);
	}
	printf("%s/%u %s/%u|%s|%u|%s%s%s%s\n", inet_ntop(ends->family, ends->src, src, sizeof(src)), get16(ends->ports),
	       inet_ntop(ends->family, ends->dst, dst, sizeof(dst)), get16(ends->ports + 2),
	       match.signature ? signatures->labels[match.signature->label] : "???", match.distance,
	       match.signature && match.signature->generic ? "generic " : "", match.fuzzy ? "fuzzy " : "",
	       match.signature && match.signature->tool ? "tool " : "",
	       !match.signature || !(match.signature->generic || match.fuzzy || match.signature->tool) ? "-" : "");
}

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(1 << 22);

	if (!file || !text) {
		fprintf(stderr, "synmatch: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	*len = fread(text, 1, 1 << 22, file);
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_diags_new();
	struct fpl_signature_table table;
	struct fpl_signatures signatures;
	struct pcap_pkthdr *header;
	char why[PCAP_ERRBUF_SIZE], *text;
	const uint8_t *data;
	pcap_t *pcap;
	size_t len;

	if (argc != 3) {
		fputs("usage: synmatch SIGNATURES SAVEFILE\n", stderr);
		return 2;
	}
	text = read_file(argv[1], &len);
	if (fpl_signatures_read(arena, diags, ffpf_diags_add_source(diags, argv[1], text, len), &signatures) < 0 ||
	    fpl_signatures_compile(arena, diags, &signatures, &table) < 0) {
		ffpf_diags_print(diags, stderr, false);
		return 1;
	}
	pcap = pcap_open_offline(argv[2], why);
	if (!pcap) {
		fprintf(stderr, "synmatch: %s\n", why);
		return 1;
	}
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		struct fpl_syn syn = {0};
		struct ends ends;

		if (header->caplen < 14)
			continue;
		if (get16(data + 12) == 0x800
			    ? read_ip4(data + 14, header->caplen - 14, &syn, &ends)
			    : get16(data + 12) == 0x86dd && read_ip6(data + 14, header->caplen - 14, &syn, &ends))
			print_match(&signatures, &table, &syn, &ends);
	}
	pcap_close(pcap);
	free(text);
	ffpf_arena_free(arena);
	ffpf_diags_free(diags);
	return 0;
}
