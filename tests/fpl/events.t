== events
emit seen { src: ip.src, port: dport, size: len }
-- run
event seen src=192.0.2.1 port=80 size=54
event seen src=192.0.2.1 port=53 size=61
6 in, 6 out: 1 1 1 1 1 1
seen.events = 2
seen.events_lost = 0

== events of two kinds
if (tcp) emit syn { src, to: dport } else emit other { proto: ip.proto, fresh: true, at: now, six: src, card: eth.src }
-- error
case.fpl:1:24: error[syntax]: ',' is not what can stand here, expected ':'
   1 | if (tcp) emit syn { src, to: dport } else emit other { proto: ip.proto, fresh: true, at: now, six: src, card: eth.src }
     |                        ^

== an event without values
if (udp) emit query; if (tcp) emit syn {}
-- error
case.fpl:1:41: error[syntax]: '}' is not what can stand here, expected a name
   1 | if (udp) emit query; if (tcp) emit syn {}
     |                                         ^

== the same event at two places
if (tcp) emit seen { port: tcp.dport }; if (udp) emit seen { port: udp.dport, }
-- run
event seen port=80
event seen port=53
event seen port=443
6 in, 6 out: 1 1 1 1 1 1
seen.events = 3
seen.events_lost = 0
