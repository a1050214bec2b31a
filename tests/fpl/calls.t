== a filter is a condition
if (BPF("tcp port 80")) web++; if (!BPF("udp")) no_udp++; return BPF("ip") ? 2 : 3
-- run
6 in, 6 out: 2 2 2 3 3 2
web = 1
no_udp = 5

== a class that is called keeps its state here
pktcount(); if (tcp) bytecount(); pktcount()
-- run
6 in, 6 out: 1 1 1 1 1 1
pktcount0.packets = 6
bytecount0.bytes = 333
pktcount1.packets = 6

== two calls of one class are two functions
head(2); let x = head(1) + head(3); return x + 1
-- run
6 in, 6 out: 3 2 2 1 1 1

== what it gives is the packet's class there
# before: (FPL,{return tcp ? 5 : 6},name=b)
return BPF("ip") + 10
-- run
6 in, 6 out: 15 16 16 10 10 16

== arguments that are parameters
# with: filter="udp",n=2
param filter: filter; param n: count; if (BPF(filter)) a++; let x = head(n); return x ? 1 : 0
-- run
6 in, 2 out: 1 1 - - - -
a = 1

== classes of FPL
flows(); vlanstat(); if (ratelimit(100)) a++
-- run
6 in, 6 out: 1 1 1 1 1 1
a = 6
vlanstat0.vlans_full = 0
vlanstat0.tagged = 0
vlanstat0.stacked = 0
vlanstat0.untagged = 6
flows0.flows = 4
vlanstat0.vlans = 0
ratelimit0.buckets = 2
flows0.flows: src=192.0.2.1 dst=198.51.100.2 sport=0 dport=0 proto=1 -> packets=1 bytes=42 first=2000000000 last=2000000000 flags=0
flows0.flows: src=192.0.2.1 dst=198.51.100.2 sport=40000 dport=80 proto=6 -> packets=1 bytes=54 first=0 last=0 flags=2
flows0.flows: src=192.0.2.1 dst=198.51.100.2 sport=5000 dport=53 proto=17 -> packets=1 bytes=61 first=1000000000 last=1000000000 flags=0
flows0.flows: src=20010db800000000:1 dst=20010db800000000:2 sport=1234 dport=443 proto=6 -> packets=1 bytes=74 first=3000000000 last=3000000000 flags=2
ratelimit0.buckets: address=192.0.2.1 -> credit=990000000 last=2000000000
ratelimit0.buckets: address=20010db800000000:1 -> credit=990000000 last=3000000000

== another class's value in an expression
return hash(ip.src) & 0 + 1
-- run
6 in, 0 out: - - - - - -

== results of another function
# packets: 300*syn 5*udp
# before: (pktcount,name=before)
if (before.packets > 200) late++; max most; most = before.packets
-- run
305 in, 305 out: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
most = 256
late = 49

== results that every function has
# packets: 300*syn
# before: (BPF,"tcp",name=before)
max a; max b; a = before.packets_in; b = before.bytes_in
-- run
300 in, 300 out: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
a = 256
b = 13824
