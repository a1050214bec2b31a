What a graph must be.

== empty
# nothing
-- error
error[graph-empty]: there is no graph: nothing would run

== only definitions
a = (pass)
-- error
test:1:1: warning[name-unused]: 'a' is never used
   1 | a = (pass)
     | ^
test:1:1: error[graph-empty]: there is no graph: nothing would run
   1 | a = (pass)
     | ^~~~~~~~~~
     = hint: a definition runs when a graph uses it: write 'a' on a line of its own

== cycle
a = (pass,name=a); b = (pass,name=b); c = (pass,name=c)
[dev x] > a > b > c > a
-- error
test:2:23: error[cycle]: the graph goes round in a circle: a > b > c > a
   2 | [dev x] > a > b > c > a
     |                       ^
     |               ~ on the way round
     = hint: packets go one way only; every use of a defined name is the same function

== a function into itself
a = (pass,name=a)
[dev x] > a > a
-- error
test:2:15: error[cycle]: the graph goes round in a circle: a > a
   2 | [dev x] > a > a
     |               ^
     = hint: packets go one way only; every use of a defined name is the same function

== cycle through definitions
first = (pass,name=first)
back = first > (BPF,"x",name=middle)
[dev x] > back > first
-- error
test:3:18: error[cycle]: the graph goes round in a circle: first > middle > first
   3 | [dev x] > back > first
     |                  ^~~~~
   2 | back = first > (BPF,"x",name=middle)
     |                ~~~~~~~~~~~~~~~~~~~~~ on the way round
     = hint: packets go one way only; every use of a defined name is the same function

== what hangs behind a cycle is not it
a = (pass,name=a)
[dev x] > a > (pktcount) > (bytecount)
a > (pass,name=b) > a
-- error
test:3:21: error[cycle]: the graph goes round in a circle: a > b > a
   3 | a > (pass,name=b) > a
     |                     ^
     |     ~~~~~~~~~~~~~ on the way round
     = hint: packets go one way only; every use of a defined name is the same function

== a source with inputs
[dev x] > [dev y] > (pktcount)
-- error
test:1:11: error[source-input]: 'dev' is a source and takes no packets from other functions
   1 | [dev x] > [dev y] > (pktcount)
     |           ^~~~~~~
     | ~~~~~~~ these packets

== a sink with outputs
[dev x] > (out,file.pcap) > (pktcount)
-- error
test:1:11: error[sink-output]: 'out' is an end of the graph: no packets come out of it
   1 | [dev x] > (out,file.pcap) > (pktcount)
     |           ^~~~~~~~~~~~~~~
     |                             ~~~~~~~~~~ this would take them

== no source
(pktcount) > (bytecount)
-- error
test:1:1: error[source-missing]: nothing feeds 'pktcount0'
   1 | (pktcount) > (bytecount)
     | ^~~~~~~~~~
     = hint: a graph begins with a source: [dev eth0] > … or [pcap file.pcap] > …

== one branch without source
[[dev x] | (pass)] > (pktcount)
-- error
test:1:12: error[source-missing]: nothing feeds 'pass0'
   1 | [[dev x] | (pass)] > (pktcount)
     |            ^~~~~~
     = hint: a graph begins with a source: [dev eth0] > … or [pcap file.pcap] > …

== a route without left side
[1: (pktcount) | else: (pass)]
-- error
test:1:1: error[route-input]: nothing feeds this route
   1 | [1: (pktcount) | else: (pass)]
     | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
     = hint: a route chooses by the result of what stands before it: (BPF,"tcp") > [1: … | else: …]

== a route without left side in a branch
[dev x] > (pktcount) | [1: (pktcount)]
-- error
test:1:24: error[route-input]: nothing feeds this route
   1 | [dev x] > (pktcount) | [1: (pktcount)]
     |                        ^~~~~~~~~~~~~~~
     = hint: a route chooses by the result of what stands before it: (BPF,"tcp") > [1: … | else: …]

== labels that overlap
[dev x] > [1..5: (pktcount) | 3: (pass) | 5..9: (pass) | else: (pass)]
-- error
test:1:31: error[label-overlap]: this label overlaps another one of the route
   1 | [dev x] > [1..5: (pktcount) | 3: (pass) | 5..9: (pass) | else: (pass)]
     |                               ^
     |            ~~~~ this one
test:1:43: error[label-overlap]: this label overlaps another one of the route
   1 | [dev x] > [1..5: (pktcount) | 3: (pass) | 5..9: (pass) | else: (pass)]
     |                                           ^~~~
     |            ~~~~ this one

== two else
[dev x] > [else: (pktcount) | else: (pass)]
-- error
test:1:31: error[label-overlap]: this route has two arms 'else'
   1 | [dev x] > [else: (pktcount) | else: (pass)]
     |                               ^~~~
     |            ~~~~ this one

== label 0
[dev x] > [0: (pktcount) | else: (pass)]
-- error
test:1:12: error[label-range]: class 0 means that a packet has left the flow: no arm gets it
   1 | [dev x] > [0: (pktcount) | else: (pass)]
     |            ^

== unreachable
[dev x] > [1..5: [6: (pktcount) > (bytecount)] | else: (pass)]
-- error
test:1:22: error[unreachable]: no packet can reach 'pktcount0': the labels before it leave no class
   1 | [dev x] > [1..5: [6: (pktcount) > (bytecount)] | else: (pass)]
     |                      ^~~~~~~~~~

== unreachable else
[dev x] > [1..4294967295: (pktcount) | else: (bytecount)]
-- error
test:1:46: error[unreachable]: no packet can reach 'bytecount0': the labels before it leave no class
   1 | [dev x] > [1..4294967295: (pktcount) | else: (bytecount)]
     |                                              ^~~~~~~~~~~

== sources are probed, all of them
[[dev nodev]|[pcap missing.pcap]|[dev eth0]] > (pktcount)
-- error
test:1:7: error[device-unknown]: no network interface 'nodev'
   1 | [[dev nodev]|[pcap missing.pcap]|[dev eth0]] > (pktcount)
     |       ^~~~~
test:1:20: error[file-open]: 'missing.pcap': No such file or directory
   1 | [[dev nodev]|[pcap missing.pcap]|[dev eth0]] > (pktcount)
     |                    ^~~~~~~~~~~~

== standard output
[dev x] > [(out,"-") | (print)]
-- error
test:1:24: error[stdout-twice]: two functions write to standard output
   1 | [dev x] > [(out,"-") | (print)]
     |                        ^~~~~~~
     |            ~~~~~~~~~ the other one

== standard output by other names
[dev x] > [(out,"/dev/stdout") | (print)]
-- error
test:1:34: error[stdout-twice]: two functions write to standard output
   1 | [dev x] > [(out,"/dev/stdout") | (print)]
     |                                  ^~~~~~~
     |            ~~~~~~~~~~~~~~~~~~~ the other one

== two functions in one file
[dev x] > [(out,f.pcap) | (out,g.pcap) | (out,f.pcap,snaplen=64)]
-- error
test:1:47: error[file-twice]: two functions write to 'f.pcap'
   1 | [dev x] > [(out,f.pcap) | (out,g.pcap) | (out,f.pcap,snaplen=64)]
     |                                               ^~~~~~
     |                 ~~~~~~ the other one

== one function that is used twice writes once, and a device takes everything
o = (out,f.pcap)
[[dev x] > o] | [[dev y] > o] | [[dev y] > [(out,/dev/null) | (out,/dev/null)]]
-- graph
dev0: dev interface='x' dir*='in'  sources 0
dev1: dev interface='y' dir*='in'  sources 1
out0: out file='f.pcap' snaplen*=262144 < dev0 dev1  sources 0,1
dev2: dev interface='y' dir*='in'  sources 2
out1: out file='/dev/null' snaplen*=262144 < dev2  sources 2
out2: out file='/dev/null' snaplen*=262144 < dev2  sources 2

== standard output has the results
# results on standard output
[dev x] > [(print) | (out,"-") | (out,f.pcap)]
-- error
test:2:12: error[stdout-twice]: 'print0' writes to standard output, which the results have for themselves
   2 | [dev x] > [(print) | (out,"-") | (out,f.pcap)]
     |            ^~~~~~~
     = hint: give 'print' the name of a file
test:2:22: error[stdout-twice]: 'out0' writes to standard output, which the results have for themselves
   2 | [dev x] > [(print) | (out,"-") | (out,f.pcap)]
     |                      ^~~~~~~~~
     = hint: give 'out' the name of a file

== standard output has the results, and the functions files
# results on standard output
[dev x] > (out,f.pcap)
-- graph
dev0: dev interface='x' dir*='in'  sources 0
out0: out file='f.pcap' snaplen*=262144 < dev0  sources 0

== lines may mix
[dev x] > [(print) | (print) | (out,f.pcap)]
-- graph
dev0: dev interface='x' dir*='in'  sources 0
print0: print < dev0  sources 0
print1: print < dev0  sources 0
out0: out file='f.pcap' snaplen*=262144 < dev0  sources 0

== one device, two sources that differ
[port a] > (pktcount) | [port a take=yes] > (pktcount)
-- error
test:1:25: error[device-twice]: the device of 'port1' is the source 'port0' already, with another name or other parameters
   1 | [port a] > (pktcount) | [port a take=yes] > (pktcount)
     |                         ^~~~~~~~~~~~~~~~~
     | ~~~~~~~~ here
     = hint: define it once and use the name: d = [dev eth0]; d > … | d > …

== one device, two names
[port a name=x] > (pktcount) | [port a] > (pktcount)
-- error
test:1:32: error[device-twice]: the device of 'port1' is the source 'x' already, with another name or other parameters
   1 | [port a name=x] > (pktcount) | [port a] > (pktcount)
     |                                ^~~~~~~~
     | ~~~~~~~~~~~~~~~ here
     = hint: define it once and use the name: d = [dev eth0]; d > … | d > …

== a function behind a changed packet and beside it
[port a] > [(anon,"a key for this test") | (pass)] > (pktcount)
-- error
test:1:54: error[packet-mixed]: 'pktcount0' would get the same packets twice, changed and not, or changed in two ways
   1 | [port a] > [(anon,"a key for this test") | (pass)] > (pktcount)
     |                                                      ^~~~~~~~~~
     |             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ changed here
     = hint: have a function of its own behind each

== packets changed in two ways
[port a] > [(anon,"a key for this test") | (defrag)] > (pktcount)
-- error
test:1:56: error[packet-mixed]: 'pktcount0' would get the same packets twice, changed and not, or changed in two ways
   1 | [port a] > [(anon,"a key for this test") | (defrag)] > (pktcount)
     |                                                        ^~~~~~~~~~
     |             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~ changed here
     |                                            ~~~~~~~~ and otherwise here
     = hint: have a function of its own behind each

== behind one that changes packets there may be many ways
[port a] > (anon,"a key for this test") > [(pass) | (pktcount)] > (pktcount)
-- graph
port0: port device='a' take*=0  sources 0
anon0: anon key='a key for this test' < port0  sources 0
pass0: pass < anon0  sources 0
pktcount0: pktcount < anon0  sources 0
pktcount1: pktcount < pass0 pktcount0  sources 0
