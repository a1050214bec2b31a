== a hash from one key
hash t[IPv4]: counter; t[ip.src]++; t[ip.dst] += len
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
t = 2
t: key=192.0.2.1 -> count=3
t: key=198.51.100.2 -> count=157

== named parts of a key, and columns
hash flows[src: IPv6, dst: IPv6, sport: u16, proto: u8]: { packets: counter, bytes: counter, last: time, flags: u8, big: bool, who: IPv4, card: MAC, six: IPv6 };
flows[src, dst, sport ?? 0, proto].packets++;
flows[src, dst, sport ?? 0, proto].bytes += len;
let f = flows.find(src, dst, sport ?? 0, proto);
if (f) { f.last = now; f.flags |= 0x12; f.big = len; f.who = ip.src; f.card = eth.src; f.six = src }
-- run
6 in, 6 out: 1 1 1 1 1 1
flows_full = 0
flows = 4
flows: src=192.0.2.1 dst=198.51.100.2 sport=0 proto=1 -> packets=1 bytes=42 last=2000000000 flags=18 big=1 who=192.0.2.1 card=02005e005302 six=192.0.2.1
flows: src=192.0.2.1 dst=198.51.100.2 sport=40000 proto=6 -> packets=1 bytes=54 last=0 flags=18 big=1 who=192.0.2.1 card=02005e005302 six=192.0.2.1
flows: src=192.0.2.1 dst=198.51.100.2 sport=5000 proto=17 -> packets=1 bytes=61 last=1000000000 flags=18 big=1 who=192.0.2.1 card=02005e005302 six=192.0.2.1
flows: src=20010db800000000:1 dst=20010db800000000:2 sport=1234 proto=6 -> packets=1 bytes=74 last=3000000000 flags=18 big=1 who=0.0.0.0 card=02005e005302 six=20010db800000000:1

== keys of every type
# packets: syn
hash a[bool]: counter; hash b[u8]: counter; hash c[u16]: counter; hash d[u32]: counter; hash e[u64]: counter; hash f[time]: counter;
hash g[MAC]: counter; hash h[IPv4]: counter; hash i[IPv6]: counter;
a[len]++; b[len * 100]++; c[len * 10000]++; d[u32(ip.src)]++; e[len]++; f[now]++; g[eth.dst]++; h[ip.src]++; i[ip.src]++
-- run
1 in, 1 out: 1
a_full = 0
b_full = 0
c_full = 0
d_full = 0
e_full = 0
f_full = 0
g_full = 0
h_full = 0
i_full = 0
a = 1
b = 1
c = 1
d = 1
e = 1
f = 1
g = 1
h = 1
i = 1
a: key=1 -> count=1
b: key=24 -> count=1
c: key=15712 -> count=1
d: key=3221225985 -> count=1
e: key=54 -> count=1
f: key=0 -> count=1
g: key=02005e005301 -> count=1
h: key=192.0.2.1 -> count=1
i: key=192.0.2.1 -> count=1

== reading does not put an entry
hash t[IPv4]: { n: counter, last: u64 };
if (t[ip.src].n > 0) known++; if (!(t[ip.src].n > 0)) unknown++; return t[ip.src].last ?? 9
-- run
6 in, 6 out: 9 9 9 9 9 9
known = 0
unknown = 6
t = 0

== assigning puts it, with zeros
hash t[u8]: { a: u64, b: u64 };
if (t[1].a == 0) there++; t[1].b = len; if (t[1].a == 0) there_now++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
there = 5
there_now = 6
t = 1
t: key=1 -> a=0 b=60

== find and add
hash t[IPv4]: { n: counter, first: u64 };
let e = t.find(ip.src); if (e) found++; else missed++;
let f = t.add(ip.src); if (f) { f.n++; if (f.new) { fresh++; f.first = len } }
if (e.n > 0) counted++; if (e.new) wrong++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
found = 2
missed = 4
fresh = 1
counted = 2
wrong = 0
t = 1
t: key=192.0.2.1 -> n=3 first=54

== an entry that is absent: its columns are
hash t[u16]: { n: u64 };
let e = t.find(udp.dport); e.n = 5; if (e.n == 5) wrong++; if (!(e.n == 5)) right++; let x = e.n; return x + 1
-- run
6 in, 6 out: 1 1 1 1 1 1
wrong = 0
right = 6
t = 0

== an entry by another name
hash t[u8]: { n: u64 };
let e = t.add(1); let f = e; f.n += 2; if (f.new) fresh++; return e.n
-- run
6 in, 6 out: 2 4 6 8 10 12
t_full = 0
fresh = 1
t = 1
t: key=1 -> n=12

== has and in
hash t[IPv4]: counter; set s[u16]; t[ip.src]++;
if (t.has(ip.dst)) a++; if (ip.src in t) b++; if (!(ip.dst in t)) c++; s.add(len); if (len in s) d++; if (s.has(60)) e++; if (udp.dport in s) f++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
s_full = 0
a = 0
b = 3
c = 6
d = 6
e = 1
f = 0
t = 1
s = 5
t: key=192.0.2.1 -> count=3
s: key=42
s: key=54
s: key=60
s: key=61
s: key=74

== delete
# packets: syn udp syn udp
t[ip.src]++; if (udp) delete t[ip.src]; u[len]++; delete u[udp.len]
-- run
4 in, 4 out: 1 1 1 1
t_full = 0
u_full = 0
t = 0
u = 2
u: len=54 -> count=2
u: len=61 -> count=2

== a set
set seen[src: IPv4, dport: u16]; let e = seen.add(ip.src, tcp.dport); if (e.new) fresh++; if (e) n++
-- run
6 in, 6 out: 1 1 1 1 1 1
seen_full = 0
fresh = 1
n = 1
seen = 1
seen: src=192.0.2.1 dport=80

== a full hash: add gives absent, and is counted
# packets: syn udp icmp tcp6 arp options
hash t[u16]: counter size 2; t[len]++; let e = t.add(len + 1000); if (e) never++; else absent++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 10
never = 1
absent = 5
t = 2
t: key=1054 -> count=0
t: key=54 -> count=1

== a full hash still finds
# packets: syn udp syn udp syn
hash t[u16]: counter size 1; t[len]++; return t[len] ?? 99
-- run
5 in, 5 out: 1 99 2 99 3
t_full = 2
t = 1
t: key=54 -> count=3

== an lru makes room
# packets: syn udp
lru t[u16]: counter size 100; t[len]++; t[len + 1]++
-- run
2 in, 2 out: 1 1
t = 4
t: key=54 -> count=1
t: key=55 -> count=1
t: key=61 -> count=1
t: key=62 -> count=1

== an lpm finds the longest prefix
lpm nets[IPv4]: u32 from "nets.txt"; return nets[ip.src] ?? 9
-- run
6 in, 6 out: 3 3 3 9 9 9

== what an lpm does not have
lpm nets[IPv4]: u32 from "nets.txt"; if (ip.dst in nets) n++; if (ip.src in nets) m++; nets[ip.src] += 10; return nets[192.0.2.1] ?? 3
-- run
6 in, 6 out: 13 23 33 33 33 33
nets_full = 0
n = 0
m = 3
nets = 3
nets: prefix=24 key=192.0.2.0 -> value=2
nets: prefix=32 key=192.0.2.1 -> value=33
nets: prefix=8 key=192.0.0.0 -> value=1

== sets from files
set hosts[IPv6] from "hosts.txt"; set four[IPv4] from "hosts4.txt"; set cards[MAC] from "macs.txt"; set ports[u16] from "ports.txt";
if (src in hosts) a++; if (ip.src in four) b++; if (eth.src in cards) c++; if (dport in ports) d++; if (ip6.src in hosts) e++; if (ip.dst in four) f++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 4
b = 3
c = 6
d = 2
e = 1
f = 0

== numbers from a file
hash n[u16]: u64 from "numbers.txt"; return n[dport] ?? 3
-- run
6 in, 6 out: 7 1 3 3 3 3

== a table from a file that grows
hash t[IPv4]: counter size 10 from "hosts4.txt"; t[ip.src]++; t[ip.dst]++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
t = 3
t: key=192.0.2.1 -> count=4
t: key=198.51.100.2 -> count=3
t: key=198.51.100.7 -> count=1

== an empty file
set s[u16] from "empty.txt"; if (len in s) n++; else m++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 0
m = 6

== a file without a table
if (src in file("hosts.txt")) n++; if (dport in file("ports.txt")) m++; if (ip.src in file("hosts4.txt")) k++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 4
m = 2
k = 3

== a file that a parameter names
# with: list=hosts.txt
param list: file; set s[IPv6] from list; if (src in s) n++; if (src in file(list)) m++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 4
m = 4

== a parameter of files that nobody gave
param list: file = ""; set s[IPv6] from list; if (src in s) n++; else m++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 0
m = 6

== a size that a parameter gives
# with: entries=1
param entries: count = 5; hash t[u16]: counter size entries; t[len]++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 5
t = 1
t: key=54 -> count=1

== 16 parts, 64 bytes
# packets: syn
hash t[a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u16, n: u64, o: IPv6, p: IPv6]: counter;
t[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, len, src, dst]++
-- run
1 in, 1 out: 1
t_full = 0
t = 1
t: a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12 m=13 n=54 o=192.0.2.1 p=198.51.100.2 -> count=1

== operators on columns
# packets: syn syn
hash t[u8]: { a: u64, b: u64, c: u8, d: counter };
t[1].a += 5; t[1].a *= 3; t[1].b |= 6; t[1].b <<= 1; t[1].c -= 1; t[1].d += 2; t[1].a++
-- run
2 in, 2 out: 1 1
t_full = 0
t = 1
t: key=1 -> a=64 b=28 c=254 d=4

== names of numbers: keys, columns, values of events
# packets: syn udp icmp
names port from "names.txt"; names proto from "names.txt"; names n from "empty.txt";
hash t[port: u16, src: IPv4]: { proto: u8, n: u64 };
topk k[proto: u8] 4;
if (ip.proto) k.add(ip.proto);
t[dport ?? 0, ip.src].proto = proto;
t[dport ?? 0, ip.src].n += 1;
c[proto]++;
emit e { port: dport ?? 1, proto };
-- run
event e port='the web' 80 proto=6
event e port='domain' 53 proto='UDP' 17
event e port=1 proto=1
3 in, 3 out: 1 1 1
t_full = 0
k.missed = 0
c_full = 0
e.events = 3
e.events_lost = 0
t = 3
c = 3
k: proto='UDP' 17 -> count=1 most=1
k: proto=1 -> count=1 most=1
k: proto=6 -> count=1 most=1
t: port='domain' 53 src=192.0.2.1 -> proto='UDP' 17 n=1
t: port='the web' 80 src=192.0.2.1 -> proto=6 n=1
t: port=0 src=192.0.2.1 -> proto=1 n=1
c: proto='UDP' 17 -> count=1
c: proto=1 -> count=1
c: proto=6 -> count=1
