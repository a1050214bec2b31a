== nothing has that name
x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
-- error
case.fpl:1:1: error[name-unknown]: nothing is called 'x'
   1 | x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
     | ^
     = hint: 'x++' counts; 'let x = …' makes a variable, 'scalar x: u64;' one that stays
case.fpl:1:13: error[name-unknown]: nothing is called 'y'
   1 | x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
     |             ^
case.fpl:1:20: error[name-unknown]: nothing is called 'tcp.dprot'
   1 | x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
     |                    ^~~~~~~~~
     = hint: did you mean 'tcp.dport'?
case.fpl:1:45: error[name-unknown]: nothing is called 'foo.bar.baz'
   1 | x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
     |                                             ^~~~~~~~~~~
case.fpl:1:72: error[name-unknown]: nothing is called 'ip.xyz'
   1 | x = 3; n += y; if (tcp.dprot == 3) n++; if (foo.bar.baz == 3) n++; if (ip.xyz) n++
     |                                                                        ^~~~~~

== a name that is like another
counter packets; pakets++; if (packts > 3) n++; let length = 3; return lenght
-- error
case.fpl:1:32: error[name-unknown]: nothing is called 'packts'
   1 | counter packets; pakets++; if (packts > 3) n++; let length = 3; return lenght
     |                                ^~~~~~
     = hint: did you mean 'packets'?
case.fpl:1:72: error[name-unknown]: nothing is called 'lenght'
   1 | counter packets; pakets++; if (packts > 3) n++; let length = 3; return lenght
     |                                                                        ^~~~~~
     = hint: did you mean 'length'?

== a function that does not exist
n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
-- error
case.fpl:1:6: error[name-unknown]: there is no function 'foo'
   1 | n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
     |      ^~~
case.fpl:1:18: error[name-unknown]: there is no function 'bfp'
   1 | n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
     |                  ^~~
     = hint: did you mean 'BPF'?
case.fpl:1:40: error[name-unknown]: there is no function 'mni'
   1 | n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
     |                                        ^~~
     = hint: did you mean 'min'?
case.fpl:1:51: error[name-unknown]: nothing is called 'foo'
   1 | n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
     |                                                   ^~~
case.fpl:1:63: error[value-type]: this can't be called
   1 | n += foo(3); if (bfp("tcp")) m++; k += mni(1, 2); foo.bar(3); x.y.z()
     |                                                               ^~~~~~~

== what can't be called
counter n; n(3); n++; let x = 3; x(); tcp(); (1 + 2)()
-- error
case.fpl:1:12: error[name-unknown]: 'n' can't be called
   1 | counter n; n(3); n++; let x = 3; x(); tcp(); (1 + 2)()
     |            ^
case.fpl:1:34: error[name-unknown]: 'x' can't be called
   1 | counter n; n(3); n++; let x = 3; x(); tcp(); (1 + 2)()
     |                                  ^
case.fpl:1:39: error[name-unknown]: there is no function 'tcp'
   1 | counter n; n(3); n++; let x = 3; x(); tcp(); (1 + 2)()
     |                                       ^~~
case.fpl:1:46: error[value-type]: this can't be called
   1 | counter n; n(3); n++; let x = 3; x(); tcp(); (1 + 2)()
     |                                              ^~~~~~~~~

== a table that does not exist
let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
-- error
case.fpl:1:9: error[name-unknown]: there is no table 't'
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |         ^
case.fpl:1:19: error[name-unknown]: there is no table 'u'
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |                   ^
case.fpl:1:37: error[name-unknown]: there is no table 'v'
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |                                     ^
case.fpl:1:49: error[name-unknown]: there is no table 't'
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |                                                 ^
case.fpl:1:59: error[name-unknown]: there is no table 'tcp'
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |                                                           ^~~
case.fpl:1:71: error[value-type]: only tables, arrays, pkt and payload have an index
   1 | let x = t[3]; if (u[ip.src].n) n++; v[3].x = 4; t[3] = 3; tcp[3] = 3; (1 + 2)[3] = 1
     |                                                                       ^~~~~~~~~~

== a name that is taken
counter n; counter n; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for (x in 1..3) k++; n++
-- error
case.fpl:1:20: error[name-redefined]: there is already something called 'n'
   1 | counter n; counter n; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for…
     |                    ^
     |         ~ first here
case.fpl:1:30: error[name-taken]: 'tcp' is a name of the packet
   1 | counter n; counter n; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for…
     |                              ^~~
case.fpl:1:43: error[name-taken]: 'len' is a name of the packet
   1 | counter n; counter n; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for…
     |                                           ^~~
case.fpl:1:56: error[name-redefined]: there is already something called 'n'
   1 | counter n; counter n; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for…
     |                                                        ^
     |         ~ first here
case.fpl:1:81: error[name-redefined]: there is already something called 't'
   1 | …; scalar tcp: u8; let len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for (x in 1..3) k++; n+…
     |                                                              ^
     |                                                 ~ first here
case.fpl:1:103: error[name-redefined]: there is already something called 'x'
   1 | …len = 3; let n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for (x in 1..3) k++; n++
     |                                                              ^
     |                                                   ~ first here
case.fpl:1:114: error[name-taken]: 'class' is a name of the packet
   1 | …t n = 3; hash t[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for (x in 1..3) k++; n++
     |                                                              ^~~~~
case.fpl:1:129: error[name-taken]: 'pkt' is a name of the packet
   1 | …[IPv4]; let t = 3; let x = 1; let x = 2; let class = 1; let pkt = 3; for (x in 1..3) k++; n++
     |                                                              ^~~

== a name of the packet as a counter
ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
-- error
case.fpl:1:1: error[value-type]: this can't be set
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     | ^~
case.fpl:1:7: error[value-type]: this can't be set
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     |       ^~~~~~~~~
case.fpl:1:20: error[value-type]: this can't be set
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     |                    ^~~
case.fpl:1:30: error[value-type]: 'payload' is bytes, and no value
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     |                              ^~~~~~~
     = hint: payload[0:4] is the number that the first four make
case.fpl:1:41: error[value-type]: 'pkt' is bytes, and no value
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     |                                         ^~~
     = hint: pkt[0:4] is the number that the first four make
case.fpl:1:51: error[value-type]: this can't be set
   1 | ip++; tcp.dport++; len += 3; payload++; pkt += 2; class += 1
     |                                                   ^~~~~

== payload and pkt alone
if (payload) n++; n += pkt; let x = payload + 1
-- error
case.fpl:1:5: error[value-type]: 'payload' is bytes, and no value
   1 | if (payload) n++; n += pkt; let x = payload + 1
     |     ^~~~~~~
     = hint: payload[0:4] is the number that the first four make
case.fpl:1:24: error[value-type]: 'pkt' is bytes, and no value
   1 | if (payload) n++; n += pkt; let x = payload + 1
     |                        ^~~
     = hint: pkt[0:4] is the number that the first four make
case.fpl:1:37: error[value-type]: 'payload' is bytes, and no value
   1 | if (payload) n++; n += pkt; let x = payload + 1
     |                                     ^~~~~~~
     = hint: payload[0:4] is the number that the first four make

== bytes
n += pkt[0:3]; n += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[ip.src]
-- error
case.fpl:1:12: error[value-range]: 1, 2, 4 or 8 bytes are read at once
   1 | n += pkt[0:3]; n += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[…
     |            ^
case.fpl:1:21: error[value-type]: bytes are those of pkt or of payload
   1 | n += pkt[0:3]; n += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[…
     |                     ^~~~~~~
case.fpl:1:45: error[value-range]: 1, 2, 4 or 8 bytes are read at once
   1 | n += pkt[0:3]; n += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[…
     |                                             ^~~
case.fpl:1:56: error[value-type]: bytes are those of pkt or of payload
   1 | n += pkt[0:3]; n += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[…
     |                                                        ^~~~~~~~~~~~~~
case.fpl:1:77: error[value-type]: bytes are those of pkt or of payload
   1 | … += ip[0:2]; n += payload[0:len]; n += inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[ip.src]
     |                                                              ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
case.fpl:1:114: error[value-type]: bytes are those of pkt or of payload
   1 | …= inner.pkt[0:2]; n += inner.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[ip.src]
     |                                                              ^~~~~~~~~~~~~~~~
case.fpl:1:141: error[value-type]: this is an IPv4, and a number is wanted
   1 | …r.inner.inner.payload[0:2]; n += tcp.payload[0:2]; n += pkt[ip.src]
     |                                                              ^~~~~~
     = hint: u32(…) gives the number of an address

== methods that do not exist
hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
-- error
case.fpl:1:15: error[name-unknown]: tables have no method 'put'
   1 | hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
     |               ^~~~~
     = hint: find, add, has; and delete t[…]
case.fpl:1:43: error[name-unknown]: 'hist' has no method 'put'
   1 | hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
     |                                           ^~~~~
     = hint: methods are add
case.fpl:1:67: error[name-unknown]: 'meter' has no method 'get'
   1 | hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
     |                                                                   ^~~~~
     = hint: methods are add
case.fpl:1:76: error[name-unknown]: nothing is called 'nobody'
   1 | hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
     |                                                                            ^~~~~~
case.fpl:1:115: error[value-type]: this can't be called
   1 | hash t[IPv4]; t.put(ip.src); hist h log2; h.put(len); meter m 1s; m.get(); nobody.add(3); let e = t.find(ip.src); e.add(3)
     |                                                                                                                   ^~~~~~~~

== columns that do not exist
hash t[IPv4]: { packets: counter }; t[ip.src].packts++; let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
-- error
case.fpl:1:37: error[name-unknown]: entries of 't' have no column 'packts'
   1 | hash t[IPv4]: { packets: counter }; t[ip.src].packts++; let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let …
     |                                     ^~~~~~~~~~~~~~~~
     |      ~ declared here
     = hint: did you mean 'packets'?
case.fpl:1:85: error[name-unknown]: entries of 't' have no column 'bytes'
   1 | … counter }; t[ip.src].packts++; let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.…
     |                                                              ^~~~~~~
   1 | hash t[IPv4]: { packets: counter }; t[ip.src].packts++; let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let …
     |      ~ declared here
case.fpl:1:94: error[value-type]: 'e' has no 'x'
   1 | …}; t[ip.src].packts++; let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
     |                                                              ^~~~~~~~~~~
case.fpl:1:116: error[name-unknown]: nothing is called 'len.x'
   1 | … let e = t.add(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
     |                                                              ^~~~~
     = hint: did you mean 'len'?
case.fpl:1:128: error[value-type]: 'e' has no 'x'
   1 | …dd(ip.src); n += e.bytes; e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
     |                                                              ^~~~~~~
case.fpl:1:153: error[value-type]: 'y' has no 'z'
   1 | … e.packets.x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
     |                                                              ^~~
case.fpl:1:163: error[value-type]: 't' has no 'x'
   1 | ….x = 3; n += len.x; n += e.new.x; let y = 3; n += y.z; n += t.x
     |                                                              ^~~

== results of other functions that do not exist
if (rate0.pps > 100) n++
-- error
case.fpl:1:5: error[result-unknown]: no function 'rate0'
   1 | if (rate0.pps > 100) n++
     |     ^~~~~~~~~

== a format that does not exist
hash t[u8]: u8 from p0g("x")
-- error
case.fpl:1:21: error[name-unknown]: there is no format 'p0g'
   1 | hash t[u8]: u8 from p0g("x")
     |                     ^~~

== a format that gives something else
hash t[u8, u8]: u8 from ttl_classes("x")
-- error
case.fpl:1:25: error[value-type]: 'ttl_classes' gives other keys or values
   1 | hash t[u8, u8]: u8 from ttl_classes("x")
     |                         ^~~~~~~~~~~
     = hint: it gives of the same file: TTLs that all signatures look upon alike are of one class: [ttl: u8]: u8

== names of classes, tables of other languages, words
return drop; table t[IPv4]: counter; map u[u8]: u8
-- error
case.fpl:1:14: error[name-unknown]: there is no kind of state 'table'
   1 | return drop; table t[IPv4]: counter; map u[u8]: u8
     |              ^~~~~
     = hint: tables are hash, lru, lpm and set
case.fpl:1:38: error[name-unknown]: there is no kind of state 'map'
   1 | return drop; table t[IPv4]: counter; map u[u8]: u8
     |                                      ^~~
     = hint: tables are hash, lru, lpm and set
case.fpl:1:8: error[name-unknown]: nothing is called 'drop'
   1 | return drop; table t[IPv4]: counter; map u[u8]: u8
     |        ^~~~
     = hint: 'drop' is a class of functions: one stands in the graph, or is called: drop(…)

== quotes around addresses
if (src == "10.0.0.1") n++; n += "5"
-- error
case.fpl:1:12: error[value-type]: this is a text, and an IPv6 is wanted
   1 | if (src == "10.0.0.1") n++; n += "5"
     |            ^~~~~~~~~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:34: error[value-type]: this is a text, and a number is wanted
   1 | if (src == "10.0.0.1") n++; n += "5"
     |                                  ^~~
     = hint: numbers and addresses stand without quotes

== assigning to nothing
n = n + 1
-- error
case.fpl:1:1: error[name-unknown]: nothing is called 'n'
   1 | n = n + 1
     | ^
     = hint: 'n++' counts; 'let n = …' makes a variable, 'scalar n: u64;' one that stays
case.fpl:1:5: error[name-unknown]: nothing is called 'n'
   1 | n = n + 1
     |     ^

== a search
if (payload contains "GET") n++
-- error
case.fpl:1:13: error[syntax]: expected ')' or an operator, found 'contains'
   1 | if (payload contains "GET") n++
     |             ^~~~~~~~
     = hint: bytes are compared as numbers: payload[0:4] == 0x47455420

== a window that is too short
meter m 10; for (i in 1..len) m.add(i)
-- error
case.fpl:1:9: error[value-range]: window is 1ms to 24h
   1 | meter m 10; for (i in 1..len) m.add(i)
     |         ^~
case.fpl:1:23: error[value-type]: a loop goes from one constant number to another
   1 | meter m 10; for (i in 1..len) m.add(i)
     |                       ^~~~~~
     = hint: 'break' leaves it earlier
