/* SPDX-License-Identifier: BSD-2-Clause */
/* What numbers in packets are called: tables, sparse ones searched, dense ones indexed. Source: the IANA registries. */
#include "flowspaces/user/dissect.h"

struct name {
	uint16_t number;
	const char *name;
};

#define FIND(table, wanted) find(table, sizeof(table) / sizeof(table[0]), wanted)

static const char *find(const struct name *table, size_t n, uint16_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == wanted)
			return table[i].name;
	return NULL;
}

const char *ffpf_dissect_ethertype_name(uint16_t ethertype)
{
	static const struct name names[] = {
		{0x8035, "RARP"},  {0x8137, "IPX"},	    {0x809b, "AppleTalk"}, {0x880b, "PPP"},
		{0x8808, "pause"}, {0x8809, "LACP"},	    {0x888e, "EAPOL"},	   {0x8892, "PROFINET"},
		{0x88cc, "LLDP"},  {0x88e5, "MACsec"},	    {0x88f7, "PTP"},	   {0x8902, "CFM"},
		{0x8906, "FCoE"},  {0x9000, "loopback"},    {0x22f0, "AVTP"},	   {0x88a4, "EtherCAT"},
		{0x2000, "CDP"},   {0x0842, "wake-on-LAN"},
	};

	return FIND(names, ethertype);
}

const char *ffpf_dissect_protocol_name(uint8_t protocol)
{
	static const struct name names[] = {
		{1, "icmp"},   {2, "igmp"},	 {6, "tcp"},	{8, "egp"},	 {17, "udp"},	{33, "dccp"},
		{46, "rsvp"},  {47, "gre"},	 {50, "esp"},	{51, "ah"},	 {58, "icmp6"}, {59, "no next header"},
		{88, "eigrp"}, {89, "ospf"},	 {103, "pim"},	{108, "ipcomp"}, {112, "vrrp"}, {115, "l2tp"},
		{132, "sctp"}, {136, "udplite"}, {137, "mpls"},
	};

	return FIND(names, protocol);
}

const char *ffpf_dissect_icmp_name(uint8_t type, uint8_t code)
{
	static const char *const unreachable[] = {"net unreachable",  "host unreachable",     "protocol unreachable",
						  "port unreachable", "fragmentation needed", "source route failed"};
	static const struct name names[] = {
		{0, "echo reply"},	     {3, "unreachable"},
		{4, "source quench"},	     {5, "redirect"},
		{8, "echo request"},	     {9, "router advertisement"},
		{10, "router solicitation"}, {11, "time exceeded"},
		{12, "parameter problem"},   {13, "timestamp request"},
		{14, "timestamp reply"},     {17, "mask request"},
		{18, "mask reply"},
	};

	if (type == 3 && code == 13)
		return "prohibited";
	if (type == 3 && code < sizeof(unreachable) / sizeof(unreachable[0]))
		return unreachable[code];
	return FIND(names, type);
}

const char *ffpf_dissect_icmp6_name(uint8_t type, uint8_t code)
{
	static const char *const unreachable[] = {
		"no route",	    "prohibited",    "beyond scope",  "address unreachable",
		"port unreachable", "policy failed", "route rejected"};
	static const struct name names[] = {
		{1, "unreachable"},
		{2, "packet too big"},
		{3, "time exceeded"},
		{4, "parameter problem"},
		{128, "echo request"},
		{129, "echo reply"},
		{130, "multicast query"},
		{131, "multicast report"},
		{132, "multicast done"},
		{133, "router solicitation"},
		{134, "router advertisement"},
		{135, "neighbor solicitation"},
		{136, "neighbor advertisement"},
		{137, "redirect"},
		{143, "multicast report v2"},
	};

	if (type == 1 && code < sizeof(unreachable) / sizeof(unreachable[0]))
		return unreachable[code];
	return FIND(names, type);
}

const char *ffpf_dissect_sctp_name(uint8_t chunk)
{
	static const char *const names[] = {
		"data",		 "init",       "init ack", "sack",	   "heartbeat",
		"heartbeat ack", "abort",      "shutdown", "shutdown ack", "error",
		"cookie echo",	 "cookie ack", "ecn echo", "cwr",	   "shutdown complete"};

	return chunk < sizeof(names) / sizeof(names[0]) ? names[chunk] : NULL;
}

const char *ffpf_dissect_wlan_name(unsigned type, unsigned subtype)
{
	static const char *const management[16] = {"association request",
						   "association response",
						   "reassociation request",
						   "reassociation response",
						   "probe request",
						   "probe response",
						   "timing advertisement",
						   NULL,
						   "beacon",
						   "ATIM",
						   "disassociation",
						   "authentication",
						   "deauthentication",
						   "action",
						   "action without ack",
						   NULL};
	static const char *const control[16] = {[4] = "beamforming report",
						[5] = "NDP announcement",
						[7] = "wrapper",
						[8] = "block ack request",
						[9] = "block ack",
						[10] = "PS-Poll",
						[11] = "RTS",
						[12] = "CTS",
						[13] = "ack",
						[14] = "CF-End",
						[15] = "CF-End ack"};

	return type == 0 ? management[subtype & 15] : type == 1 ? control[subtype & 15] : NULL;
}

const char *ffpf_dissect_ppp_name(uint16_t protocol)
{
	static const struct name names[] = {
		{0x8021, "IPCP"}, {0x8057, "IP6CP"}, {0x80fd, "CCP"}, {0xc021, "LCP"},	     {0xc023, "PAP"},
		{0xc025, "LQR"},  {0xc223, "CHAP"},  {0xc227, "EAP"}, {0x003d, "multilink"}, {0x00fd, "compressed"},
	};

	return FIND(names, protocol);
}
