== numbers and ranges
if (len in {42, 54}) a++; if (len in {40..45, 60, 70..80}) b++; if (len in 50..60) c++; if (!(len in {42})) d++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3
b = 4
c = 2
d = 4

== many numbers
if (len in {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 42, 42, 54}) a++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3

== addresses and prefixes
if (ip.src in 192.0.2.0/24) a++; if (ip.src in {198.51.100.0/24, 192.0.2.1}) b++; if (src in 192.0.2.0/24) c++; if (src in 2001:db8::/32) d++;
if (src in {2001:db8::1, 10.0.0.0/8}) e++; if (ip6.src in 2001:db8::/127) f++; if (ip.src in 0.0.0.0/0) g++; if (src in ::/0) h++; if (ip.src in 192.0.2.1/32) i++;
if (dst in ::ffff:198.51.100.0/120) j++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3
b = 3
c = 3
d = 1
e = 1
f = 1
g = 3
h = 4
i = 3
j = 3

== IPv6 prefixes of few bits
# packets: tcp6
if (src in 8000::/1) a++; if (src in ::/1) b++; if (src in ::/2) c++; if (src in 2000::/3) d++
-- run
1 in, 1 out: 1
a = 0
b = 1
c = 1
d = 1

== prefixes around 64 bits
# packets: tcp6
if (src in 2001:db8::/63) a++; if (src in 2001:db8::/64) b++; if (src in 2001:db8::/65) c++; if (src in 2001:db8::/128) d++; if (src in 2001:db8::1/128) e++; if (src in 2001:db8:0:1::/64) f++
-- run
1 in, 1 out: 1
a = 1
b = 1
c = 1
d = 0
e = 1
f = 0

== MAC addresses
if (eth.src in {02:00:5e:00:53:01, 02:00:5e:00:53:02}) a++; if (eth.dst in {02:00:5e:00:53:09}) b++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 6
b = 0

== something absent is in no set
if (udp.dport in 0..65535) a++; if (!(udp.dport in 0..65535)) b++; if (ip.src in 0.0.0.0/0) c++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 1
b = 5
c = 3

== times and truth values
if (now in {0s, 2s}) a++; if (now in 1s..3s) b++; if (tcp.syn in {true}) c++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 2
b = 3
c = 2

== a parameter of ranges
# with: ports=50..60
param ports: range = 0..1; if (len in ports) a++; if (!(udp.dport in ports)) b++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 2
b = 5

== a parameter's range that is one number
# with: ports=54
param ports: range; if (len in ports) a++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 1

== equality of addresses
if (ip.src == 192.0.2.1) a++; if (src == 192.0.2.1) b++; if (ip.src != 192.0.2.1) c++; if (src != 2001:db8::1) d++; if (2001:db8::1 == src) e++; if (ip.src == src) f++; if (eth.src == 02:00:5e:00:53:02) g++; if (src == dst) h++; if (ip.src == ip.dst) i++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 3
b = 3
c = 0
d = 3
e = 1
f = 3
g = 6
h = 0
i = 0
