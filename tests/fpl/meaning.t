== a program without return passes every packet with its class
n++;
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6

== with a return, its end is class 0
if (tcp) return 7;
-- run
6 in, 2 out: 7 - - 7 - -

== return alone: the class that the packet came with
# before: (FPL,{return tcp ? 3 : 4},name=b)
if (ip) return; return class + 10
-- run
6 in, 6 out: 3 4 4 13 14 14

== nothing at all

-- run
6 in, 6 out: 1 1 1 1 1 1

== comments
# one
n++ // two
; /* three
   * and four **/ m++;
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6
m = 6

== arithmetic is 64 bits wide and unsigned
scalar a: u64; scalar b: u64; scalar c: u64; scalar d: u64; scalar e: u64; scalar f: u64; scalar g: u64; scalar h: u64;
let x = len;
a = 0xffffffffffffffff + x - x + 1;
b = x - (x + 1);
c = 0x100000000 * 0x100000000 + x * 0;
d = ~x + x;
e = -x + x;
f = (x << 60) >> 60;
g = 7 - 10 < 3 ? 1 : 2;
h = 0xffffffff + x / x + 1
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 0
b = 18446744073709551615
c = 0
d = 18446744073709551615
e = 0
f = 12
g = 2
h = 4294967297

== division by zero gives 0, modulo by zero the dividend
# packets: syn
scalar a: u64; scalar b: u64; scalar c: u64; scalar d: u64;
let zero = len - len;
a = len / zero + 1;
b = len % zero;
c = 17 / 0;
d = 17 % 0
-- run
1 in, 1 out: 1
a = 1
b = 54
c = 0
d = 17

== shifts count modulo 64
# packets: syn
scalar a: u64; scalar b: u64; scalar c: u64; scalar d: u64;
a = 1 << 64; b = 1 << (len + 10); c = 0x8000000000000000 >> 127; d = 3 << len
-- run
1 in, 1 out: 1
a = 1
b = 1
c = 1
d = 54043195528445952

== precedence
# packets: syn
scalar a: u64; scalar b: u64; scalar c: u64; scalar d: u64; scalar e: u64; scalar f: u64; scalar g: u64; scalar h: u64;
a = 2 + 3 * 4 - 10 / 2 % 3;
b = 1 | 2 ^ 3 & 6;
c = 1 << 2 + 1;
d = 10 - 3 - 2;
e = 100 / 10 / 2;
f = true || false && false ? 5 : 6;
g = ip6.hops ?? 3 + 4;
h = !len == 0 ? 1 : 2
-- run
1 in, 1 out: 1
a = 12
b = 1
c = 8
d = 5
e = 5
f = 5
g = 7
h = 1

== no order between comparisons: brackets
# packets: syn
scalar a: u64; scalar b: u64;
a = (1 == 1) == (2 == 2) ? 1 : 2;
b = (len & 0xff) == 54 ? 1 : 2
-- run
1 in, 1 out: 1
a = 1
b = 1

== storing into what is narrower keeps the low bits
# packets: syn
scalar a: u8; scalar b: u16; scalar c: u32; scalar d: bool; scalar e: bool;
array r[2]: u16;
hash t[k: u8]: { x: u16, y: bool, z: u32 };
let big = 0x123456789abcdef0 + len - len;
a = big; b = big; c = big; d = big; e = big & 0xf;
r[1] = big;
t[big].x = big; t[big].y = big; t[big].z = big;
let n: u16 = big;
scalar f: u64; f = n;
let m: u8 = 250;
m += 10; scalar g: u64; g = m;
m--; m--; m--; m--; m--; scalar h: u64; h = m;
a += 0x20
-- run
1 in, 1 out: 1
a = 16
b = 57072
c = 2596069104
d = 1
e = 0
r = 1:57072
t_full = 0
f = 57072
g = 4
h = 255
t = 1
t: k=240 -> x=57072 y=1 z=2596069104

== casts keep the low bits
# packets: syn
scalar a: u64; scalar b: u64; scalar c: u64; scalar d: u64; scalar e: u64; scalar f: u64; scalar g: u64;
let big = 0x123456789abcdef0 + len - len;
a = u8(big); b = u16(big); c = u32(big); d = u64(big); e = bool(big); f = bool(big & 0xf); g = u32(ip.src)
-- run
1 in, 1 out: 1
a = 240
b = 57072
c = 2596069104
d = 1311768467463790320
e = 1
f = 0
g = 3221225985

== comparisons are unsigned
# packets: syn
scalar a: u64;
if (len - 100 > 5) a += 1;
if (len - 100 < 5) a += 2;
if (len >= 54 && len <= 54 && !(len != 54)) a += 4
-- run
1 in, 1 out: 1
a = 5

== an absent field makes a comparison false, and its negation true
if (udp.dport == 53) eq++;
if (udp.dport != 53) ne++;
if (!(udp.dport == 53)) not_eq++;
if (!(udp.dport != 53)) not_ne++;
if (53 == udp.dport) other_side++;
if (udp.dport < 100000) lt++;
if (udp.dport + 1 == 54) sum++;
if (udp.dport == tcp.dport) both++;
if (udp.dport) itself++;
if (!udp.dport) not_itself++;
if (bool(udp.dport)) cast++
-- run
6 in, 6 out: 1 1 1 1 1 1
eq = 1
ne = 0
not_eq = 5
not_ne = 6
other_side = 1
lt = 1
sum = 1
both = 0
itself = 1
not_itself = 5
cast = 1

== absence in && and || is a false side
if (udp.dport == 53 || tcp.dport == 80) either++;
if (udp.dport == 53 && ip.ttl == 64) and_++;
if (!(udp.dport == 53) && ip) not_and++;
if (!(udp.dport == 53 || tcp)) neither++
-- run
6 in, 6 out: 1 1 1 1 1 1
either = 2
and_ = 1
not_and = 2
neither = 3

== headers are conditions
if (eth) e++; if (ip) v4++; if (ip6) v6++; if (tcp) t++; if (udp) u++; if (icmp) i++; if (arp) a++; if (!ip) no_ip++;
if (vlan) v++; if (tcp || udp) tu++
-- run
6 in, 6 out: 1 1 1 1 1 1
e = 6
v4 = 3
v6 = 1
t = 2
u = 1
i = 1
a = 1
no_ip = 3
v = 0
tu = 3

== a header that was cut off is not there
# packets: cut short syn
if (eth) e++; if (ip) v4++; if (tcp) t++;
if (tcp.sport == 40000) port++;
if (len == 60) wire++; if (caplen < 60) cut++
-- run
3 in, 3 out: 1 1 1
e = 3
v4 = 2
t = 1
port = 1
wire = 2
cut = 3

== no ports behind the first fragment
# packets: frag udp
if (ip) v4++; if (udp) u++; if (ip.frag > 0) frag++; if (sport == 5000) port++; return dport ?? 9
-- run
2 in, 2 out: 9 53
v4 = 2
u = 1
frag = 1
port = 1

== one-bit flags
# packets: syn get
if (tcp.syn) syn++; if (tcp.ack_flag) acks++; if (tcp.psh && !tcp.syn) psh++; return tcp.flags
-- run
2 in, 2 out: 2 24
syn = 1
acks = 1
psh = 1

== a statement that needs something absent is skipped as a whole
scalar last: u64 = 99;
last = udp.dport;
ports += tcp.dport;
t[udp.dport]++;
array r[4]: counter; r[udp.dport - 53] += 1;
r[0] += udp.len;
max m; m = udp.dport;
min l; l = udp.dport;
hist sizes log2; sizes.add(udp.len);
return udp.dport
-- run
6 in, 1 out: - 53 - - - -
last = 53
r = 0:28
m = 53
l = 53
sizes = 5:1
ports = 523
t_full = 0
t = 1
t: udp.dport=53 -> count=1

== the entry is not put where the value is absent
t[ip.src] += udp.len;
u[udp.dport] += len
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
u_full = 0
t = 1
u = 1
t: ip.src=192.0.2.1 -> count=27
u: udp.dport=53 -> count=61

== let of something absent leaves 0
let x = udp.dport;
let y: u8 = ip6.hops;
let a = ip.src;
let b = ip6.src;
scalar s: u64; s = x;
seen[x, y, a, b]++
-- run
6 in, 6 out: 1 1 1 1 1 1
s = 0
seen_full = 0
seen = 4
seen: x=0 y=0 a=0.0.0.0 b=0:0 -> count=2
seen: x=0 y=0 a=192.0.2.1 b=0:0 -> count=2
seen: x=0 y=64 a=0.0.0.0 b=20010db800000000:1 -> count=1
seen: x=53 y=0 a=192.0.2.1 b=0:0 -> count=1

== let of something absent, again in a loop
for (i in 0..1) { let x = udp.dport; total += x; x = 7; total += x }
-- run
6 in, 6 out: 1 1 1 1 1 1
total = 190

== assigning something absent leaves what was
let x = 5; x = udp.dport; x += tcp.dport; return x
-- run
6 in, 6 out: 85 53 5 448 5 5

== absent in the middle of a statement's operands
let x = 1;
x = x + udp.dport * 2 - tcp.dport;
return x
-- run
6 in, 6 out: 1 1 1 1 1 1

== ??
return udp.dport ?? tcp.dport ?? icmp.type ?? 9
-- run
6 in, 6 out: 80 53 8 443 9 9

== ?? without an end
return udp.dport ?? tcp.dport
-- run
6 in, 3 out: 80 53 - 443 - -

== ?? of addresses
# packets: syn tcp6 arp
seen[ip.src ?? ip6.src]++; let who = ip.src ?? 203.0.113.9; t[who]++
-- run
3 in, 3 out: 1 1 1
seen_full = 0
t_full = 0
seen = 2
t = 2
seen: ip.src ?? ip6.src=192.0.2.1 -> count=1
seen: ip.src ?? ip6.src=20010db800000000:1 -> count=1
t: who=192.0.2.1 -> count=1
t: who=203.0.113.9 -> count=2

== ?? in conditions
if ((udp.dport ?? 53) == 53) n++; if ((udp.dport ?? 1) ?? 2) m++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6
m = 6

== ?: decides by what is there
return udp ? udp.dport : tcp ? tcp.dport : 1
-- run
6 in, 6 out: 80 53 1 443 1 1

== ?: with an absent arm
return ip ? tcp.dport : 2
-- run
6 in, 4 out: 80 - - 2 2 2

== ?: with an absent condition
return udp.dport > 5 ? 1 : 2
-- run
6 in, 6 out: 2 1 2 2 2 2

== ?: of addresses
# packets: syn tcp6
seen[ip ? ip.src : 203.0.113.9]++
-- run
2 in, 2 out: 1 1
seen_full = 0
seen = 2
seen: ip ? ip.src : 203.0.113.9=192.0.2.1 -> count=1
seen: ip ? ip.src : 203.0.113.9=203.0.113.9 -> count=1

== ?: of IPv4 and IPv6
# packets: syn tcp6 arp
t[ip ? ip.src : ip6.src]++
-- run
3 in, 3 out: 1 1 1
t_full = 0
t = 2
t: ip ? ip.src : ip6.src=192.0.2.1 -> count=1
t: ip ? ip.src : ip6.src=20010db800000000:1 -> count=1

== truth values are numbers
# packets: syn udp
scalar a: u64; a = (tcp.dport == 80) + (udp.dport == 53) * 2 + (len > 3) * 4;
let b = tcp.dport == 80; let c: bool = len; counts[b, c]++;
return true + true + false
-- run
2 in, 2 out: 2 2
a = 6
counts_full = 0
counts = 2
counts: b=0 c=1 -> count=1
counts: b=1 c=1 -> count=1

== emit of something absent does nothing
emit seen { port: udp.dport, size: len }
-- run
event seen port=53 size=61
6 in, 6 out: 1 1 1 1 1 1
seen.events = 1
seen.events_lost = 0

== methods with something absent do nothing
topk heavy[p: u16] 4; bloom b[p: u16] size 100; countmin cm[p: u16]; hyperloglog card; meter m 1s;
heavy.add(udp.dport); b.add(udp.dport); cm.add(udp.dport); card.add(udp.dport); m.add(udp.len);
scalar est: u64; est = cm.count(tcp.dport) + 100;
if (b.has(udp.dport)) known++;
if (!b.has(udp.dport)) unknown++
-- run
6 in, 6 out: 1 1 1 1 1 1
heavy.missed = 0
b = 1
b.false_positives = 6.10352e-07
cm = 1
cm.error = 0.000331822
card = 1
m.packets = 1
m.bytes = 27
m.pps = 0
m.bps = 0
m.avg_pps = 0
m.avg_bps = 0
est = 100
known = 1
unknown = 5
heavy: p=53 -> count=1 most=1

== functions with something absent
scalar a: u64; scalar b: u64;
a = min(udp.dport, 7); b = max(udp.dport, tcp.dport) + log2(ip.ttl); if (hash(udp.dport)) n++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 7
b = 0
n = 1

== log2
# packets: syn
array r[9]: u64;
r[0] = log2(len - len); r[1] = log2(1 + len - len); r[2] = log2(len); r[3] = log2(0xffffffffffffffff + len - len);
r[4] = log2(2); r[5] = log2(3); r[6] = log2(1023); r[7] = log2(1024)
-- run
1 in, 1 out: 1
r = 2:5 3:63 4:1 5:1 6:9 7:10

== min and max
# packets: syn
array r[4]: u64; r[0] = min(len, 3, 0xffffffffffffffff); r[1] = max(len, 3, 60, 7); r[2] = min(5, 4); r[3] = max(1s, 2ms)
-- run
1 in, 1 out: 1
r = 0:3 1:60 2:4 3:1000000000

== hash gives the same for the same
# packets: syn syn udp
let h = hash(ip.src, ip.dst, proto); t[h & 0]++;
scalar first: u64; if (!first) first = h; if (first == h) same++; if (hash(len) == hash(len)) n++; if (hash(1) != hash(2)) m++
-- run
3 in, 3 out: 1 1 1
first = 3643738069611279826
t_full = 0
same = 2
n = 3
m = 3
t = 1
t: h & 0=0 -> count=3

== random is a number below 2^32
if (random() < 0x100000000) n++; if (random() % 1 == 0) m++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6
m = 6

== time
# packets: syn syn syn
scalar at: time; scalar since: u64; scalar before: time;
since = (now - before) / 1ms; before = now; at = now; if (now >= 1s) n++; if (1500ms == 1s + 500ms && 1m == 60s && 1h == 60m && 1us == 1000ns) m++
-- run
3 in, 3 out: 1 1 1
at = 2000000000
since = 1000
before = 2000000000
n = 2
m = 3

== units
# packets: syn
array r[9]: u64; r[0] = 100k; r[1] = 4Ki; r[2] = 3M; r[3] = 2G; r[4] = 1Mi; r[5] = 1Gi; r[6] = 0xff; r[7] = 1_000_000; r[8] = 18446744073709551615
-- run
1 in, 1 out: 1
r = 0:100000 1:4096 2:3000000 3:2000000000 4:1048576 5:1073741824 6:255 7:1000000 8:18446744073709551615
