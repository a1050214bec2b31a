== numbers, with defaults and units
# with: a=7,c=2k,d=64k,e=1500ms
param a: count; param b: count = 100; param c: rate; param d: size; param e: duration; param f: duration = 1m; param g: size = 4Ki;
array r[7]: u64; r[0] = a; r[1] = b; r[2] = c; r[3] = d; r[4] = e; r[5] = f; r[6] = g
-- run
6 in, 6 out: 1 1 1 1 1 1
r = 0:7 1:100 2:2000 3:65536 4:1500000000 5:60000000000 6:4096

== addresses, truth values
# with: mac=02:00:5e:00:53:02,v4=192.0.2.1,v6=2001:db8::1,yes=yes
param mac: mac; param v4: ipv4; param v6: ipv6; param yes: bool = false; param no: bool = false;
if (eth.src == mac) a++; if (ip.src == v4) b++; if (src == v6) c++; if (yes) d++; if (!no) e++; if (src == v4) f++; t[v6]++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 6
b = 3
c = 1
d = 6
e = 6
f = 3
t_full = 0
t = 1
t: v6=20010db800000000:1 -> count=6

== choices
# with: by=dst
param by: (src | dst | both) = src; if (by == "dst") a++; if (by == "src") b++; if (by != "both") c++; if (by in {"src", "both"}) d++;
switch (by) { case "src": e++; case "dst": f++; }
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 6
b = 0
c = 6
d = 0
e = 0
f = 6

== a choice by default
param by: (src | dst) = src; t[by == "src" ? src : dst]++
-- run
6 in, 6 out: 1 1 1 1 1 1
t_full = 0
t = 2
t: by == "src" ? src : dst=192.0.2.1 -> count=3
t: by == "src" ? src : dst=20010db800000000:1 -> count=1

== a range of values
# with: n=5
param n: count = 3 in 1..10 "how many"; return n
-- run
6 in, 6 out: 5 5 5 5 5 5

== in a calculation
# with: n=5
param n: count; param t: duration = 10s; array r[3]: u64; r[0] = n * 2; r[1] = t / 1s; r[2] = n > 4 ? 1 : 2; for (i in 0..2) if (i < n) k++
-- run
6 in, 6 out: 1 1 1 1 1 1
r = 0:10 1:10 2:1
k = 18

== what parameters must fulfil
# with: a=3,b=5
param a: count; param b: count; param c: count = 7; require(a < b, "a is below b"); require(!given(c) || c > 8, "c is large"); return a + b + (given(c) ? 100 : 0)
-- run
6 in, 6 out: 8 8 8 8 8 8

== what they do not fulfil
# with: a=5,b=5
param a: count; param b: count; require(a < b, "a is below b"); return a
-- error
graph:1:44: error[value-range]: a is below b
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,a=5,b=5)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                            ^

== what can't be required
param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
-- error
case.fpl:1:59: error[syntax]: require(…) stands outside of all braces
   1 | param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
     |                                                           ^~~~~~~~~~~~~~~~~~~~
case.fpl:1:81: error[param-many]: require(…) takes a condition, a text that says what is wrong, and may be one that says what to do
   1 | param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
     |                                                                                 ^~~~~~~~~~
case.fpl:1:93: error[param-many]: require(…) takes a condition, a text that says what is wrong, and may be one that says what to do
   1 | param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
     |                                                                                             ^~~~~~~~~~~~~
case.fpl:1:113: error[value-type]: given(…) asks for a parameter
   1 | param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
     |                                                                                                                 ^~~~~~~~
case.fpl:1:124: error[value-type]: given(…) asks for a parameter
   1 | param a: count = 3; require(len > 3, "long"); if (a == 3) require(a == 3, "x"); require(a); require(a, a); n += given(3) + given(len)
     |                                                                                                                            ^~~~~~~~~~

== requirements of what is no parameter
param a: count = 3; require(len > 3, "long")
-- error
case.fpl:1:29: error[value-type]: only parameters can be required
   1 | param a: count = 3; require(len > 3, "long")
     |                             ^~~~~~~

== order of addresses
if (src < dst) a++; if (ip.src <= ip.dst) b++; if (src > 2001:db8::1) c++; if (ip.src >= 198.51.100.0) d++; if (eth.src > eth.dst) e++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 4
b = 3
c = 0
d = 0
e = 6
