== addresses are no numbers
let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
-- error
case.fpl:1:9: error[value-type]: this is an IPv4, and a number is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |         ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:26: error[value-type]: this is a MAC, and a number is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |                          ^~~~~~~
case.fpl:1:48: error[value-type]: this is a u64, and an IPv4 is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |                                                ^
case.fpl:1:70: error[value-type]: this is a u64, and an IPv4 is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |                                                                      ^
case.fpl:1:87: error[value-type]: this is an IPv6, and a number is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |                                                                                       ^~~
case.fpl:1:104: error[value-type]: this is an IPv4, and a number is wanted
   1 | let x = ip.src + 1; n += eth.src; if (ip.src > 3) n++; if (ip.src == 3) n++; if (3 == src) n++; return ip.src
     |                                                                                                        ^~~~~~
     = hint: u32(…) gives the number of an address

== addresses of different kinds
if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
-- error
case.fpl:1:15: error[value-type]: this is a MAC, and an IPv4 is wanted
   1 | if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
     |               ^~~~~~~
case.fpl:1:44: error[value-type]: this is an IPv4, and a MAC is wanted
   1 | if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
     |                                            ^~~~~~
case.fpl:1:72: error[value-type]: this is a MAC, and an IPv4 is wanted
   1 | if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
     |                                                                        ^~~~~~~~~~~~~~~~~
case.fpl:1:112: error[value-type]: this is an IPv6, and an IPv4 is wanted
   1 | if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
     |                                                                                                                ^~~~~~~
case.fpl:1:126: error[value-type]: this is a MAC, and an IPv4 is wanted
   1 | if (ip.src == eth.src) n++; if (eth.src == ip.src) n++; if (ip.src in {02:00:5e:00:53:01}) n++; t[ip.src]++; t[ip6.src]++; t[eth.src]++
     |                                                                                                                              ^~~~~~~

== headers are no values
let x = tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
-- error
case.fpl:1:9: error[value-type]: this is a header, and a number is wanted
   1 | let x = tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; retur…
     |         ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:19: error[value-type]: this is a header, and a number is wanted
   1 | let x = tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; retur…
     |                   ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:26: error[value-type]: this is a header, which can't be part of a key or event
   1 | let x = tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; retur…
     |                          ^~~
case.fpl:1:38: error[value-type]: this is a header, and a value is wanted
   1 | let x = tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; retur…
     |                                      ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:67: error[value-type]: this is a header, which can't be part of a key or event
   1 | …= tcp; n += tcp; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~
case.fpl:1:82: error[value-type]: this is a header, and a value is wanted
   1 | …; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:82: error[value-type]: this is a header, and a number is wanted
   1 | …; t[tcp]++; if (tcp == udp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~~~~~~~~
     = hint: a header is a condition: if (…)
case.fpl:1:106: error[value-type]: this is a header, and a number is wanted
   1 | …dp) n++; emit x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:117: error[value-type]: this is a header, and a number is wanted
   1 | …it x { a: tcp }; let y = tcp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:143: error[value-type]: this is a header, and a number is wanted
   1 | …cp ?? udp; let z: u8 = tcp; m.add(tcp); hist m log2; return tcp
     |                                                              ^~~
     = hint: a header is a condition: if (…)

== texts are no values
let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
-- error
case.fpl:1:9: error[value-type]: this is a text, and a number is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |         ^~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:19: error[value-type]: this is a text, and a number is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                   ^~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:35: error[value-type]: this is a text, and a number is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                   ^~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:47: error[value-type]: this is a text, which can't be part of a key or event
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                               ^~~
case.fpl:1:59: error[value-type]: this is a text, and a condition is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                                           ^~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:77: error[value-type]: what a class is called with is constant, or a parameter
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                                                             ^~~
case.fpl:1:100: error[value-type]: this is a u64, and a text is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                                                                                    ^
case.fpl:1:117: error[value-type]: this is a text, and a value is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                                                                                                     ^~~
     = hint: numbers and addresses stand without quotes
case.fpl:1:117: error[value-type]: this is a text, and a number is wanted
   1 | let x = "a"; n += "a"; if (len == "a") n++; t["a"]++; if ("a") n++; if (BPF(len)) n++; if ("a" in {3}) n++; let z = "a" ?? 3
     |                                                                                                                     ^~~~~~~~
     = hint: numbers and addresses stand without quotes

== prefixes are no values
let x = 192.0.2.0/24; if (ip.src == 192.0.2.0/24) n++; if (192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if (ip.src in 2001:db8::/32) n++; let y = 192.0.2.0/24 ?? ip.src; let z: IPv4 = 192.0.2.0/24; if (192.0.2.0/24) n++; n += hash(192.0.2.0/24); n += u32(10.0.0.0/8); emit e { a: 10.0.0.0/8 }; u[10.0.0.0/8]++
-- error
case.fpl:1:9: error[value-type]: a prefix is no value
   1 | let x = 192.0.2.0/24; if (ip.src == 192.0.2.0/24) n++; if (192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if …
     |         ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:37: error[value-type]: an address does not equal a prefix
   1 | let x = 192.0.2.0/24; if (ip.src == 192.0.2.0/24) n++; if (192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if …
     |                                     ^~~~~~~~~~~~
     = hint: write 'in' instead of '=='
case.fpl:1:60: error[value-type]: an address does not equal a prefix
   1 | let x = 192.0.2.0/24; if (ip.src == 192.0.2.0/24) n++; if (192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if …
     |                                                            ^~~~~~~~~~~~
     = hint: write 'in' instead of '=='
case.fpl:1:91: error[value-type]: a prefix is no value
   1 | …rc == 192.0.2.0/24) n++; if (192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if (ip.src in 2001:db8::/32) n++;…
     |                                                              ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:119: error[value-type]: this is an IPv4, and a number is wanted
   1 | …(192.0.2.0/24 != ip.src) n++; t[192.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if (ip.src in 2001:db8::/32) n++; let y = 192.0.2.0/24 ?? ip.…
     |                                                              ^~~~~~~~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:152: error[value-type]: this is an IPv6, and an IPv4 is wanted
   1 | …92.0.2.0/24]++; if (len in 192.0.2.0/24) n++; if (ip.src in 2001:db8::/32) n++; let y = 192.0.2.0/24 ?? ip.src; let z: IPv4 = 192.0.2.0/24; …
     |                                                              ^~~~~~~~~~~~~
case.fpl:1:180: error[value-type]: a prefix is no value
   1 | …92.0.2.0/24) n++; if (ip.src in 2001:db8::/32) n++; let y = 192.0.2.0/24 ?? ip.src; let z: IPv4 = 192.0.2.0/24; if (192.0.2.0/24) n++; n += …
     |                                                              ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:218: error[value-type]: a prefix is no value
   1 | …b8::/32) n++; let y = 192.0.2.0/24 ?? ip.src; let z: IPv4 = 192.0.2.0/24; if (192.0.2.0/24) n++; n += hash(192.0.2.0/24); n += u32(10.0.0.0/…
     |                                                              ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:236: error[value-type]: a prefix is no value
   1 | …y = 192.0.2.0/24 ?? ip.src; let z: IPv4 = 192.0.2.0/24; if (192.0.2.0/24) n++; n += hash(192.0.2.0/24); n += u32(10.0.0.0/8); emit e { a: 10…
     |                                                              ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:265: error[value-type]: a prefix is no value
   1 | …et z: IPv4 = 192.0.2.0/24; if (192.0.2.0/24) n++; n += hash(192.0.2.0/24); n += u32(10.0.0.0/8); emit e { a: 10.0.0.0/8 }; u[10.0.0.0/8]++
     |                                                              ^~~~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:289: error[value-type]: a prefix is no value
   1 | …4; if (192.0.2.0/24) n++; n += hash(192.0.2.0/24); n += u32(10.0.0.0/8); emit e { a: 10.0.0.0/8 }; u[10.0.0.0/8]++
     |                                                              ^~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:314: error[value-type]: a prefix is no value
   1 | … n += hash(192.0.2.0/24); n += u32(10.0.0.0/8); emit e { a: 10.0.0.0/8 }; u[10.0.0.0/8]++
     |                                                              ^~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it
case.fpl:1:330: error[value-type]: a prefix is no value
   1 | ….2.0/24); n += u32(10.0.0.0/8); emit e { a: 10.0.0.0/8 }; u[10.0.0.0/8]++
     |                                                              ^~~~~~~~~~
     = hint: 'x in …' asks whether an address lies in it

== entries are no values
hash t[IPv4]: { n: counter }; let e = t.find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
-- error
case.fpl:1:60: error[value-type]: this is an entry, and a number is wanted
   1 | hash t[IPv4]: { n: counter }; let e = t.find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e]…
     |                                                            ^
     = hint: name a column of the entry
case.fpl:1:68: error[value-type]: this is an entry, and a number is wanted
   1 | …IPv4]: { n: counter }; let e = t.find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; l…
     |                                                              ^~~~~~~~~
     = hint: name a column of the entry
case.fpl:1:88: error[value-type]: this is a u64, and an entry is wanted
   1 | …}; let e = t.find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return…
     |                                                              ^
case.fpl:1:96: error[value-type]: a variable stands for one entry
   1 | … = t.find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
     = hint: name a column, or make another variable with 'let'
case.fpl:1:100: error[value-type]: this is a u64, and an entry is wanted
   1 | ….find(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
case.fpl:1:103: error[value-type]: a variable stands for one entry
   1 | …nd(ip.src); n += e; m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
     = hint: name a column, or make another variable with 'let'
case.fpl:1:122: error[value-type]: name the column of 't' that is set
   1 | … m += t[ip.src]; if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^~~~~~~~~
case.fpl:1:139: error[value-type]: this is an entry, and an IPv4 is wanted
   1 | …if (e == 3) k++; e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
     = hint: name a column of the entry
case.fpl:1:155: error[value-type]: this is an entry, and a number is wanted
   1 | … e = 3; e = t.add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
     = hint: name a column of the entry
case.fpl:1:169: error[value-type]: this is an entry, and a number is wanted
   1 | …add(ip.dst); t[ip.src] = 3; t[e].n++; let x = e + 1; return e
     |                                                              ^
     = hint: name a column of the entry

== sets have no values
set s[u16]; s[3] = 1; s[3]++; n += s[3]
-- error
case.fpl:1:13: error[value-type]: entries of a set have no value: s.add(…) puts one
   1 | set s[u16]; s[3] = 1; s[3]++; n += s[3]
     |             ^~~~
case.fpl:1:23: error[value-type]: entries of a set have no value: s.add(…) puts one
   1 | set s[u16]; s[3] = 1; s[3]++; n += s[3]
     |                       ^~~~
case.fpl:1:36: error[value-type]: this is an entry, and a number is wanted
   1 | set s[u16]; s[3] = 1; s[3]++; n += s[3]
     |                                    ^~~~
     = hint: name a column of the entry

== what is no value
counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
-- error
case.fpl:1:70: error[value-type]: 't' is a table: write t[…]
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                      ^
case.fpl:1:81: error[value-type]: 'r' is an array: write r[…]
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                                 ^
case.fpl:1:92: error[value-type]: 'h' is no value: it has methods
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                                            ^
case.fpl:1:95: error[value-type]: 'r' is an array: write r[…]
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                                               ^
case.fpl:1:102: error[value-type]: 't' is a table: write t[…]
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                                                      ^
case.fpl:1:109: error[value-type]: 'h' is no value: it has methods
   1 | counter n; hash t[u8]: counter; array r[3]: u8; hist h log2; let x = t; let y = r; let z = h; r = 3; t = 3; h += 3; n++
     |                                                                                                             ^

== what can't be set
tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
-- error
case.fpl:1:1: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     | ^~~~~~~~~
case.fpl:1:17: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                 ^~~
case.fpl:1:26: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                          ^
case.fpl:1:33: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                 ^~~
case.fpl:1:62: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                              ^
case.fpl:1:69: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                                     ^~~~~
case.fpl:1:81: error[name-unknown]: nothing is called 'n'
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                                                 ^
     = hint: 'n++' counts; 'let n = …' makes a variable, 'scalar n: u64;' one that stays
case.fpl:1:89: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                                                         ^~~
case.fpl:1:99: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                                                                   ^~~~~~~
case.fpl:1:112: error[value-type]: this can't be set
   1 | tcp.dport = 80; len = 3; 3 = 4; "a" = 3; param p: count = 3; p = 4; class = 5; (n) = 3; now += 1; log2(3) = 4; BPF("tcp") = 1
     |                                                                                                                ^~~~~~~~~~

== counters only count
counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
-- error
case.fpl:1:33: error[value-type]: a counter only counts: '+=' and '++'
   1 | counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
     |                                 ^~~~~
     = hint: a scalar can be set: scalar n: u64;
case.fpl:1:40: error[value-type]: a counter only counts: '+=' and '++'
   1 | counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
     |                                        ^~~~~~
     = hint: a scalar can be set: scalar n: u64;
case.fpl:1:48: error[value-type]: a counter only counts: '+=' and '++'
   1 | counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
     |                                                ^~~
     = hint: a scalar can be set: scalar n: u64;
case.fpl:1:53: error[value-type]: a counter only counts: '+=' and '++'
   1 | counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
     |                                                     ^~~~~~~~
case.fpl:1:63: error[value-type]: a counter only counts: '+=' and '++'
   1 | counter n; array r[3]: counter; n = 3; n -= 1; n--; r[1] = 3; r[1] *= 2
     |                                                               ^~~~~~~~~

== greatest and smallest
max a; min b; a += 3; b--; a *= 2
-- error
case.fpl:1:15: error[value-type]: 'a = …' keeps the greatest value; nothing else can be done
   1 | max a; min b; a += 3; b--; a *= 2
     |               ^~~~~~
case.fpl:1:23: error[value-type]: 'b = …' keeps the smallest value; nothing else can be done
   1 | max a; min b; a += 3; b--; a *= 2
     |                       ^~~
case.fpl:1:28: error[value-type]: 'a = …' keeps the greatest value; nothing else can be done
   1 | max a; min b; a += 3; b--; a *= 2
     |                            ^~~~~~

== calculating with addresses
scalar a: IPv4; scalar b: MAC; a += 1; b--; let c = src; c += 1; let d = ip.src; d++
-- error
case.fpl:1:32: error[value-type]: an address can't be calculated with
   1 | scalar a: IPv4; scalar b: MAC; a += 1; b--; let c = src; c += 1; let d = ip.src; d++
     |                                ^
case.fpl:1:40: error[value-type]: an address can't be calculated with
   1 | scalar a: IPv4; scalar b: MAC; a += 1; b--; let c = src; c += 1; let d = ip.src; d++
     |                                        ^
case.fpl:1:58: error[value-type]: an address can't be calculated with
   1 | scalar a: IPv4; scalar b: MAC; a += 1; b--; let c = src; c += 1; let d = ip.src; d++
     |                                                          ^
case.fpl:1:82: error[value-type]: an address can't be calculated with
   1 | scalar a: IPv4; scalar b: MAC; a += 1; b--; let c = src; c += 1; let d = ip.src; d++
     |                                                                                  ^

== loops
for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
-- error
case.fpl:1:11: error[value-type]: a loop goes from one constant number to another
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |           ^~~~~~
     = hint: 'break' leaves it earlier
case.fpl:1:34: error[value-range]: this range is empty
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                  ^~~~
case.fpl:1:61: error[value-type]: the variable of a loop can't be set
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                                             ^
case.fpl:1:89: error[value-type]: a loop goes from one constant number to another
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                                                                         ^~~~
     = hint: 'break' leaves it earlier
case.fpl:1:100: error[syntax]: this stands in no loop
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                                                                                    ^~~~~
case.fpl:1:107: error[syntax]: this stands in no loop
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                                                                                           ^~~~~~~~
case.fpl:1:126: error[syntax]: this stands in no loop
   1 | for (i in 0..len) n++; for (i in 3..1) n++; for (i in 1..3) i = 2; let x = 3; for (k in 1..x) n++; break; continue; if (tcp) break
     |                                                                                                                              ^~~~~

== sets and ranges
if (len in {1, x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in {ip.src}) n++; let z = 3; if (len in {z}) n++
-- error
case.fpl:1:16: error[name-unknown]: nothing is called 'x'
   1 | if (len in {1, x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in …
     |                ^
case.fpl:1:19: error[value-type]: a range goes from one constant number to another
   1 | if (len in {1, x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in …
     |                   ^~~~~~
case.fpl:1:27: error[value-range]: this range is empty
   1 | if (len in {1, x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in …
     |                           ^~~~
case.fpl:1:53: error[value-type]: a range is one of numbers
   1 | if (len in {1, x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in …
     |                                                     ^~~~
case.fpl:1:75: error[value-type]: 'in' wants a set
   1 | … x, 3..len, 9..3}) n++; if (ip.src in 1..3) n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in {ip.src}) n++;…
     |                                                              ^~~
     = hint: sets are {1, 2..9}, 2..9, 192.0.2.0/24, file("…"), and tables
case.fpl:1:119: error[value-range]: this range is empty
   1 | …n++; if (len in tcp) n++; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in {ip.src}) n++; let z = 3; if (len in {z}) n++
     |                                                              ^~~~
case.fpl:1:142: error[value-type]: this is an IPv4, and a number is wanted
   1 | …+; if (len in 5 + 3) n++; if (len in 9..3) n++; if (len in {ip.src}) n++; let z = 3; if (len in {z}) n++
     |                                                              ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:179: error[value-type]: what stands in a set is constant
   1 | …9..3) n++; if (len in {ip.src}) n++; let z = 3; if (len in {z}) n++
     |                                                              ^

== a set is no value
let y = {1, 2}
-- error
case.fpl:1:9: error[syntax]: expected an expression, found '{'
   1 | let y = {1, 2}
     |         ^

== a loop over one number
for (i in 3) n++
-- error
case.fpl:1:12: error[syntax]: expected '(', '[', '..' or '.', found ')'
   1 | for (i in 3) n++
     |            ^

== in does not look there
bloom b[u16] size 100; if (len in b) n++; hash t[IPv4, u16]; if (ip.src in t) n++; hash u[IPv4]; if (len in u) n++; param p: count = 3; if (len in p) n++; param q: range = 1..3; n += q; if (ip.src in q) n++
-- error
case.fpl:1:35: error[value-type]: 'in' does not look there
   1 | bloom b[u16] size 100; if (len in b) n++; hash t[IPv4, u16]; if (ip.src in t) n++; hash u[IPv4]; if (len in u) n++; param p: count = 3; if (…
     |                                   ^
     = hint: b.has(…) does
case.fpl:1:76: error[value-type]: the key of 't' has 2 parts
   1 | …ze 100; if (len in b) n++; hash t[IPv4, u16]; if (ip.src in t) n++; hash u[IPv4]; if (len in u) n++; param p: count = 3; if (len in p) n++; …
     |                                                              ^
     = hint: t.has(…) asks for a key of several parts
case.fpl:1:102: error[value-type]: this is a u32, and an IPv4 is wanted
   1 | … hash t[IPv4, u16]; if (ip.src in t) n++; hash u[IPv4]; if (len in u) n++; param p: count = 3; if (len in p) n++; param q: range = 1..3; n +…
     |                                                              ^~~
case.fpl:1:148: error[value-type]: 'in' wants a set
   1 | … u[IPv4]; if (len in u) n++; param p: count = 3; if (len in p) n++; param q: range = 1..3; n += q; if (ip.src in q) n++
     |                                                              ^
     = hint: sets are {1, 2..9}, 2..9, 192.0.2.0/24, file("…"), and tables
case.fpl:1:184: error[value-type]: a range is no value
   1 | …: count = 3; if (len in p) n++; param q: range = 1..3; n += q; if (ip.src in q) n++
     |                                                              ^
     = hint: 'x in q' asks whether x lies in it
case.fpl:1:191: error[value-type]: this is an IPv4, and a number is wanted
   1 | … = 3; if (len in p) n++; param q: range = 1..3; n += q; if (ip.src in q) n++
     |                                                              ^~~~~~
     = hint: u32(…) gives the number of an address

== switch
switch (len) { case 1: n++; default: m++; default: k++ } switch (ip.src) { case 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9..3: n++ }
-- error
case.fpl:1:43: error[param-twice]: a switch has one default
   1 | switch (len) { case 1: n++; default: m++; default: k++ } switch (ip.src) { case 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9.…
     |                                           ^~~~~~~~~~~~
     |                             ~~~~~~~~~~~~~ first here
case.fpl:1:81: error[value-type]: this is a u64, and an IPv4 is wanted
   1 | …1: n++; default: m++; default: k++ } switch (ip.src) { case 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9..3: n++ }
     |                                                              ^
case.fpl:1:94: error[name-unknown]: nothing is called 'x'
   1 | …lt: m++; default: k++ } switch (ip.src) { case 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9..3: n++ }
     |                                                              ^
case.fpl:1:107: error[value-type]: a range is one of numbers
   1 | …ult: k++ } switch (ip.src) { case 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9..3: n++ }
     |                                                              ^~~~
case.fpl:1:139: error[value-range]: this range is empty
   1 | …e 3: n++; case x: m++; case 2..3: k++ } switch (len) { case 9..3: n++ }
     |                                                              ^~~~

== keys
hash t[a: IPv4, b: u16]: counter; t[ip.src]++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
-- error
case.fpl:1:35: error[param-many]: the key has 2 parts, and 1 is given
   1 | hash t[a: IPv4, b: u16]: counter; t[ip.src]++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.s…
     |                                   ^~~~~~~~~
case.fpl:1:48: error[param-many]: the key has 2 parts, and 3 are given
   1 | hash t[a: IPv4, b: u16]: counter; t[ip.src]++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.s…
     |                                                ^~~~~~~~~~~~~~~
case.fpl:1:69: error[value-type]: this is a u64, and an IPv4 is wanted
   1 | …: IPv4, b: u16]: counter; t[ip.src]++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; del…
     |                                                              ^
case.fpl:1:72: error[value-type]: this is an IPv4, and a number is wanted
   1 | …Pv4, b: u16]: counter; t[ip.src]++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete…
     |                                                              ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:104: error[param-many]: an array has one index
   1 | …++; t[ip.src, 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^~~~~~~
case.fpl:1:117: error[value-type]: this is an IPv4, and a number is wanted
   1 | … 3, 4]++; t[3, ip.src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:135: error[param-many]: the key has 2 parts, and 1 is given
   1 | …src]++; array r[3]: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^~~~~~~~~
case.fpl:1:153: error[value-type]: entries are deleted: delete t[key]
   1 | …: counter; r[1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^~~~
case.fpl:1:166: error[name-unknown]: nothing is called 'n'
   1 | …1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^
case.fpl:1:166: error[value-type]: entries are deleted: delete t[key]
   1 | …1, 2]++; r[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^
case.fpl:1:176: error[value-type]: entries are deleted: delete t[key]
   1 | …[ip.src]++; delete t[ip.src]; delete r[1]; delete n; delete len
     |                                                              ^~~

== casts and functions
n += u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
-- error
case.fpl:1:6: error[param-many]: a cast takes one value
   1 | n += u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n +…
     |      ^~~~~~~~
case.fpl:1:21: error[param-many]: a cast takes one value
   1 | n += u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n +…
     |                     ^~~~~
case.fpl:1:33: error[param-many]: 'min' takes 2 to 8 values
   1 | n += u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n +…
     |                                 ^~~~~~
case.fpl:1:46: error[param-many]: 'log2' takes 1 value
   1 | n += u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n +…
     |                                              ^~~~~~~~~~
case.fpl:1:63: error[param-many]: 'random' takes no value
   1 | …+= u8(1, 2); n += u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += …
     |                                                              ^~~~~~~~~
case.fpl:1:79: error[param-many]: 'hash' takes 1 to 8 values
   1 | …= u16(); n += min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += …
     |                                                              ^~~~~~
case.fpl:1:92: error[param-many]: 'max' takes 2 to 8 values
   1 | … min(3); n += log2(1, 2); n += random(3); n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n …
     |                                                              ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
case.fpl:1:132: error[value-type]: this is an IPv6, and a number is wanted
   1 | …; n += hash(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
     |                                                              ^~~
case.fpl:1:148: error[value-type]: this is a u32, and an IPv6 is wanted
   1 | … += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
     |                                                              ^~~
case.fpl:1:143: error[value-type]: this is an IPv6, and a number is wanted
   1 | …(); n += max(1, 2, 3, 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
     |                                                              ^~~~~~~~~
case.fpl:1:164: error[value-type]: this is a header, and a number is wanted
   1 | … 4, 5, 6, 7, 8, 9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
     |                                                              ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:180: error[value-type]: this is a header, and a number is wanted
   1 | …9); n += u8(src); n += IPv6(len); n += log2(tcp); n += hash(tcp)
     |                                                              ^~~
     = hint: a header is a condition: if (…)

== methods
hist h log2; h.add(); h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin m[IPv4]; n += m.count(); n += m.count(ip.src, 3); n += h.add(3)
-- error
case.fpl:1:14: error[param-many]: 'h.add' takes 1 value, and how much is added
   1 | hist h log2; h.add(); h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add…
     |              ^~~~~~~
case.fpl:1:23: error[param-many]: 'h.add' takes 1 value, and how much is added
   1 | hist h log2; h.add(); h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add…
     |                       ^~~~~~~~~~~~~~
case.fpl:1:45: error[value-type]: this is an IPv4, and a number is wanted
   1 | hist h log2; h.add(); h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add…
     |                                             ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:76: error[value-type]: this is a u32, and an IPv4 is wanted
   1 | …add(); h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin…
     |                                                              ^~~
case.fpl:1:82: error[param-many]: 't.add' takes 1 value, and how much is added
   1 | … h.add(1, 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin m[IPv…
     |                                                              ^~~~~~~
case.fpl:1:91: error[param-many]: 't.add' takes 1 value, and how much is added
   1 | … 2, 3); h.add(ip.src); topk t[IPv4] 3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin m[IPv4]; n += …
     |                                                              ^~~~~~~~~~~~~~~~~~~
case.fpl:1:127: error[param-many]: 'c.add' takes a value
   1 | …3; t.add(len); t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin m[IPv4]; n += m.count(); n += m.count(ip.src, 3); …
     |                                                              ^~~~~~~
case.fpl:1:142: error[value-type]: this is a header, and a number is wanted
   1 | …t.add(); t.add(ip.src, 1, 2); hyperloglog c; c.add(); c.add(tcp); countmin m[IPv4]; n += m.count(); n += m.count(ip.src, 3); n += h.add(3)
     |                                                              ^~~
     = hint: a header is a condition: if (…)
case.fpl:1:171: error[param-many]: 'm.count' takes 1 value
   1 | … hyperloglog c; c.add(); c.add(tcp); countmin m[IPv4]; n += m.count(); n += m.count(ip.src, 3); n += h.add(3)
     |                                                              ^~~~~~~~~
case.fpl:1:187: error[param-many]: 'm.count' takes 1 value
   1 | …c.add(); c.add(tcp); countmin m[IPv4]; n += m.count(); n += m.count(ip.src, 3); n += h.add(3)
     |                                                              ^~~~~~~~~~~~~~~~~~

== statements that do nothing
3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
-- error
case.fpl:1:1: error[syntax]: this does nothing
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     | ^
case.fpl:1:4: error[syntax]: this does nothing
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     |    ^~~
case.fpl:1:9: error[syntax]: this does nothing
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     |         ^~~~~~~~~
case.fpl:1:41: error[syntax]: this does nothing
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     |                                         ^~~~
case.fpl:1:47: error[syntax]: this does nothing
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     |                                               ^~~~~~~~~
case.fpl:1:58: error[name-unknown]: nothing is called 'n'
   1 | 3; len; tcp.dport; hash t[u8]: counter; t[3]; min(1, 2); n
     |                                                          ^

== calling classes
if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
-- error
case.fpl:1:5: error[value-type]: 'dev' can't be called
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |     ^~~~~~~~
     = hint: it is no packet program: put it into the graph
case.fpl:1:24: error[value-type]: 'drop' decides about the network
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |                        ^~~~~~
     = hint: return a class, and route it: > [2: (drop) | else: …]
case.fpl:1:45: error[value-type]: what a class is called with is constant, or a parameter
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |                                             ^~~
case.fpl:1:60: error[param-many]: 'BPF' takes 2 arguments
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |                                                            ^~~~~~~~~~~~~~~~~~~~~~
case.fpl:1:93: error[value-type]: 'print' can't be called
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |                                                                                             ^~~~~~~~~~
     = hint: it is no packet program: put it into the graph
case.fpl:1:114: error[value-type]: 'FPL' can't be called
   1 | if (dev("x")) n++; if (drop()) n++; if (BPF(len)) n++; if (BPF("tcp", 2, 3, 4, 5)) n++; if (print("x")) n++; if (FPL("n++")) m++
     |                                                                                                                  ^~~~~~~~~~
     = hint: it is no packet program: put it into the graph

== calling classes with what they do not take
if (BPF("foo bar")) n++
-- error
case.fpl:1:5: error[filter]: can't parse filter expression: syntax error
   1 | if (BPF("foo bar")) n++
     |     ^

== calling a class without what it needs
n += head()
-- error
case.fpl:1:6: error[param-missing]: 'head' needs 'n'
   1 | n += head()
     |      ^~~~~~

== calling a class with something else
n += head("x")
-- error
case.fpl:1:6: error[value-type]: 'n' is a count, not 'x'
   1 | n += head("x")
     |      ^~~~~~~~~
     = hint: a whole number, with k, M or G for thousands, millions, thousands of millions

== files
hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:1:33: error[value-type]: file(…) takes the name of a file, or a parameter of type file
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
     |                                 ^~~~~~~
case.fpl:1:58: error[value-type]: file(…) takes the name of a file, or a parameter of type file
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
     |                                                          ^~~~~~~
case.fpl:1:83: error[value-type]: file(…) takes the name of a file, or a parameter of type file
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
     |                                                                                   ^~~~~~~~~~~~~~

== a file is no value
let x = file("ports.txt")
-- error
case.fpl:1:9: error[syntax]: a set stands behind 'in'
   1 | let x = file("ports.txt")
     |         ^~~~~~~~~~~~~~~~~

== a file is no value
let x = file("ports.txt")
     |                                 ^~~~~~~
case.fpl:1:33: error[value-type]: 'in' wants a set
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:2:40: error[syntax]: expected an expression, found '^'
   2 |      |                                 ^~~~~~~
     |                                        ^
case.fpl:3:9: error[syntax]: ':1:33:' is no address
   3 | case.fpl:1:33: error[value-type]: 'in' wants a set
     |         ^~~~~~
case.fpl:3:35: error[char-unexpected]: 'in' has no meaning here
   3 | case.fpl:1:33: error[value-type]: 'in' wants a set
     |                                   ^~~~
     = hint: a text stands in "…"

== a file is no value
let x = file("ports.txt")
     |                                 ^~~~~~~
     = hint: sets are {1, 2..9}, 2..9, 192.0.2.0/24, file("…"), and tables
case.fpl:1:58: error[value-type]: file(…) takes the name of a file, or a parameter of type file
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:2:40: error[syntax]: expected an expression, found '^'
   2 |      |                                 ^~~~~~~
     |                                        ^
case.fpl:4:9: error[syntax]: ':1:58:' is no address
   4 | case.fpl:1:58: error[value-type]: file(…) takes the name of a file, or a parameter of type file
     |         ^~~~~~
case.fpl:4:40: error[char-unexpected]: '…' has no meaning here
   4 | case.fpl:1:58: error[value-type]: file(…) takes the name of a file, or a parameter of type file
     |                                        ^

== a file is no value
let x = file("ports.txt")
     |                                                          ^~~~~~~
case.fpl:1:58: error[value-type]: 'in' wants a set
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:2:65: error[syntax]: expected an expression, found '^'
   2 |      |                                                          ^~~~~~~
     |                                                                 ^
case.fpl:3:9: error[syntax]: ':1:58:' is no address
   3 | case.fpl:1:58: error[value-type]: 'in' wants a set
     |         ^~~~~~
case.fpl:3:35: error[char-unexpected]: 'in' has no meaning here
   3 | case.fpl:1:58: error[value-type]: 'in' wants a set
     |                                   ^~~~
     = hint: a text stands in "…"

== a file is no value
let x = file("ports.txt")
     |                                                          ^~~~~~~
     = hint: sets are {1, 2..9}, 2..9, 192.0.2.0/24, file("…"), and tables
case.fpl:1:83: error[value-type]: file(…) takes the name of a file, or a parameter of type file
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:2:65: error[syntax]: expected an expression, found '^'
   2 |      |                                                          ^~~~~~~
     |                                                                 ^
case.fpl:4:9: error[syntax]: ':1:83:' is no address
   4 | case.fpl:1:83: error[value-type]: file(…) takes the name of a file, or a parameter of type file
     |         ^~~~~~
case.fpl:4:40: error[char-unexpected]: '…' has no meaning here
   4 | case.fpl:1:83: error[value-type]: file(…) takes the name of a file, or a parameter of type file
     |                                        ^

== a file is no value
let x = file("ports.txt")
     |                                                                                   ^~~~~~~~~~~~~~
case.fpl:1:83: error[value-type]: 'in' wants a set
   1 | hash t[u8]: counter; if (len in file(3)) n++; if (len in file(t)) n++; if (len in file("a", "b")) n++; 
-- error
case.fpl:2:90: error[syntax]: expected an expression, found '^'
   2 |      |                                                                                   ^~~~~~~~~~~~~~
     |                                                                                          ^
case.fpl:3:9: error[syntax]: ':1:83:' is no address
   3 | case.fpl:1:83: error[value-type]: 'in' wants a set
     |         ^~~~~~
case.fpl:3:35: error[char-unexpected]: 'in' has no meaning here
   3 | case.fpl:1:83: error[value-type]: 'in' wants a set
     |                                   ^~~~
     = hint: a text stands in "…"

== a file is no value
let x = file("ports.txt")
     |                                                                                   ^~~~~~~~~~~~~~
     = hint: sets are {1, 2..9}, 2..9, 192.0.2.0/24, file("…"), and tables
-- error
case.fpl:2:90: error[syntax]: expected an expression, found '^'
   2 |      |                                                                                   ^~~~~~~~~~~~~~
     |                                                                                          ^

== events
emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
-- error
case.fpl:1:16: error[param-twice]: 'x' stands in the event twice
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                ^
case.fpl:1:41: error[value-type]: 'b' has other values than before
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                                         ^~~~~~~~~~~~~~~
     |                        ~~~~~~~~~~~~~~~ first here
case.fpl:1:70: error[value-type]: this is an IPv4, and a number is wanted
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                                                                      ^~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:58: error[value-type]: 'b' has other values than before
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                                                          ^~~~~~~~~~~~~~~~~~~~
     |                        ~~~~~~~~~~~~~~~ first here
case.fpl:1:80: error[value-type]: 'b' has other values than before
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                                                                                ^~~~~~
     |                        ~~~~~~~~~~~~~~~ first here
case.fpl:1:105: error[value-type]: 'c' has other values than before
   1 | emit a { x: 1, x: 2 }; emit b { x: 1 }; emit b { y: 1 }; emit b { x: ip.src }; emit b; emit c { x: 1 }; emit c { x: 1, z: 2 }
     |                                                                                                         ^~~~~~~~~~~~~~~~~~~~~
     |                                                                                        ~~~~~~~~~~~~~~~ first here

== events that are too large
emit a { b: src, c: dst, d: src, e: dst, f: 1 }; emit g { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1, o: 1, p: 1, q: 1 }
-- error
case.fpl:1:1: error[text-big]: this event has 72 bytes, more than the 64 that it may have
   1 | emit a { b: src, c: dst, d: src, e: dst, f: 1 }; emit g { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1…
     | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
case.fpl:1:50: error[text-big]: an event has 16 values at most
   1 | emit a { b: src, c: dst, d: src, e: dst, f: 1 }; emit g { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1…
     |                                                  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

== choices
param by: (src | dst) = src; if (by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { case "none": n++ }
-- error
case.fpl:1:40: error[value-choice]: 'sdt' is no choice of 'by'
   1 | param by: (src | dst) = src; if (by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { cas…
     |                                        ^~~~~
     |       ~~ its choices
case.fpl:1:56: error[value-choice]: 'both' is no choice of 'by'
   1 | param by: (src | dst) = src; if (by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { cas…
     |                                                        ^~~~~~
     |       ~~ its choices
case.fpl:1:93: error[value-choice]: 'x' is no choice of 'by'
   1 | …(by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { case "none": n++ }
     |                                                              ^~~
   1 | param by: (src | dst) = src; if (by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { cas…
     |       ~~ its choices
case.fpl:1:114: error[value-type]: a choice stands in quotes
   1 | … ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { case "none": n++ }
     |                                                              ^~~
     = hint: "src"
case.fpl:1:143: error[value-choice]: 'none' is no choice of 'by'
   1 | …n {"src", "x"}) n++; if (by == src) n++; switch (by) { case "none": n++ }
     |                                                              ^~~~~~
   1 | param by: (src | dst) = src; if (by == "sdt") n++; if ("both" == by) n++; if (by in {"src", "x"}) n++; if (by == src) n++; switch (by) { cas…
     |       ~~ its choices

== what is too long when loops are unrolled
for (i in 0..999) for (k in 0..999) n += i * k
-- error
case.fpl:1:37: error[text-big]: the program is too long for any level from here on
   1 | for (i in 0..999) for (k in 0..999) n += i * k
     |                                     ^~~~~~~~~~
     = hint: loops are unrolled: what stands in them counts as often as they run

== loops that are nested too deep
for (a in 0..0) for (b in 0..0) for (c in 0..0) for (d in 0..0) for (e in 0..0) for (f in 0..0) for (g in 0..0) for (h in 0..0) for (i in 0..0) for (j in 0..0) for (k in 0..0) for (l in 0..0) for (m in 0..0) for (n in 0..0) for (o in 0..0) for (p in 0..0) for (q in 0..0) for (r in 0..0) for (s in 0..0) for (t in 0..0) for (u in 0..0) for (v in 0..0) for (w in 0..0) for (x in 0..0) for (y in 0..0) for (z in 0..0) for (aa in 0..0) for (ab in 0..0) for (ac in 0..0) for (ad in 0..0) for (ae in 0..0) for (af in 0..0) for (ag in 0..0) for (ah in 0..0) for (ai in 0..0) for (aj in 0..0) for (ak in 0..0) for (al in 0..0) for (am in 0..0) for (an in 0..0) for (ao in 0..0) for (ap in 0..0) for (aq in 0..0) for (ar in 0..0) for (as in 0..0) for (at in 0..0) for (au in 0..0) for (av in 0..0) for (aw in 0..0) for (ax in 0..0) for (ay in 0..0) for (az in 0..0) for (ba in 0..0) for (bb in 0..0) for (bc in 0..0) for (bd in 0..0) for (be in 0..0) for (bf in 0..0) for (bg in 0..0) for (bh in 0..0) for (bi in 0..0) for (bj in 0..0) for (bk in 0..0) for (bl in 0..0) for (bm in 0..0) total++
-- error
case.fpl:1:1063: error[nesting-deep]: loops are nested more than 64 deep
   1 | …in 0..0) for (bj in 0..0) for (bk in 0..0) for (bl in 0..0) for (bm in 0..0) total++
     |                                                              ^~~~~~~~~~~~~~~~~~~~~~~~
