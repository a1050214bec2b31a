== events
emit seen { src: ip.src, port: dport, size: len }
-- run
event seen src=192.0.2.1 port=80 size=54
event seen src=192.0.2.1 port=53 size=61
6 in, 6 out: 1 1 1 1 1 1
seen.events = 2
seen.events_lost = 0

== events of two kinds
if (tcp) emit syn { src, to: dport }; else emit other { proto: ip.proto, fresh: true, at: now, six: src, card: eth.src }
-- run
event syn src=192.0.2.1 to=80
event syn src=20010db800000000:1 to=443
event other proto=17 fresh=1 at=1000000000 six=192.0.2.1 card=02005e005302
event other proto=1 fresh=1 at=2000000000 six=192.0.2.1 card=02005e005302
6 in, 6 out: 1 1 1 1 1 1
syn.events = 2
syn.events_lost = 0
other.events = 2
other.events_lost = 0

== an event without values
if (udp) emit query; if (tcp) emit syn {}
-- run
event query 
event syn 
event syn 
6 in, 6 out: 1 1 1 1 1 1
query.events = 1
query.events_lost = 0
syn.events = 2
syn.events_lost = 0

== the same event at two places
if (tcp) emit seen { port: tcp.dport }; if (udp) emit seen { port: udp.dport, }
-- run
event seen port=80
event seen port=53
event seen port=443
6 in, 6 out: 1 1 1 1 1 1
seen.events = 3
seen.events_lost = 0
