/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second oracle for the names of the packet: where one of libpcap's filters says the same, it must hold of the same
 * packets. libpcap looks at less (it asks neither whether all of a header was captured nor whether its lengths make
 * sense, and steps over no tags, labels and extension headers), so a filter speaks for packets that have the header,
 * and nothing before it that libpcap does not know.
 */
#define bpf_insn classic_bpf_insn /* libpcap's and the kernel's headers both have one */
#include <pcap/pcap.h>
#undef bpf_insn

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet_oracle.h"
#include "packet_probe.h"
#include "packets_deep.h"

enum { PACKETS = 20000 };

/* A comparison of a name with a number, and the filter that says the same. */
static const struct pair {
	const char *name;
	uint64_t number;
	const char *filter;
} pairs[] = {
	{"len", 100, "len = 100"},
	{"eth.type", 0x86dd, "ether proto 0x86dd"},
	{"eth.dst", 0xffffffffffff, "ether dst ff:ff:ff:ff:ff:ff"},
	{"eth.src", 0x001122334455, "ether src 00:11:22:33:44:55"},
	{"arp.op", 2, "arp[6:2] = 2"},
	{"arp.spa", 0x0a000001, "arp src host 10.0.0.1"},
	{"ip.src", 0x0a000001, "ip src host 10.0.0.1"},
	{"ip.dst", 0xc0000201, "ip dst host 192.0.2.1"},
	{"ip.ecn", 1, "ip[1] & 3 = 1"},
	{"ip.df", 1, "ip[6] & 0x40 != 0"},
	{"ip.frag", 0, "ip[6:2] & 0x1fff = 0"},
	{"ip.proto", 17, "ip proto 17"},
	{"ip.ihl", 6, "ip[0] & 15 = 6"},
	{"ip6.next", 58, "ip6[6] = 58"},
	{"ip6.version", 6, "ip6[0] >> 4 = 6"},
	{"ip6.ecn", 2, "ip6[0:4] >> 20 & 3 = 2"},
	{"tcp.dport", 80, "ip proto 6 and tcp dst port 80"},
	{"tcp.sport", 443, "ip proto 6 and tcp src port 443"},
	{"tcp.syn", 1, "ip proto 6 and tcp[tcpflags] & tcp-syn != 0"},
	{"tcp.doff", 5, "ip proto 6 and tcp[12] & 0xf0 = 0x50"},
	{"udp.dport", 53, "ip proto 17 and udp dst port 53"},
	{"udp.len", 80, "ip proto 17 and udp[4:2] = 80"},
	{"icmp.type", 8, "icmp[0] = 8"},
	{"icmp.code", 1, "icmp[1] = 1"},
	{"sctp.dport", 80, "ip proto 132 and sctp dst port 80"},
	{"vlan.id", 5, "vlan 5"},
};
enum { PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

/* Does libpcap look at the same header? */
static bool same_header(const struct oracle_packet *o, const struct pair *pair)
{
	const struct oracle_nest *x = &o->nest[0];

	if (!strncmp(pair->name, "vlan", 4))
		return true;
	if (x->vlan[0] >= 0 || x->mpls >= 0)
		return false;
	/* Transport headers of IPv4: behind those of IPv6 the filters above do not look. */
	return strncmp(pair->filter, "ip proto", 8) || x->ip >= 0;
}

static void names_and_filters(void **state)
{
	struct probe probes[2] = {{0}, {0}};
	struct bpf_program filters[PAIRS];
	unsigned compared[PAIRS] = {0}, held[PAIRS] = {0};
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	struct rng r = {2025};

	for (unsigned i = 0; i < PAIRS; i++) {
		struct probe *p = &probes[i / PROBE_SLOTS];

		p->fields[p->n] = fpl_field_find(pairs[i].name);
		assert_non_null(p->fields[p->n++]);
		if (pcap_compile(pcap, &filters[i], pairs[i].filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
			fail_msg("%s: %s", pairs[i].filter, pcap_geterr(pcap));
	}
	assert_null(probe_build(&probes[0], DLT_EN10MB, true));
	assert_null(probe_build(&probes[1], DLT_EN10MB, true));
	for (unsigned n = 0; n < PACKETS; n++) {
		struct test_packet p;
		struct oracle_packet o;

		deep_make(&r, DLT_EN10MB, &p);
		oracle_parse(&o, p.bytes, p.caplen, p.len, DLT_EN10MB);
		assert_int_equal(probe_run(&probes[0], p.bytes, p.caplen, p.len), 0);
		assert_int_equal(probe_run(&probes[1], p.bytes, p.caplen, p.len), 0);
		for (unsigned i = 0; i < PAIRS; i++) {
			const uint64_t *cells = &probes[i / PROBE_SLOTS].cells[3 * (i % PROBE_SLOTS)];
			struct pcap_pkthdr header = {.caplen = p.caplen, .len = p.len};
			bool is = pcap_offline_filter(&filters[i], &header, p.bytes) != 0;

			if (!cells[0] || !same_header(&o, &pairs[i]))
				continue;
			compared[i]++;
			held[i] += is;
			if (is != (cells[1] == pairs[i].number))
				fail_msg("packet %u: '%s' %s, %s is %llu", n, pairs[i].filter,
					 is ? "holds" : "does not hold", pairs[i].name, (unsigned long long)cells[1]);
		}
	}
	for (unsigned i = 0; i < PAIRS; i++) {
		if (compared[i] < 10)
			fail_msg("%s: only %u packets to compare", pairs[i].name, compared[i]);
		if (!held[i])
			fail_msg("'%s' never holds", pairs[i].filter);
		pcap_freecode(&filters[i]);
	}
	pcap_close(pcap);
	ffpf_arena_free(probes[0].arena);
	ffpf_arena_free(probes[1].arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
