== kinds that do not exist
countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
-- error
case.fpl:1:1: error[name-unknown]: there is no kind of state 'countr'
   1 | countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
     | ^~~~~~
     = hint: did you mean 'counter'?
case.fpl:1:11: error[name-unknown]: there is no kind of state 'hsh'
   1 | countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
     |           ^~~
     = hint: did you mean 'hash'?
case.fpl:1:33: error[name-unknown]: there is no kind of state 'foo'
   1 | countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
     |                                 ^~~
case.fpl:1:40: error[name-unknown]: there is no kind of state 'histo'
   1 | countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
     |                                        ^~~~~
     = hint: did you mean 'hist'?
case.fpl:1:54: error[name-unknown]: there is no kind of state 'var'
   1 | countr n; hsh t[IPv4]: counter; foo x; histo h log2; var y
     |                                                      ^~~
     = hint: a local variable is made with 'let y = …'

== types that do not exist
scalar a: u17; hash t[ip.src]: counter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src] 3
-- error
case.fpl:1:11: error[name-unknown]: there is no type 'u17'
   1 | scalar a: u17; hash t[ip.src]: counter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src…
     |           ^~~
     = hint: did you mean 'u16'?
case.fpl:1:23: error[value-type]: this is no type
   1 | scalar a: u17; hash t[ip.src]: counter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src…
     |                       ^~~~~~
case.fpl:1:67: error[name-unknown]: there is no type 'IPv5'
   1 | … a: u17; hash t[ip.src]: counter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src] 3
     |                                                              ^~~~
     = hint: did you mean 'IPv4'?
case.fpl:1:93: error[value-type]: this is no type
   1 | …ounter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src] 3
     |                                                              ^~~~~~~
case.fpl:1:122: error[name-unknown]: there is no type 'float'
   1 | …sh u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src] 3
     |                                                              ^~~~~
     = hint: types are bool u8 u16 u32 u64 time MAC IPv4 IPv6
case.fpl:1:138: error[name-unknown]: there is no type 'src'
   1 | …ter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src] 3
     |                                                              ^~~
     = hint: types are bool u8 u16 u32 u64 time MAC IPv4 IPv6
case.fpl:1:48: error[name-unknown]: there is no type 'number'
   1 | scalar a: u17; hash t[ip.src]: counter; let x: number = 3; hash u[IPv5]: counter; scalar b: (a | b); hash v[k: u8]: { a: float }; topk w[src…
     |                                                ^~~~~~
     = hint: types are bool u8 u16 u32 u64 time MAC IPv4 IPv6

== cells
counter a[3]; scalar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
-- error
case.fpl:1:9: error[syntax]: 'counter' has neither keys nor columns
   1 | counter a[3]; scalar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h…
     |         ^
case.fpl:1:25: error[value-type]: a scalar can't be of type IPv6
   1 | counter a[3]; scalar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h…
     |                         ^~~~
case.fpl:1:38: error[value-type]: a max can't be of type IPv4
   1 | counter a[3]; scalar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h…
     |                                      ^~~~
case.fpl:1:60: error[syntax]: only a scalar has an initial value
   1 | counter a[3]; scalar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h…
     |                                                            ^
case.fpl:1:78: error[value-type]: an initial value has to be constant
   1 | …lar b: IPv6; max c: IPv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h size 3; scalar i…
     |                                                              ^~~
case.fpl:1:99: error[value-type]: this is an IPv4, and a number is wanted
   1 | …Pv4; counter d: u8 = 3; scalar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a…
     |                                                              ^~~~~~~~~
     = hint: u32(…) gives the number of an address
case.fpl:1:125: error[value-choice]: this is no unit
   1 | …alar e: u8 = len; scalar f: u64 = 192.0.2.1; counter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
     |                                                              ^~~~~
     = hint: units are packets, bytes, ns, pps, bps
case.fpl:1:142: error[syntax]: 'counter' does not take this
   1 | … scalar f: u64 = 192.0.2.1; counter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
     |                                                              ^~~~
case.fpl:1:167: error[value-type]: this is a u64, and an IPv4 is wanted
   1 | …1; counter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
     |                                                              ^
case.fpl:1:174: error[syntax]: 'min' has neither keys nor columns
   1 | …ter g unit miles; counter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
     |                                                              ^
case.fpl:1:194: error[value-type]: a max can't be of type MAC
   1 | …unter h size 3; scalar i: IPv4 = 3; min j { a: u8 }; max k: MAC
     |                                                              ^~~

== arrays
array a: u8; array b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { a: u8 }; param s: string = "x"; array i[s]: u8
-- error
case.fpl:1:7: error[syntax]: an array is written 'array a[SIZE]: TYPE'
   1 | array a: u8; array b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { …
     |       ^
case.fpl:1:20: error[syntax]: an array is written 'array b[SIZE]: TYPE'
   1 | array a: u8; array b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { …
     |                    ^
case.fpl:1:39: error[syntax]: an array is written 'array c[SIZE]: TYPE'
   1 | array a: u8; array b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { …
     |                                       ^
case.fpl:1:61: error[value-type]: the size has to be a constant number, or a parameter that is one
   1 | array a: u8; array b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { …
     |                                                             ^~~
case.fpl:1:79: error[value-range]: an array has 1 to 4194304 elements
   1 | … b[3, 4]: u8; array c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { a: u8 }; param s: …
     |                                                              ^
case.fpl:1:95: error[value-range]: an array has 1 to 4194304 elements
   1 | …ray c[k: u8]: u8; array d[len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { a: u8 }; param s: string = "x"; ar…
     |                                                              ^~~~~~~
case.fpl:1:121: error[value-type]: an array can't be of type IPv6
   1 | …len]: u8; array e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { a: u8 }; param s: string = "x"; array i[s]: u8
     |                                                              ^~~~
case.fpl:1:133: error[syntax]: an array is written 'array h[SIZE]: TYPE'
   1 | …ray e[0]: u8; array f[5000000]: u8; array g[3]: IPv6; array h[3]: { a: u8 }; param s: string = "x"; array i[s]: u8
     |                                                              ^
case.fpl:1:181: error[value-type]: the size has to be a constant number, or a parameter that is one
   1 | …IPv6; array h[3]: { a: u8 }; param s: string = "x"; array i[s]: u8
     |                                                              ^

== tables
hash a: counter; set b[u8]: counter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }; hash n[u8] 3; hash o[u8] size (len)
-- error
case.fpl:1:6: error[syntax]: a table has a key: 'hash a[TYPE]…'
   1 | hash a: counter; set b[u8]: counter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len;…
     |      ^
case.fpl:1:22: error[syntax]: a set has no values; a hash has
   1 | hash a: counter; set b[u8]: counter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len;…
     |                      ^
case.fpl:1:42: error[value-type]: the key of an lpm is one IPv4 or IPv6 address
   1 | hash a: counter; set b[u8]: counter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len;…
     |                                          ^
case.fpl:1:57: error[value-type]: the key of an lpm is one IPv4 or IPv6 address
   1 | hash a: counter; set b[u8]: counter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len;…
     |                                                         ^
case.fpl:1:92: error[value-range]: a table has 1 to 16000000 entries
   1 | …nter; lpm c[u8]: u8; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] …
     |                                                              ^
case.fpl:1:111: error[value-range]: a table has 1 to 16000000 entries
   1 | …; lpm d[IPv4, IPv4]: u8; hash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u…
     |                                                              ^~~~~~~~
case.fpl:1:137: error[value-type]: this has to be a number, or a parameter that is one
   1 | …ash e[u8] size 0; hash f[u8] size 20000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8,…
     |                                                              ^~~
case.fpl:1:158: error[value-type]: this has to be the name of a file in "…", or a parameter of type file
   1 | …h f[u8] size 20000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: …
     |                                                              ^
case.fpl:1:172: error[syntax]: 'hash' does not take this
   1 | …0000000; hash g[u8] size len; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8…
     |                                                              ^~~
     = hint: it takes: size N, from FILE, "what it is"
case.fpl:1:199: error[value-type]: a table that is read from a file has a key of one part
   1 | …n; hash h[u8] from 3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }…
     |                                                              ^~~
case.fpl:1:218: error[param-twice]: 'a' stands in the key twice
   1 | …3; hash i[u8] siz 3; hash j[u8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }; hash n[u8] 3; has…
     |                                                              ^
case.fpl:1:247: error[param-twice]: 'a' is a column twice
   1 | …8, u8] from "x"; hash k[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }; hash n[u8] 3; hash o[u8] size (len)
     |                                                              ^
case.fpl:1:270: error[name-reserved]: 'new' says whether an entry is new
   1 | …[a: u8, a: u8]; hash l[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }; hash n[u8] 3; hash o[u8] size (len)
     |                                                              ^~~
case.fpl:1:292: error[syntax]: 'hash' does not take this
   1 | …[u8]: { a: u8, a: u8 }; hash m[u8]: { new: u8 }; hash n[u8] 3; hash o[u8] size (len)
     |                                                              ^
     = hint: it takes: size N, from FILE, "what it is"
case.fpl:1:312: error[value-type]: this has to be a constant number
   1 | … }; hash m[u8]: { new: u8 }; hash n[u8] 3; hash o[u8] size (len)
     |                                                              ^~~

== keys that are too large
hash a[IPv6, IPv6, IPv6, IPv6, u8]; hash b[u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8]; c[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]++; d[tcp]++
-- error
case.fpl:1:6: error[text-big]: this key has 65 bytes, more than the 64 that it may have
   1 | hash a[IPv6, IPv6, IPv6, IPv6, u8]; hash b[u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8]; c[1, 2, 3, 4, 5, 6, 7, 8, 9,…
     |      ^
case.fpl:1:42: error[text-big]: a key has 16 parts at most
   1 | hash a[IPv6, IPv6, IPv6, IPv6, u8]; hash b[u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8]; c[1, 2, 3, 4, 5, 6, 7, 8, 9,…
     |                                          ^
case.fpl:1:113: error[text-big]: a key has 16 parts at most
   1 | …8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8]; c[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]++; d[tcp]++
     |                                                              ^
case.fpl:1:179: error[value-type]: this is a header, which can't be part of a key or event
   1 | …, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]++; d[tcp]++
     |                                                              ^~~

== entries that are too large
hash a[u8]: { a: IPv6, b: IPv6, c: IPv6, d: IPv6, e: IPv6, f: IPv6, g: IPv6, h: IPv6, i: IPv6, j: IPv6, k: IPv6, l: IPv6, m: IPv6, n: IPv6, o: IPv6, p: IPv6, q: IPv6 };
hash b[u8]: { c1: u8, c2: u8, c3: u8, c4: u8, c5: u8, c6: u8, c7: u8, c8: u8, c9: u8, c10: u8, c11: u8, c12: u8, c13: u8, c14: u8, c15: u8, c16: u8, c17: u8, c18: u8, c19: u8, c20: u8, c21: u8, c22: u8, c23: u8, c24: u8, c25: u8, c26: u8, c27: u8, c28: u8, c29: u8, c30: u8, c31: u8, c32: u8, c33: u8 }
-- error
case.fpl:1:6: error[text-big]: an entry has 32 words of 64 bits at most
   1 | hash a[u8]: { a: IPv6, b: IPv6, c: IPv6, d: IPv6, e: IPv6, f: IPv6, g: IPv6, h: IPv6, i: IPv6, j: IPv6, k: IPv6, l: IPv6, m: IPv6, n: IPv6, …
     |      ^
case.fpl:2:6: error[text-big]: an entry has 32 columns at most
   2 | hash b[u8]: { c1: u8, c2: u8, c3: u8, c4: u8, c5: u8, c6: u8, c7: u8, c8: u8, c9: u8, c10: u8, c11: u8, c12: u8, c13: u8, c14: u8, c15: u8, …
     |      ^

== kinds with methods
hist a; hist b log3; hist c linear; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; hyperloglog o precision; hyperloglog p precision 99; hist q linear 10 buckets x; topk r[foo] 3
-- error
case.fpl:1:6: error[param-missing]: 'hist' needs bins: powers of two, or equal widths
   1 | hist a; hist b log3; hist c linear; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log…
     |      ^
     = hint: hist a log2 | linear
case.fpl:1:16: error[param-missing]: 'hist' needs bins: powers of two, or equal widths
   1 | hist a; hist b log3; hist c linear; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log…
     |                ^~~~
     = hint: hist b log2 | linear
case.fpl:1:51: error[value-range]: width is 1 to 281474976710656
   1 | hist a; hist b log3; hist c linear; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log…
     |                                                   ^
case.fpl:1:74: error[syntax]: 'hist' has no key
   1 | …b log3; hist c linear; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; m…
     |                                                              ^
case.fpl:1:91: error[syntax]: 'topk' has a key: 'topk g[TYPE]…'
   1 | …near; hist d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; cou…
     |                                                              ^
case.fpl:1:101: error[param-missing]: 'topk' needs rows: keys that are shown; 8 times as many, 256 at least, are watched
   1 | … d linear 0; hist e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; countmin m[u8…
     |                                                              ^
     = hint: topk h[…] 100
case.fpl:1:119: error[value-range]: rows is 1 to 1024
   1 | …e log2 3; hist f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; …
     |                                                              ^~~~~~
case.fpl:1:132: error[syntax]: 'hist' has no type of its own
   1 | …t f[u8] log2; topk g 3; topk h[u8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; hyperloglog o…
     |                                                              ^
case.fpl:1:164: error[syntax]: 'meter' does not take this
   1 | …8]; topk i[u8] 100000; hist j: u8 log2; meter k; meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; hyperloglog o precision; hyperloglog p precis…
     |                                                              ^~
case.fpl:1:192: error[param-missing]: 'bloom' needs size: keys that it is made for: two bytes each
   1 | …j: u8 log2; meter k; meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; hyperloglog o precision; hyperloglog p precision 99; hist q linear 10 buc…
     |                                                              ^
     = hint: bloom n[…] size 100
case.fpl:1:213: error[syntax]: 'precision' wants a number behind it
   1 | …meter l 1s 2s; countmin m[u8] 3; bloom n[u8]; hyperloglog o precision; hyperloglog p precision 99; hist q linear 10 buckets x; topk r[foo] 3
     |                                                              ^~~~~~~~~
case.fpl:1:248: error[value-range]: precision is 4 to 14
   1 | …oom n[u8]; hyperloglog o precision; hyperloglog p precision 99; hist q linear 10 buckets x; topk r[foo] 3
     |                                                              ^~
case.fpl:1:277: error[value-type]: this has to be a number, or a parameter that is one
   1 | …ision; hyperloglog p precision 99; hist q linear 10 buckets x; topk r[foo] 3
     |                                                              ^
case.fpl:1:287: error[name-unknown]: there is no type 'foo'
   1 | …erloglog p precision 99; hist q linear 10 buckets x; topk r[foo] 3
     |                                                              ^~~
     = hint: types are bool u8 u16 u32 u64 time MAC IPv4 IPv6

== parameters
param a; param b: foo; param c: count = 3 in 1..5 "doc" 7; param f[3]: count
-- error
case.fpl:1:7: error[value-type]: a parameter has a type
   1 | param a; param b: foo; param c: count = 3 in 1..5 "doc" 7; param f[3]: count
     |       ^
     = hint: types of parameters are count size rate duration bool string file filter device mac ipv4 ipv6 range, or choices (a|b)
case.fpl:1:19: error[value-type]: this is no type of a parameter
   1 | param a; param b: foo; param c: count = 3 in 1..5 "doc" 7; param f[3]: count
     |                   ^~~
     = hint: types of parameters are count size rate duration bool string file filter device mac ipv4 ipv6 range, or choices (a|b)
case.fpl:1:51: error[syntax]: 'param' does not take this
   1 | param a; param b: foo; param c: count = 3 in 1..5 "doc" 7; param f[3]: count
     |                                                   ^~~~~
case.fpl:1:66: error[syntax]: 'param' has neither keys nor columns
   1 | param a; param b: foo; param c: count = 3 in 1..5 "doc" 7; param f[3]: count
     |                                                                  ^

== several parameters in one declaration
param d: count, e
-- error
case.fpl:1:15: error[syntax]: expected 'in', ';', '=', an expression or the end of the text, found ','
   1 | param d: count, e
     |               ^

== several parameters in one declaration
param d: count, e
     |                                                                          ^
-- error
case.fpl:1:15: error[syntax]: expected 'in', ';', '=', an expression or the end of the text, found ','
   1 | param d: count, e
     |               ^

== parameters given wrongly
param a: count = x; param b: ipv4 = 3
-- error
case.fpl:1:7: error[class-program]: the default of 'a' of 'FPL' is not a value of its type
   1 | param a: count = x; param b: ipv4 = 3
     |       ^

== more parameters than there are
# with: nothing=3
param a: count = 3; return a
-- error
graph:1:38: error[param-unknown]: 'FPL' has no parameter 'nothing'
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,nothing=3)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                      ^~~~~~~
     = hint: 'FPL' takes program, file, a, name, export

== a parameter out of its range
# with: a=11
param a: count in 1..10; return a
-- error
graph:1:40: error[value-range]: 'a' takes 1 to 10
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,a=11)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                        ^~

== a parameter that is not given
param a: count "how many"; return a
-- error
graph:1:12: error[param-missing]: 'FPL' needs 'a'
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |            ^~~~~~~~~~~~~~~~~~~~~~~~~~
     = hint: a=…: how many

== a size that a parameter can't give
# with: n=0,k=500,h=1
param n: count; param k: count; param h: count; hash t[u8]: counter size n; t[1]++; array r[n]: u8; r[0] = 1; topk top[u8] k; top.add(1); hist some linear h buckets h; some.add(3)
-- error
graph:1:40: error[value-range]: 't' has 1 to 16000000 entries
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,n=0,k=500,h=1)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                        ^
graph:1:40: error[value-range]: 'r' has 1 to 4194304 entries
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,n=0,k=500,h=1)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                        ^
graph:1:50: error[value-range]: buckets of 'some' is 2 to 65536
   1 | [pcap $F0]>(FPL,file=case.fpl,name=f,n=0,k=500,h=1)>(FPL,{array classes[1024]: u32; classes[now / 1s] = class},name=c)
     |                                                  ^

== the header, twice
class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
-- error
case.fpl:1:14: error[param-twice]: a text is one class
   1 | class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
     |              ^~~~~~~~~~~
case.fpl:1:39: error[param-twice]: 'manual' stands here twice
   1 | class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
     |                                       ^~~~~~~~~~
case.fpl:1:64: error[param-twice]: 'example' stands here twice
   1 | class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
     |                                                                ^~~~~~~~~~~
case.fpl:1:77: error[param-twice]: a text is one class
   1 | class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
     |                                                                             ^~~~~~~~~~~~~~
case.fpl:1:85: error[syntax]: 'class' does not take this
   1 | class a "x"; class b "y"; manual "x"; manual "y"; example "x"; example "y"; class c size 3
     |                                                                                     ^~~~

== a file that is not there
set s[IPv4] from "nothere.txt"; if (ip.src in s) n++
-- error
case.fpl:1:18: error[file-open]: nothere.txt: No such file or directory
   1 | set s[IPv4] from "nothere.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~~~~~

== a file of something else
set s[IPv4] from "bad.txt"; if (ip.src in s) n++
-- error
case.fpl:1:18: error[file-format]: bad.txt:2: this is no address of the table's kind: '192.0.2.300'
   1 | set s[IPv4] from "bad.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~
case.fpl:1:18: error[file-format]: bad.txt:3: this is no length of a prefix: '192.0.2.0'
   1 | set s[IPv4] from "bad.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~
case.fpl:1:18: error[file-format]: bad.txt:4: bits are set behind the prefix: '192.0.2.1'
   1 | set s[IPv4] from "bad.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~
case.fpl:1:18: error[file-format]: bad.txt:5: there is more than the table has: '8'
   1 | set s[IPv4] from "bad.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~
case.fpl:1:18: error[file-format]: bad.txt:6: there is more than the table has: 'x'
   1 | set s[IPv4] from "bad.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~

== a file with values that are none
hash s[IPv4]: u8 from "value.txt"; n += s[ip.src]
-- error
case.fpl:1:23: error[file-format]: value.txt:1: this is no number: 'seven'
   1 | hash s[IPv4]: u8 from "value.txt"; n += s[ip.src]
     |                       ^~~~~~~~~~~

== a file with values that nobody wants
set s[u16] from "numbers.txt"; if (len in s) n++
-- error
case.fpl:1:17: error[file-format]: numbers.txt:2: there is more than the table has: '7'
   1 | set s[u16] from "numbers.txt"; if (len in s) n++
     |                 ^~~~~~~~~~~~~

== a file with numbers that are too large
set s[u16] from "wide.txt"; if (len in s) n++
-- error
case.fpl:1:17: error[file-format]: wide.txt:1: this number is too large for the key: '65536'
   1 | set s[u16] from "wide.txt"; if (len in s) n++
     |                 ^~~~~~~~~~
case.fpl:1:17: error[file-format]: wide.txt:2: this is no number: '-1'
   1 | set s[u16] from "wide.txt"; if (len in s) n++
     |                 ^~~~~~~~~~

== a file that is no text
set s[IPv4] from "blanks.txt"; if (ip.src in s) n++
-- error
case.fpl:1:18: error[file-format]: blanks.txt:1: this line is too long: '                                                            '
   1 | set s[IPv4] from "blanks.txt"; if (ip.src in s) n++
     |                  ^~~~~~~~~~~~

== a file of MAC addresses
set s[MAC] from "badmac.txt"; if (eth.src in s) n++
-- error
case.fpl:1:17: error[file-format]: badmac.txt:1: this is no MAC address: '02:00:5e'
   1 | set s[MAC] from "badmac.txt"; if (eth.src in s) n++
     |                 ^~~~~~~~~~~~

== prefixes in a hash that is added to
hash t[IPv6]: counter from "hosts.txt"; t[src]++
-- error
case.fpl:1:28: error[file-format]: hosts.txt: prefixes stand in it, and 't' is a hash: declare it as lpm
   1 | hash t[IPv6]: counter from "hosts.txt"; t[src]++
     |                            ^~~~~~~~~~~

== a folder instead of a file
set s[IPv4] from "/tmp"; if (ip.src in s) n++
-- error
case.fpl:1:18: error[file-format]: /tmp: Input/output error
   1 | set s[IPv4] from "/tmp"; if (ip.src in s) n++
     |                  ^~~~~~

== more names than a program has
counter c0; counter c1; counter c2; counter c3; counter c4; counter c5; counter c6; counter c7; counter c8; counter c9; counter c10; counter c11; counter c12; counter c13; counter c14; counter c15; counter c16; counter c17; counter c18; counter c19; counter c20; counter c21; counter c22; counter c23; counter c24; counter c25; counter c26; counter c27; counter c28; counter c29; counter c30; counter c31; counter c32; counter c33; counter c34; counter c35; counter c36; counter c37; counter c38; counter c39; counter c40; counter c41; counter c42; counter c43; counter c44; counter c45; counter c46; counter c47; counter c48; counter c49; counter c50; counter c51; counter c52; counter c53; counter c54; counter c55; counter c56; counter c57; counter c58; counter c59; counter c60; counter c61; counter c62; counter c63; counter c64; counter c65; counter c66; counter c67; counter c68; counter c69; counter c70; counter c71; counter c72; counter c73; counter c74; counter c75; counter c76; counter c77; counter c78; counter c79; counter c80; counter c81; counter c82; counter c83; counter c84; counter c85; counter c86; counter c87; counter c88; counter c89; counter c90; counter c91; counter c92; counter c93; counter c94; counter c95; counter c96; counter c97; counter c98; counter c99; counter c100; counter c101; counter c102; counter c103; counter c104; counter c105; counter c106; counter c107; counter c108; counter c109; counter c110; counter c111; counter c112; counter c113; counter c114; counter c115; counter c116; counter c117; counter c118; counter c119; counter c120; counter c121; counter c122; counter c123; counter c124; counter c125; counter c126; counter c127; counter c128; counter c129; counter c130; counter c131; counter c132; counter c133; counter c134; counter c135; counter c136; counter c137; counter c138; counter c139; counter c140; counter c141; counter c142; counter c143; counter c144; counter c145; counter c146; counter c147; counter c148; counter c149; counter c150; counter c151; counter c152; counter c153; counter c154; counter c155; counter c156; counter c157; counter c158; counter c159; counter c160; counter c161; counter c162; counter c163; counter c164; counter c165; counter c166; counter c167; counter c168; counter c169; counter c170; counter c171; counter c172; counter c173; counter c174; counter c175; counter c176; counter c177; counter c178; counter c179; counter c180; counter c181; counter c182; counter c183; counter c184; counter c185; counter c186; counter c187; counter c188; counter c189; counter c190; counter c191; counter c192; counter c193; counter c194; counter c195; counter c196; counter c197; counter c198; counter c199; counter c200; counter c201; counter c202; counter c203; counter c204; counter c205; counter c206; counter c207; counter c208; counter c209; counter c210; counter c211; counter c212; counter c213; counter c214; counter c215; counter c216; counter c217; counter c218; counter c219; counter c220; counter c221; counter c222; counter c223; counter c224; counter c225; counter c226; counter c227; counter c228; counter c229; counter c230; counter c231; counter c232; counter c233; counter c234; counter c235; counter c236; counter c237; counter c238; counter c239; counter c240; counter c241; counter c242; counter c243; counter c244; counter c245; counter c246; counter c247; counter c248; counter c249; counter c250; counter c251; counter c252; counter c253; counter c254; counter c255; counter c256; counter c257; counter c258; counter c259;
-- error
case.fpl:1:3483: error[text-big]: a program declares 256 names at most
   1 | …ter c252; counter c253; counter c254; counter c255; counter c256; counter c257; counter c258; counter c259;
     |                                                              ^~~~
case.fpl:1:3497: error[text-big]: a program declares 256 names at most
   1 | …ter c253; counter c254; counter c255; counter c256; counter c257; counter c258; counter c259;
     |                                                              ^~~~
case.fpl:1:3511: error[text-big]: a program declares 256 names at most
   1 | …ter c254; counter c255; counter c256; counter c257; counter c258; counter c259;
     |                                                              ^~~~
case.fpl:1:3525: error[text-big]: a program declares 256 names at most
   1 | …ter c255; counter c256; counter c257; counter c258; counter c259;
     |                                                              ^~~~

== more parameters than a program has
param c0: count; param c1: count; param c2: count; param c3: count; param c4: count; param c5: count; param c6: count; param c7: count; param c8: count; param c9: count; param c10: count; param c11: count; param c12: count; param c13: count; param c14: count; param c15: count; param c16: count; param c17: count; param c18: count; param c19: count; param c20: count; param c21: count; param c22: count; param c23: count; param c24: count; param c25: count; param c26: count; param c27: count; param c28: count; param c29: count; param c30: count; param c31: count; param c32: count; param c33: count; param c34: count; param c35: count; param c36: count; param c37: count; param c38: count; param c39: count; param c40: count; param c41: count; param c42: count; param c43: count; param c44: count; param c45: count; param c46: count; param c47: count; param c48: count; param c49: count; param c50: count; param c51: count; param c52: count; param c53: count; param c54: count; param c55: count; param c56: count; param c57: count; param c58: count; param c59: count; param c60: count; param c61: count; param c62: count; param c63: count; param c64: count; param c65: count;
-- error
case.fpl:1:1107: error[text-big]: these are too many parameters
   1 | …ount; param c59: count; param c60: count; param c61: count; param c62: count; param c63: count; param c64: count; param c65: count;
     |                                                              ^~~~~~~~~~~~~~~~
case.fpl:1:1125: error[text-big]: these are too many parameters
   1 | …ount; param c60: count; param c61: count; param c62: count; param c63: count; param c64: count; param c65: count;
     |                                                              ^~~~~~~~~~~~~~~~
case.fpl:1:1143: error[text-big]: these are too many parameters
   1 | …ount; param c61: count; param c62: count; param c63: count; param c64: count; param c65: count;
     |                                                              ^~~~~~~~~~~~~~~~
case.fpl:1:1161: error[text-big]: these are too many parameters
   1 | …ount; param c62: count; param c63: count; param c64: count; param c65: count;
     |                                                              ^~~~~~~~~~~~~~~~

== more variables than a program has
let v0 = 0; let v1 = 1; let v2 = 2; let v3 = 3; let v4 = 4; let v5 = 5; let v6 = 6; let v7 = 7; let v8 = 8; let v9 = 9; let v10 = 10; let v11 = 11; let v12 = 12; let v13 = 13; let v14 = 14; let v15 = 15; let v16 = 16; let v17 = 17; let v18 = 18; let v19 = 19; let v20 = 20; let v21 = 21; let v22 = 22; let v23 = 23; let v24 = 24; let v25 = 25; let v26 = 26; let v27 = 27; let v28 = 28; let v29 = 29; let v30 = 30; let v31 = 31; let v32 = 32; let v33 = 33; let v34 = 34; let v35 = 35; let v36 = 36; let v37 = 37; let v38 = 38; let v39 = 39; let v40 = 40; let v41 = 41; let v42 = 42; let v43 = 43; let v44 = 44; let v45 = 45; let v46 = 46; let v47 = 47; let v48 = 48; let v49 = 49; let v50 = 50; let v51 = 51; let v52 = 52; let v53 = 53; let v54 = 54; let v55 = 55; let v56 = 56; let v57 = 57; let v58 = 58; let v59 = 59; let v60 = 60; let v61 = 61; let v62 = 62; let v63 = 63; let v64 = 64; let v65 = 65; let v66 = 66; let v67 = 67; let v68 = 68; let v69 = 69; let v70 = 70; let v71 = 71; let v72 = 72; let v73 = 73; let v74 = 74; let v75 = 75; let v76 = 76; let v77 = 77; let v78 = 78; let v79 = 79; let v80 = 80; let v81 = 81; let v82 = 82; let v83 = 83; let v84 = 84; let v85 = 85; let v86 = 86; let v87 = 87; let v88 = 88; let v89 = 89; let v90 = 90; let v91 = 91; let v92 = 92; let v93 = 93; let v94 = 94; let v95 = 95; let v96 = 96; let v97 = 97; let v98 = 98; let v99 = 99; let v100 = 100; let v101 = 101; let v102 = 102; let v103 = 103; let v104 = 104; let v105 = 105; let v106 = 106; let v107 = 107; let v108 = 108; let v109 = 109; let v110 = 110; let v111 = 111; let v112 = 112; let v113 = 113; let v114 = 114; let v115 = 115; let v116 = 116; let v117 = 117; let v118 = 118; let v119 = 119; let v120 = 120; let v121 = 121; let v122 = 122; let v123 = 123; let v124 = 124; let v125 = 125; let v126 = 126; let v127 = 127; let v128 = 128; let v129 = 129; let v130 = 130; let v131 = 131; let v132 = 132; let v133 = 133; let v134 = 134; let v135 = 135; let v136 = 136; let v137 = 137; let v138 = 138; let v139 = 139; let v140 = 140; let v141 = 141; let v142 = 142; let v143 = 143; let v144 = 144; let v145 = 145; let v146 = 146; let v147 = 147; let v148 = 148; let v149 = 149; let v150 = 150; let v151 = 151; let v152 = 152; let v153 = 153; let v154 = 154; let v155 = 155; let v156 = 156; let v157 = 157; let v158 = 158; let v159 = 159; let v160 = 160; let v161 = 161; let v162 = 162; let v163 = 163; let v164 = 164; let v165 = 165; let v166 = 166; let v167 = 167; let v168 = 168; let v169 = 169; let v170 = 170; let v171 = 171; let v172 = 172; let v173 = 173; let v174 = 174; let v175 = 175; let v176 = 176; let v177 = 177; let v178 = 178; let v179 = 179; let v180 = 180; let v181 = 181; let v182 = 182; let v183 = 183; let v184 = 184; let v185 = 185; let v186 = 186; let v187 = 187; let v188 = 188; let v189 = 189; let v190 = 190; let v191 = 191; let v192 = 192; let v193 = 193; let v194 = 194; let v195 = 195; let v196 = 196; let v197 = 197; let v198 = 198; let v199 = 199; let v200 = 200; let v201 = 201; let v202 = 202; let v203 = 203; let v204 = 204; let v205 = 205; let v206 = 206; let v207 = 207; let v208 = 208; let v209 = 209; let v210 = 210; let v211 = 211; let v212 = 212; let v213 = 213; let v214 = 214; let v215 = 215; let v216 = 216; let v217 = 217; let v218 = 218; let v219 = 219; let v220 = 220; let v221 = 221; let v222 = 222; let v223 = 223; let v224 = 224; let v225 = 225; let v226 = 226; let v227 = 227; let v228 = 228; let v229 = 229; let v230 = 230; let v231 = 231; let v232 = 232; let v233 = 233; let v234 = 234; let v235 = 235; let v236 = 236; let v237 = 237; let v238 = 238; let v239 = 239; let v240 = 240; let v241 = 241; let v242 = 242; let v243 = 243; let v244 = 244; let v245 = 245; let v246 = 246; let v247 = 247; let v248 = 248; let v249 = 249; let v250 = 250; let v251 = 251; let v252 = 252; let v253 = 253; let v254 = 254; let v255 = 255; let v256 = 256; let v257 = 257;
-- error
case.fpl:1:3881: error[text-big]: there are more than 256 variables here
   1 | … = 252; let v253 = 253; let v254 = 254; let v255 = 255; let v256 = 256; let v257 = 257;
     |                                                              ^~~~
case.fpl:1:3897: error[text-big]: there are more than 256 variables here
   1 | … = 253; let v254 = 254; let v255 = 255; let v256 = 256; let v257 = 257;
     |                                                              ^~~~

== more calls than a program has
pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount();
-- error
case.fpl:1:3073: error[text-big]: a program calls 256 classes at most
   1 | …pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount();
     |                                                              ^~~~~~~~~~
case.fpl:1:3085: error[text-big]: a program calls 256 classes at most
   1 | …pktcount(); pktcount(); pktcount(); pktcount(); pktcount(); pktcount();
     |                                                              ^~~~~~~~~~

== more results than a program reads
let x = 0 + f0.packets + f1.packets + f2.packets + f3.packets + f4.packets + f5.packets + f6.packets + f7.packets + f8.packets + f9.packets + f10.packets + f11.packets + f12.packets + f13.packets + f14.packets + f15.packets + f16.packets + f17.packets + f18.packets + f19.packets + f20.packets + f21.packets + f22.packets + f23.packets + f24.packets + f25.packets + f26.packets + f27.packets + f28.packets + f29.packets + f30.packets + f31.packets + f32.packets + f33.packets + f34.packets + f35.packets + f36.packets + f37.packets + f38.packets + f39.packets + f40.packets + f41.packets + f42.packets + f43.packets + f44.packets + f45.packets + f46.packets + f47.packets + f48.packets + f49.packets + f50.packets + f51.packets + f52.packets + f53.packets + f54.packets + f55.packets + f56.packets + f57.packets + f58.packets + f59.packets + f60.packets + f61.packets + f62.packets + f63.packets + f64.packets + f65.packets + f66.packets + f67.packets + f68.packets + f69.packets + f70.packets + f71.packets + f72.packets + f73.packets + f74.packets + f75.packets + f76.packets + f77.packets + f78.packets + f79.packets + f80.packets + f81.packets + f82.packets + f83.packets + f84.packets + f85.packets + f86.packets + f87.packets + f88.packets + f89.packets + f90.packets + f91.packets + f92.packets + f93.packets + f94.packets + f95.packets + f96.packets + f97.packets + f98.packets + f99.packets + f100.packets + f101.packets + f102.packets + f103.packets + f104.packets + f105.packets + f106.packets + f107.packets + f108.packets + f109.packets + f110.packets + f111.packets + f112.packets + f113.packets + f114.packets + f115.packets + f116.packets + f117.packets + f118.packets + f119.packets + f120.packets + f121.packets + f122.packets + f123.packets + f124.packets + f125.packets + f126.packets + f127.packets + f128.packets + f129.packets + f130.packets + f131.packets + f132.packets + f133.packets + f134.packets + f135.packets + f136.packets + f137.packets + f138.packets + f139.packets + f140.packets + f141.packets + f142.packets + f143.packets + f144.packets + f145.packets + f146.packets + f147.packets + f148.packets + f149.packets + f150.packets + f151.packets + f152.packets + f153.packets + f154.packets + f155.packets + f156.packets + f157.packets + f158.packets + f159.packets + f160.packets + f161.packets + f162.packets + f163.packets + f164.packets + f165.packets + f166.packets + f167.packets + f168.packets + f169.packets + f170.packets + f171.packets + f172.packets + f173.packets + f174.packets + f175.packets + f176.packets + f177.packets + f178.packets + f179.packets + f180.packets + f181.packets + f182.packets + f183.packets + f184.packets + f185.packets + f186.packets + f187.packets + f188.packets + f189.packets + f190.packets + f191.packets + f192.packets + f193.packets + f194.packets + f195.packets + f196.packets + f197.packets + f198.packets + f199.packets + f200.packets + f201.packets + f202.packets + f203.packets + f204.packets + f205.packets + f206.packets + f207.packets + f208.packets + f209.packets + f210.packets + f211.packets + f212.packets + f213.packets + f214.packets + f215.packets + f216.packets + f217.packets + f218.packets + f219.packets + f220.packets + f221.packets + f222.packets + f223.packets + f224.packets + f225.packets + f226.packets + f227.packets + f228.packets + f229.packets + f230.packets + f231.packets + f232.packets + f233.packets + f234.packets + f235.packets + f236.packets + f237.packets + f238.packets + f239.packets + f240.packets + f241.packets + f242.packets + f243.packets + f244.packets + f245.packets + f246.packets + f247.packets + f248.packets + f249.packets + f250.packets + f251.packets + f252.packets + f253.packets + f254.packets + f255.packets + f256.packets + f257.packets
-- error
case.fpl:1:3743: error[text-big]: too many results of other functions are used
   1 | …f252.packets + f253.packets + f254.packets + f255.packets + f256.packets + f257.packets
     |                                                              ^~~~~~~~~~~~
case.fpl:1:3758: error[text-big]: too many results of other functions are used
   1 | …f253.packets + f254.packets + f255.packets + f256.packets + f257.packets
     |                                                              ^~~~~~~~~~~~

== names for numbers: what is wrong with them
hash a[port: u16]: { proto: u8, host: IPv4 }; hash b[x: u8]: counter;
names port from "ports.txt"; names port from "names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "x"; names f from "x" "doc"; names g from tcp_signatures("x"); names h from tcp_label("x"); names i from tcp_labels(len);
-- error
case.fpl:2:36: error[name-redefined]: 'port' has names already
   2 | names port from "ports.txt"; names port from "names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "…
     |                                    ^~~~
     |       ~~~~ first here
case.fpl:2:59: error[syntax]: names come from a file
   2 | names port from "ports.txt"; names port from "names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "…
     |                                                           ^~~~~~~~~~~
     = hint: names NAME from "FILE", or from FORMAT("FILE")
case.fpl:2:72: error[syntax]: names come from a file
   2 | …from "ports.txt"; names port from "names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "x"; names f…
     |                                                              ^~~~~~~~~~~~~~~~~
     = hint: names NAME from "FILE", or from FORMAT("FILE")
case.fpl:2:104: error[value-type]: this has to be the name of a file in "…", or a parameter of type file
   2 | …m "names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "x"; names f from "x" "doc"; names g from tc…
     |                                                              ^
case.fpl:2:107: error[syntax]: names come from a file
   2 | …names.txt"; names proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "x"; names f from "x" "doc"; names g from tcp_s…
     |                                                              ^~~~~~~~~~~~~~
     = hint: names NAME from "FILE", or from FORMAT("FILE")
case.fpl:2:123: error[syntax]: names come from a file
   2 | …s proto; names proto2 from; names c from 3; names d size 3; names e[u8] from "x"; names f from "x" "doc"; names g from tcp_signatures("x"); …
     |                                                              ^~~~~~~~~~~~~~~~~~~~
     = hint: names NAME from "FILE", or from FORMAT("FILE")
case.fpl:2:145: error[syntax]: names come from a file
   2 | …from; names c from 3; names d size 3; names e[u8] from "x"; names f from "x" "doc"; names g from tcp_signatures("x"); names h from tcp_label…
     |                                                              ^~~~~~~~~~~~~~~~~~~~~~
     = hint: names NAME from "FILE", or from FORMAT("FILE")
case.fpl:2:182: error[value-type]: 'tcp_signatures' gives no names
   2 | … names e[u8] from "x"; names f from "x" "doc"; names g from tcp_signatures("x"); names h from tcp_label("x"); names i from tcp_labels(len);
     |                                                              ^~~~~~~~~~~~~~
     = hint: it gives signatures of first packets, in the syntax of p0f: [layout: u64, shape: u64, values: u64]: {rank: u64, label: u64, ttl: u64}
case.fpl:2:216: error[name-unknown]: there is no format 'tcp_label'
   2 | …m "x" "doc"; names g from tcp_signatures("x"); names h from tcp_label("x"); names i from tcp_labels(len);
     |                                                              ^~~~~~~~~
     = hint: did you mean 'tcp_labels'?
case.fpl:2:245: error[value-type]: this has to be the name of a file in "…", or a parameter of type file
   2 | …_signatures("x"); names h from tcp_label("x"); names i from tcp_labels(len);
     |                                                              ^~~~~~~~~~

== names for numbers that there are not
hash a[port: u16]: { host: IPv4 }; names host from "names.txt"
-- error
case.fpl:1:42: error[name-unknown]: no number of a table or event is called 'host'
   1 | hash a[port: u16]: { host: IPv4 }; names host from "names.txt"
     |                                          ^~~~

== names from a file of something else
hash a[port: u16]: counter; a[len]++; names port from "badnames.txt"
-- error
badnames.txt:1:1: error[file-format]: a number up to 65535 is expected, and a text behind it
   1 | 53
     | ^~
badnames.txt:2:1: error[file-format]: a number up to 65535 is expected, and a text behind it
   2 | five 5
     | ^~~~~~
badnames.txt:3:1: error[file-format]: a number up to 65535 is expected, and a text behind it
   3 | 65536 much
     | ^~~~~~~~~~
badnames.txt:4:1: error[file-format]: a number up to 65535 is expected, and a text behind it
   4 | 53domain
     | ^~~~~~~~
badnames.txt:5:1: error[file-format]: a number up to 65535 is expected, and a text behind it
   5 | -1 x
     | ^~~~

== names from a file that is not there
hash a[port: u16]: counter; a[len]++; names port from "nothere.txt"
-- error
case.fpl:1:55: error[file-open]: nothere.txt: No such file or directory
   1 | hash a[port: u16]: counter; a[len]++; names port from "nothere.txt"
     |                                                       ^~~~~~~~~~~~~

== a table from a format that has names
hash a[u8]: u8 from tcp_labels("names.txt")
-- error
case.fpl:1:21: error[value-type]: 'tcp_labels' gives other keys or values
   1 | hash a[u8]: u8 from tcp_labels("names.txt")
     |                     ^~~~~~~~~~
     = hint: it gives texts, for names: system and flavour of each label of the same file, as p0f shows them
