== if and else
if (tcp) a++; else if (udp) { b++; b++ } else { if (icmp) c++; else d++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 2
b = 2
c = 1
d = 2

== else belongs to the nearest if
if (ip) if (tcp) a++; else b++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 1
b = 2

== else without a ';' before it
if (tcp) { a++ } else b++;
if (udp) c++; else { d++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 2
b = 4
c = 1
d = 5

== a return in every arm
if (tcp) return 1; else return 2;
-- run
6 in, 6 out: 1 2 2 1 2 2

== what stands behind a return
if (ip) { return 3; n++ } return 4; m++
-- run
6 in, 6 out: 3 3 3 4 4 4
n = 0
m = 0

== returns of values that do not fit keep the low 32 bits
# packets: syn
return 0x100000005
-- run
1 in, 1 out: 5

== a class of 0 leaves the flow
return ip ? 0x100000000 : 1
-- run
6 in, 3 out: - - - 1 1 1

== switch
switch (ip.proto) { case 6: tcps++; case 17, 1: others++; default: rest++; }
-- run
6 in, 6 out: 1 1 1 1 1 1
tcps = 1
others = 2
rest = 3

== switch does not fall through
switch (len) { case 54: a++; case 61: b++; case 42: c++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 1
b = 1
c = 2

== switch over ranges and several labels
switch (len) { case 0..53, 74: a++; case 54: { b++ } case 55..100: c++; }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3
b = 1
c = 2

== switch: the first that fits
# packets: syn
switch (len) { case 50..60: a++; case 54: b++ } switch (len) { default: c++; case 54: d++ }
-- run
1 in, 1 out: 1
a = 1
b = 0
c = 0
d = 1

== switch over something absent: the default
switch (udp.dport) { case 53: a++; default: b++ }
switch (udp.dport) { case 53: c++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 1
b = 5
c = 1

== switch over addresses
switch (ip.src) { case 192.0.2.0/24: a++; case 198.51.100.2: b++; default: c++ }
switch (src) { case 192.0.2.1: d++; case 2001:db8::/32: e++; }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3
b = 0
c = 3
d = 3
e = 1

== switch in a switch
switch (ip.proto) { case 6, 17: switch (dport) { case 80: web++; case 53: dns_++; } default: other++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
web = 1
dns_ = 1
other = 4

== return in a switch
switch (ip.proto) { case 6: return 1; case 17: return 2; default: return 3 } n++
-- run
6 in, 6 out: 1 2 3 3 3 3
n = 0

== an empty switch and empty arms
switch (len) { } switch (len) { case 54: default: n++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 5

== a loop
for (i in 1..4) { n += i }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 60

== loops
array r[5]: u64; for (i in 1..4) r[i] += i * len
-- run
6 in, 6 out: 1 1 1 1 1 1
r = 1:333 2:666 3:999 4:1332

== a loop of one
for (i in 7..7) n += i
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 42

== break and continue
for (i in 0..9) { if (i == 3) continue; if (i > 5) break; n += i }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 72

== break where something is found
for (i in 0..9) { if (len == 40 + i * 2) { found++; at += i; break } steps++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
found = 3
at = 9
steps = 39

== loops in loops
for (i in 0..3) { for (k in 0..3) { if (k > i) break; if (k == 1) continue; n++ } m++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 42
m = 24

== break from a switch in a loop
for (i in 0..5) { switch (i) { case 2: continue; case 4: break; } n++ }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 18

== return from a loop
for (i in 0..5) { if (len == 42 && i == 2) return 9; n++ } return 1
-- run
6 in, 6 out: 1 1 9 1 9 1
n = 28

== bounds that are calculated
for (i in (2 * 2)..(1 << 3)) n++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 30

== variables in blocks
let x = 1; { let x = 2; n += x; } n += x; if (tcp) { let x = 10; n += x } return x
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 38

== variables of every type
let a: bool = len; let b: u8 = len * 10; let c: u32 = ip.ttl; let d: time = now; let e: MAC = eth.src; let f: IPv4 = ip.src; let g: IPv6 = ip.src;
if (e == 02:00:5e:00:53:02) m++; if (f == 192.0.2.1) v4++; if (g == ::ffff:192.0.2.1) v6++; if (a) t++; return b
-- run
6 in, 6 out: 28 98 164 228 164 88
m = 6
v4 = 3
v6 = 3
t = 6

== variables that keep what they are in all ways that lead together
let x = 1; if (tcp) x = 2; else if (udp) x = 3; let y = x * 2; switch (y) { case 4: y = 100; case 6: y += 1; } return x + y
-- run
6 in, 6 out: 102 10 3 102 3 3

== variables of IPv6 in all ways that lead together
let a = src; if (tcp) a = dst; else if (icmp) a = 2001:db8::9; seen[a]++
-- run
6 in, 6 out: 1 1 1 1 1 1
seen_full = 0
seen = 5
seen: a=0:0 -> count=2
seen: a=192.0.2.1 -> count=1
seen: a=198.51.100.2 -> count=1
seen: a=20010db800000000:2 -> count=1
seen: a=20010db800000000:9 -> count=1

== statements may end without ';' before a brace
if (tcp) { n++ } { m++ } if (udp) { let x = 1; k += x }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 2
m = 6
k = 1

== empty statements
;;; n++;;; {} { ; }
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6

== declarations stand where they like
n += limit; param limit: count = 3; counter n;
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 18
