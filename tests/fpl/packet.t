== metadata
array r[8]: u64; r[0] = len; r[1] = caplen; r[2] = class; r[3] = now; lens += len
-- run
6 in, 6 out: 1 1 1 1 1 1
r = 0:60 1:14 2:1 3:5000000000
lens = 333

== names of every layer
# packets: syn udp icmp tcp6 icmp6 arp vlan
t[eth.type, ip.version ?? 0, ip.proto ?? 0, ip6.next ?? 0, proto ?? 0]++; if (vlan.id == 5) v++; if (vlan.pcp == 1) p++; if (arp.op == 1) who++; if (icmp.type == 8) ping++; if (icmp6.type == 128) ping6++; if (arp.tpa == 198.51.100.2) a++
-- run
7 in, 7 out: 1 1 1 1 1 1 1
t_full = 0
v = 1
p = 1
who = 1
ping = 1
ping6 = 1
a = 1
t = 7
t: eth.type=2048 ip.version ?? 0=4 ip.proto ?? 0=1 ip6.next ?? 0=0 proto ?? 0=1 -> count=1
t: eth.type=2048 ip.version ?? 0=4 ip.proto ?? 0=17 ip6.next ?? 0=0 proto ?? 0=17 -> count=1
t: eth.type=2048 ip.version ?? 0=4 ip.proto ?? 0=6 ip6.next ?? 0=0 proto ?? 0=6 -> count=1
t: eth.type=2054 ip.version ?? 0=0 ip.proto ?? 0=0 ip6.next ?? 0=0 proto ?? 0=0 -> count=1
t: eth.type=33024 ip.version ?? 0=4 ip.proto ?? 0=17 ip6.next ?? 0=0 proto ?? 0=17 -> count=1
t: eth.type=34525 ip.version ?? 0=0 ip.proto ?? 0=0 ip6.next ?? 0=58 proto ?? 0=58 -> count=1
t: eth.type=34525 ip.version ?? 0=0 ip.proto ?? 0=0 ip6.next ?? 0=6 proto ?? 0=6 -> count=1

== conveniences of any IP version
# packets: syn udp icmp tcp6 icmp6 arp frag
ends[src, dst]++; ports[sport, dport]++; protos[proto]++
-- run
7 in, 7 out: 1 1 1 1 1 1 1
ends_full = 0
ports_full = 0
protos_full = 0
ends = 2
ports = 3
protos = 4
ends: src=192.0.2.1 dst=198.51.100.2 -> count=4
ends: src=20010db800000000:1 dst=20010db800000000:2 -> count=2
ports: sport=1234 dport=443 -> count=1
ports: sport=40000 dport=80 -> count=1
ports: sport=5000 dport=53 -> count=1
protos: proto=1 -> count=1
protos: proto=17 -> count=2
protos: proto=58 -> count=1
protos: proto=6 -> count=2

== TCP options
# packets: options syn
if (tcp.opt.mss == 1460) mss++; if (tcp.opt.wscale == 7) ws++; if (tcp.opt.sackok) sack++; if (tcp.opt.ts) ts++; return tcp.hlen
-- run
2 in, 2 out: 32 20
mss = 1
ws = 1
sack = 1
ts = 0

== DNS
# packets: udp syn
if (dns) n++; if (dns.qr) answers++; return dns.id ?? dns.qtype ?? 1
-- run
2 in, 2 out: 4660 1
n = 1
answers = 0

== bytes of the packet
# packets: syn short
array r[4]: u64; r[0] = pkt[12:2]; r[1] = pkt[0]; r[2] = pkt[26:4]; r[3] = pkt[22:8]; if (pkt[14:1] >> 4 == 4) v4++; return pkt[len - 1] ?? 7
-- run
2 in, 1 out: - 7
r = 0:2048 1:2 2:3221225985 3:4613374871508877825
v4 = 1

== bytes at an offset that is calculated
# packets: syn get
let at = 14 + ip.ihl * 4; if (pkt[at:2] == tcp.sport) right++; let far = 0xffffffffffffffff + len - len; if (pkt[far] == 0) wrong++; if (pkt[far:8] == 0) wrong++; if (pkt[len - 4:8] == 0) wrong++; return pkt[len - 2:2]
-- run
2 in, 1 out: - 8239
right = 2
wrong = 0

== bytes of the payload
# packets: get syn udp icmp
if (payload[0:4] == 0x47455420) get++; if (payload.len > 0) some++; return payload.len ?? 9
-- run
4 in, 2 out: 5 - 19 -
get = 1
some = 2

== VLAN tags
# packets: vlan syn
if (vlan) tagged++; if (ip.src == 192.0.2.1) inside++; if (dport == 53) dns_++; return vlan.id ?? 4095
-- run
2 in, 2 out: 5 4095
tagged = 1
inside = 2
dns_ = 1

== the conversation's number is the same both ways
# packets: syn get
scalar h: u64; if (h == 0) h = hash; if (h == hash) same++
-- run
2 in, 2 out: 1 1
h = 187579263
same = 2
