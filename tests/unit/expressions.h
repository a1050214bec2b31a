/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap expressions for tests: every primitive of pcap-filter(7) and combinations of
 * them. Which of them compile depends on the link type.
 */
#ifndef FFPF_TESTS_EXPRESSIONS_H
#define FFPF_TESTS_EXPRESSIONS_H

static const char *const test_expressions[] = {
	"", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "ah", "esp", "vrrp", "carp",
	"atalk", "aarp", "decnet", "iso", "stp", "ipx", "netbeui", "lat", "moprc", "mopdl", "llc", "llc i", "llc s", "llc u", "llc sabme",
	"clnp", "esis", "isis", "isis l1", "isis iih",
	"host 10.0.0.1", "src host 10.0.0.1", "dst host 192.168.1.2", "src or dst host 10.0.0.2", "src and dst host 10.0.0.1",
	"ip host 10.0.0.1", "arp host 10.0.0.1", "rarp dst host 10.0.0.2", "host 2001:db8::1", "ip6 src host fe80::1", "dst host ff02::1",
	"net 10", "net 10.0.0.0/8", "src net 192.168.0.0/16", "dst net 10.0.0.0 mask 255.255.255.0", "ip6 net 2001:db8::/32", "net 2001:db8::/33",
	"net 0.0.0.0/0", "not net 10.0.0.0/31",
	"ether host 00:11:22:33:44:55", "ether src 00:11:22:33:44:55", "ether dst ff:ff:ff:ff:ff:ff", "ether broadcast", "ether multicast",
	"ip broadcast", "ip multicast", "ip6 multicast", "broadcast", "multicast",
	"port 80", "src port 53", "dst port 443", "tcp port 80", "udp port 53", "sctp port 80", "tcp src port 443", "udp dst port 53",
	"portrange 50-100", "src portrange 1024-65535", "tcp dst portrange 0-1", "udp portrange 53-53", "port 33024", "tcp port 33024",
	"ip proto 6", "ip6 proto 17", "proto 47", "ip proto \\tcp", "ip6 proto \\icmp6", "ether proto 0x800", "ether proto 0x86dd", "ether proto \\arp",
	"ether proto 0x8100", "ether proto 0x1234", "ether proto 64", "ip protochain 6", "ip6 protochain 6", "ip6 protochain 58", "protochain 17",
	"ip6 protochain 59 and not tcp", "udp port 53 or ip6 protochain 6",
	"vlan", "vlan 5", "vlan 5 and tcp", "vlan and vlan", "vlan and vlan 5 and ip", "vlan or ip", "not vlan", "vlan and not tcp port 80", "vlan 5 or vlan 6",
	"mpls", "mpls 1024", "mpls and ip", "mpls and mpls and tcp port 80", "mpls 1024 and host 10.0.0.1", "vlan and mpls", "mpls 1 and mpls 2",
	"pppoed", "pppoes", "pppoes 1", "pppoes and ip", "pppoes and tcp port 80", "vlan 5 and pppoes and udp", "pppoes 1 and ip6",
	"geneve", "geneve 5", "geneve and ip", "geneve and tcp port 80",
	"less 64", "greater 100", "len > 100", "len = 60", "len & 1 = 0", "len - 14 > 50",
	"ip[0] = 0x45", "ip[0] & 0xf != 5", "ip[6:2] & 0x1fff = 0", "ip[2:2] > 576", "ip[8] < 5", "ip[9] = 6 or ip[9] = 17", "ip[16] >= 224",
	"tcp[13] & 2 != 0", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] == tcp-syn", "tcp[0:2] = 80", "tcp[12] >> 4 > 5",
	"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
	"udp[4:2] < 30", "udp[0:2] = udp[2:2]", "icmp[icmptype] = icmp-echo", "icmp[0] = 3 and icmp[1] = 1", "icmp6[0] = 135", "icmp6[icmp6type] = icmp6-echo",
	"ip6[6] = 6", "ip6[40] & 1 = 1", "ip6[4:2] > 100", "ether[0] & 1 = 0 and ip[16] >= 224", "ether[12:2] = 0x800", "ether[12:4] & 0xffff0000 = 0x81000000",
	"ether[12:2] > 1500", "ether[100] = 0", "ether[1000:4] != 0", "ether[0:4] = ether[6:4]", "ether[ip[0] & 15] = 1", "arp[6:2] = 2", "link[0] = 0",
	"ether[0] * 3 = 9", "ether[0] / 3 = 9", "ether[0] % 3 = 1", "ether[0] ^ 255 = 0", "ether[0] | 1 = 1", "ether[1] << 3 > 255", "ether[2] >> 2 = 4",
	"-ether[0] > 5", "ether[0] / ether[1] = 1", "ether[0] % ether[1] = 1", "ether[0] << ether[1] = 0", "ether[4:4] >> ether[1] = 0",
	"1 + 1 = 2", "ether[0] - 200 > 4294967000", "ip[ip[0] * 1000] = 1", "ether[len - 4:4] = 0", "ether[4294967295] = 1", "ether[4294967293:4] = 0",
	"tcp or udp", "tcp and port 80 and not host 10.0.0.1", "(tcp or udp) and (port 53 or port 80)", "not ip", "not (tcp and port 80)", "not not tcp",
	"ip and not tcp and not udp and not icmp", "host 10.0.0.1 and host 10.0.0.2", "host 10.0.0.1 or 10.0.0.2 or 192.168.1.2", "tcp port 80 or 443 or 22",
	"src host 10.0.0.1 and dst port 80 or udp and not port 53", "ip or ip6", "(ip and tcp) or (ip6 and udp)", "gateway 10.0.0.1", "tcp and not vlan",
	"type mgt", "type ctl", "type data", "subtype beacon", "type mgt subtype assoc-req", "wlan addr1 00:11:22:33:44:55", "wlan host 00:11:22:33:44:55",
	"dir tods", "wlan type data and tcp", "fddi host 00:11:22:33:44:55", "inbound", "outbound", "ifindex 2", "\ttcp\n and\r port 80 ",
};
enum { TEST_EXPRESSIONS = sizeof(test_expressions) / sizeof(test_expressions[0]) };

#endif
