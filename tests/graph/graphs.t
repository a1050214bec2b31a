What graphs mean. The spellings of the FFPF papers and of the design come first.

== one line
[dev eth0]>(BPF,"tcp port 80")>(pktcount)
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
BPF0: BPF filter='tcp port 80' < dev0  sources 0
pktcount0: pktcount < BPF0  sources 0

== the papers' spelling
[[ (dev,expr=eth0)|(dev,expr=eth1) ]> (BPF,expr="tcp and dst port 80") ]> [(pktcount)|(bytecount)]
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
dev1: dev interface='eth1' dir*='in'  sources 1
BPF0: BPF filter='tcp and dst port 80' < dev0 dev1  sources 0,1
pktcount0: pktcount < BPF0  sources 0,1
bytecount0: bytecount < BPF0  sources 0,1

== every output of the left feeds every input of the right
[dev a] > [(pass)|(pass)] > [(pktcount)|(bytecount)]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pass0: pass < dev0  sources 0
pass1: pass < dev0  sources 0
pktcount0: pktcount < pass0 pass1  sources 0
bytecount0: bytecount < pass0 pass1  sources 0

== groups
[dev a] > [(pass) > (BPF,"x") | [(BPF,"y") | (BPF,"z")]] > (pktcount)
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pass0: pass < dev0  sources 0
BPF0: BPF filter='x' < pass0  sources 0
BPF1: BPF filter='y' < dev0  sources 0
BPF2: BPF filter='z' < dev0  sources 0
pktcount0: pktcount < BPF0 BPF1 BPF2  sources 0

== several graphs are one
[dev a] > (pktcount)
[dev b] > (pktcount) | [dev c] > (bytecount)
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pktcount0: pktcount < dev0  sources 0
dev1: dev interface='b' dir*='in'  sources 1
pktcount1: pktcount < dev1  sources 1
dev2: dev interface='c' dir*='in'  sources 2
bytecount0: bytecount < dev2  sources 2

== source order stays where the topology lets it
b = (pass,name=b)
a = (pass,name=a)
[dev x] > a > b > (pktcount)
-- graph
dev0: dev interface='x' dir*='in'  sources 0
a: pass < dev0  sources 0
b: pass < a  sources 0
pktcount0: pktcount < b  sources 0

== inputs in source order, whatever the nesting
y = (pass,name=y)
x = (pktcount,name=x)
[dev a] > [x | y > x]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
y: pass < dev0  sources 0
x: pktcount < dev0 y  sources 0

== the first edge in source order counts
x = (pktcount,name=x)
f = (pass,name=f)
[dev a] > f > [x | (BPF,"1") > x | x]
f > x
-- graph
dev0: dev interface='a' dir*='in'  sources 0
f: pass < dev0  sources 0
BPF0: BPF filter='1' < f  sources 0
x: pktcount < f BPF0  sources 0

== route
[dev a] > (BPF,"tcp") > [1: (pktcount) | 2..9: (bytecount) | 17: (pass) > (pktcount) | else: (pass)]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
BPF0: BPF filter='tcp' < dev0  sources 0
pktcount0: pktcount < BPF0[1..1]  sources 0
bytecount0: bytecount < BPF0[2..9]  sources 0
pass0: pass < BPF0[17..17]  sources 0
pktcount1: pktcount < pass0  sources 0
pass1: pass < BPF0[else of 1..9 17..17]  sources 0

== route with else alone
[dev a] > [else: (pktcount)]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pktcount0: pktcount < dev0  sources 0

== else first, ranges that touch
[dev a] > [else: (pktcount) | 5..9: (pktcount) | 1..4: (pktcount)]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pktcount0: pktcount < dev0[else of 1..9]  sources 0
pktcount1: pktcount < dev0[5..9]  sources 0
pktcount2: pktcount < dev0[1..4]  sources 0

== route of several outputs into groups
[dev a] > [(pass)|(pass)] > [1: [(pktcount)|(bytecount)] | else: (pass) > (pass)] > (pktcount,name=all)
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pass0: pass < dev0  sources 0
pass1: pass < dev0  sources 0
pktcount0: pktcount < pass0[1..1] pass1[1..1]  sources 0
bytecount0: bytecount < pass0[1..1] pass1[1..1]  sources 0
pass2: pass < pass0[else of 1..1] pass1[else of 1..1]  sources 0
pass3: pass < pass2  sources 0
all: pktcount < pktcount0 bytecount0 pass3  sources 0

== routes in routes
[dev a] > [1..10: [2: (pktcount) | 8..20: (pktcount) | else: (bytecount)] | else: [3: (pass) | 11: (pass) | else: (pass)]]
-- error
test:1:87: error[unreachable]: no packet can reach 'pass0': the labels before it leave no class
   1 | [dev a] > [1..10: [2: (pktcount) | 8..20: (pktcount) | else: (bytecount)] | else: [3: (pass) | 11: (pass) | else: (pass)]]
     |                                                                                       ^~~~~~

== the same function by two labels
x = (pktcount)
[dev a] > [1: x | 3: x]
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pktcount0: pktcount < dev0[1..1] dev0[3..3]  sources 0

== an edge without a label beside one with
x = (pktcount)
f = (pass)
[dev a] > f > [1: x | 3: x]
f > x
-- graph
dev0: dev interface='a' dir*='in'  sources 0
pass0: pass < dev0  sources 0
pktcount0: pktcount < pass0[1..1] pass0[3..3] pass0  sources 0

== a route as a definition
r = [1: (pktcount) | else: (bytecount)]
[dev a] > r
[dev b] > (BPF,"tcp") > r > (pass,name=end)
-- graph
dev0: dev interface='a' dir*='in'  sources 0
dev1: dev interface='b' dir*='in'  sources 1
BPF0: BPF filter='tcp' < dev1  sources 1
pktcount0: pktcount < dev0[1..1] BPF0[1..1]  sources 0,1
bytecount0: bytecount < dev0[else of 1..1] BPF0[else of 1..1]  sources 0,1
end: pass < pktcount0 bytecount0  sources 0,1

== a route fed elsewhere
r = [1: (pktcount,name=one) | else: (pass,name=rest)]
r > (pktcount,name=behind)
[dev a] > r
-- graph
dev0: dev interface='a' dir*='in'  sources 0
one: pktcount < dev0[1..1]  sources 0
rest: pass < dev0[else of 1..1]  sources 0
behind: pktcount < one rest  sources 0

== one device in several branches is one source
[port a] > (BPF,"x") > (pktcount) | [port b] > (pktcount) | [port a take=no] > [(BPF,"y") | (BPF,"x")] > (bytecount)
-- graph
port0: port device='a' take*=0  sources 0
BPF0: BPF filter='x' < port0  sources 0
pktcount0: pktcount < BPF0  sources 0
port1: port device='b' take*=0  sources 1
pktcount1: pktcount < port1  sources 1
BPF1: BPF filter='y' < port0  sources 0
BPF2: BPF filter='x' < port0  sources 0
bytecount0: bytecount < BPF1 BPF2  sources 0

== twice side by side
[[port a] | [port a]] > (pktcount)
-- graph
port0: port device='a' take*=0  sources 0
pktcount0: pktcount < port0 port0  sources 0
