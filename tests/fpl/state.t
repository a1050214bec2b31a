== counters that nobody declared
n++; if (tcp) syns += len; t[ip.src]++; u[ip.src, tcp.dport] += len
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6
syns = 128
t_full = 0
u_full = 0
t = 1
u = 1
t: ip.src=192.0.2.1 -> count=3
u: ip.src=192.0.2.1 tcp.dport=80 -> count=54

== counters
counter all unit packets "all of them"; counter bytes unit bytes; counter never;
all++; ++all; bytes += len
-- run
6 in, 6 out: 1 1 1 1 1 1
all = 12
bytes = 333

== counters that are read
n++; if (n > 3) late++; return n
-- run
6 in, 6 out: 1 2 3 4 5 6
n = 6
late = 3

== what is declared and never used is not shown
counter a; scalar b: u8; array c[5]: counter; hash d[u8]: counter; hist e log2; n++
-- run
6 in, 6 out: 1 1 1 1 1 1
n = 6

== max and min
max longest unit bytes "the longest"; min shortest unit bytes; max early;
longest = len; shortest = len; early = 1000 - len
-- run
6 in, 6 out: 1 1 1 1 1 1
longest = 74
shortest = 42
early = 958

== max and min as conditions
max longest; if (len > longest) n++; longest = len
-- run
6 in, 6 out: 1 1 1 1 1 1
longest = 74
n = 3

== scalars
scalar a: u64; scalar b: u64 = 10; scalar c: u8 = 0xff; scalar d: bool = true; scalar e: time = 5s; scalar f: IPv4 = 192.0.2.9; scalar g: MAC;
a += 2; b -= 1; c++; d = tcp.flags; e += 1s; f = ip.src; g = eth.src
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 12
b = 4
c = 5
d = 1
e = 11000000000
f = 3221225985
g = 2200600335106

== all assignments with an operator
# packets: syn
scalar a: u64 = 100; scalar b: u64 = 100; scalar c: u64 = 100; scalar d: u64 = 100; scalar e: u64 = 100; scalar f: u64 = 100;
scalar g: u64 = 100; scalar h: u64 = 100; scalar i: u64 = 100; scalar j: u64 = 100; scalar k: u64 = 100;
a += 7; b -= 7; c *= 7; d /= 7; e %= 7; f &= 7; g |= 7; h ^= 7; i <<= 7; j >>= 2; k--
-- run
1 in, 1 out: 1
a = 107
b = 93
c = 700
d = 14
e = 2
f = 4
g = 103
h = 99
i = 12800
j = 25
k = 99

== arrays
array sizes[4]: counter "by length"; array last[2]: u64; array flags[3]: u8;
sizes[len / 20] += 1; sizes[9]++; last[len & 1] = len; last[5] = 1; flags[0] |= tcp.flags; flags[1] = len * 5; flags[2]--;
return sizes[len / 20]
-- run
6 in, 6 out: 1 1 2 2 3 3
sizes = 2:3 3:3
last = 0:60 1:61
flags = 0:2 1:44 2:250

== an index beyond an array is absent
array r[4]: u64;
r[len - 50] = 7;
if (r[4] == 0) wrong++; if (!(r[4] == 0)) right++; if (r[3] >= 0) there++; return r[100] ?? 5
-- run
6 in, 6 out: 5 5 5 5 5 5
r =
wrong = 0
right = 6
there = 6

== an array's size is a parameter
# with: n=3
param n: count; array r[n]: counter; r[len % n]++; r[n]++
-- run
6 in, 6 out: 1 1 1 1 1 1
r = 0:4 1:1 2:1

== state in a condition
scalar on: bool; if (udp) on = true; if (on) n++; if (!on) m++
-- run
6 in, 6 out: 1 1 1 1 1 1
on = 1
n = 5
m = 1

== IPv4 and MAC compare
scalar who: IPv4; scalar card: MAC;
if (ip.src != who) changes++; who = ip.src; if (eth.src == card) same++; card = eth.src
-- run
6 in, 6 out: 1 1 1 1 1 1
who = 3221225985
card = 2200600335106
changes = 1
same = 5
