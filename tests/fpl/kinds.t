== histograms
hist sizes log2; hist widths linear 20; hist some linear 10 from 45 buckets 3 unit bytes "some";
sizes.add(len); sizes.add(0); widths.add(len); some.add(len, 2)
-- run
6 in, 6 out: 1 1 1 1 1 1
sizes = 0:6 6:5 7:1
widths = 2:3 3:3
some = 0:2 1:4 2:2
some.below = 4

== a meter
meter m 1s; m.add(len)
-- run
6 in, 6 out: 1 1 1 1 1 1
m.packets = 6
m.bytes = 333
m.pps = 1
m.bps = 336
m.avg_pps = 1.2
m.avg_bps = 532.8

== a sketch of distinct values
hyperloglog a; hyperloglog b precision 4; a.add(ip.src); a.add(len, proto); b.add(src)
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 5
b = 2

== counts by hash
countmin cm[src: IPv6, port: u16] 3 x 128; cm.add(src, dport ?? 0); cm.add(src, 7, len); return cm.count(src, 7) ?? 1
-- run
6 in, 6 out: 54 115 157 74 1 1
cm = 235
cm.error = 4.9906

== a bloom filter
bloom seen[IPv6] size 1000; let fresh: bool = seen.add(src); if (fresh) n++; if (seen.has(dst)) m++; if (!seen.has(2001:db8::77)) k++
-- run
6 in, 6 out: 1 1 1 1 1 1
seen = 2
seen.false_positives = 1.2207e-07
n = 2
m = 0
k = 6

== the heaviest
topk heavy[src: IPv4] 4; heavy.add(ip.src); heavy.add(ip.src, len)
-- run
6 in, 6 out: 1 1 1 1 1 1
heavy.missed = 0
heavy: src=192.0.2.1 -> count=160 most=160

== what a method gives is a value
bloom seen[u16] size 1000; return seen.add(len) + 1
-- run
6 in, 6 out: 2 2 2 2 1 2
seen = 5
seen.false_positives = 2.63453e-07

== arguments that parameters give
# with: k=3,buckets=5,size=100,window=2s
param k: count; param buckets: count; param size: count; param window: duration; param precision: count = 5;
topk heavy[len: u16] k; hist sizes linear 10 buckets buckets; bloom b[u16] size size; meter m window; hyperloglog h precision precision;
heavy.add(len); sizes.add(len); b.add(len); m.add(len); h.add(len)
-- run
6 in, 6 out: 1 1 1 1 1 1
heavy.missed = 1
sizes = 4:6
b = 5
b.false_positives = 2.63453e-06
m.packets = 6
m.bytes = 333
m.pps = 1
m.bps = 464
m.avg_pps = 1.2
m.avg_bps = 532.8
h = 3
heavy: len=42 -> count=2 most=2
heavy: len=54 -> count=1 most=1
heavy: len=60 -> count=1 most=1
