Placement on user > kmod > tc > xdp, and other beside kmod (see tests/unit/fakes.h).

== lowest
[dev eth0] > (BPF,"tcp") > (pktcount)
-- place
dev0: xdp 11100000
BPF0: xdp 11100000
pktcount0: xdp 11100000

== a savefile is read in user
[pcap f.pcap] > (BPF,"tcp") > (pktcount)
-- place
pcap0: user f0000000
    xdp: only 'user' has 'pcap'
    tc: only 'user' has 'pcap'
    kmod: only 'user' has 'pcap'
    other: only 'user' has 'pcap'
BPF0: user 00000000
pktcount0: user 00000000

== outgoing packets
[dev eth0 dir=out] > (BPF,"tcp") > (pktcount)
-- place
dev0: tc 11f00000
    xdp: it sees no outgoing packets
BPF0: tc 11000000
pktcount0: tc 11000000

== bubbling up
[dev eth0] > (BPF,"tcp") > [(vlan) > (pktcount) | (search,"x") > (pktcount) | (regex,"x")] > (pktcount,name=all)
-- place
dev0: xdp 11100000
BPF0: xdp 11100000
vlan0: tc 11f00000
    xdp: it has no 'vlan'
pktcount0: tc 11000000
search0: kmod 1f000000
    xdp: it has no 'search'
    tc: it has no 'search'
pktcount1: kmod 10000000
regex0: user f0000000
    xdp: it has no 'regex'
    tc: it has no 'regex'
    kmod: it has no 'regex'
all: user 00000000

== lowest common successor
[[dev eth0]|[pcap f.pcap]] > (pktcount)
-- place
dev0: xdp 11100000
pcap0: user f0000000
    xdp: only 'user' has 'pcap'
    tc: only 'user' has 'pcap'
    kmod: only 'user' has 'pcap'
    other: only 'user' has 'pcap'
pktcount0: user 00000000

== siblings meet above
[[dev eth0] > (pass) | [dev eth1]@other] > (pktcount)
-- place
dev0: xdp 11100000
pass0: xdp 11100000
dev1: other 20000000
pktcount0: user 00000000

== a pin beside what the packets come from
[dev eth0] > (BPF,"tcp")@tc > (pktcount) > (pass)@other
-- error
test:1:51: error[pin-funnel]: 'pass0' can't run in 'other': its packets come from 'tc', which is beside it
   1 | [dev eth0] > (BPF,"tcp")@tc > (pktcount) > (pass)@other
     |                                                   ^~~~~
     |                               ~~~~~~~~~~ 'pktcount0' runs in 'tc'
     = hint: packets only travel up; without the pin ffpf chooses the lowest possible level

== pins
[dev eth0] > (BPF,"tcp")@tc > (pktcount) > (pass)@kmod > (pktcount)
-- place
dev0: tc 11000000
    xdp: no function wants its packets there: 'BPF0' is the first
BPF0: tc 11000000
pktcount0: tc 11000000
pass0: kmod 10000000
pktcount1: kmod 10000000

== a pinned source
[dev eth0]@kmod > (pktcount)
-- place
dev0: kmod 10000000
pktcount0: kmod 10000000

== unknown flowspace
[dev eth0] > (pktcount)@xpd
-- error
test:1:25: error[flowspace-unknown]: no flowspace 'xpd'
   1 | [dev eth0] > (pktcount)@xpd
     |                         ^~~
     = hint: did you mean 'xdp'?

== unknown flowspace, nothing near
[dev eth0] > (pktcount)@moon
-- error
test:1:25: error[flowspace-unknown]: no flowspace 'moon'
   1 | [dev eth0] > (pktcount)@moon
     |                         ^~~~
     = hint: flowspaces: user, kmod, tc, xdp, other

== a pin below an input
[pcap f.pcap] > (pktcount)@tc
-- error
test:1:28: error[pin-funnel]: 'pktcount0' can't run in 'tc': its packets come from 'user', which is above it
   1 | [pcap f.pcap] > (pktcount)@tc
     |                            ^~
     | ~~~~~~~~~~~~~ 'pcap0' runs in 'user'
     = hint: packets only travel up; without the pin ffpf chooses the lowest possible level

== a pin beside an input
[dev eth0]@other > (pktcount)@tc
-- error
test:1:31: error[pin-funnel]: 'pktcount0' can't run in 'tc': its packets come from 'other', which is beside it
   1 | [dev eth0]@other > (pktcount)@tc
     |                               ^~
     | ~~~~~~~~~~~~~~~~ 'dev0' runs in 'other'
     = hint: packets only travel up; without the pin ffpf chooses the lowest possible level

== a pin that is not offered
[dev eth0] > (vlan)@xdp > (search,"x")@tc
-- error
test:1:21: error[pin-refused]: 'vlan0' can't run in 'xdp': it has no 'vlan'
   1 | [dev eth0] > (vlan)@xdp > (search,"x")@tc
     |                     ^~~

== a pin of a class that only one level has
[pcap f.pcap]@tc > (pktcount)
-- error
test:1:15: error[pin-refused]: 'pcap0' can't run in 'tc': only 'user' has 'pcap'
   1 | [pcap f.pcap]@tc > (pktcount)
     |               ^~

== nowhere
[dev eth0] > (regex,"x") > (mirror)
-- error
test:1:28: error[place-nowhere]: no flowspace can run 'mirror0'
   1 | [dev eth0] > (regex,"x") > (mirror)
     |                            ^~~~~~~~
     |              ~~~~~~~~~~~ its packets come from 'user'
     = hint: user: only 'other' has 'mirror'

== a verdict at the bottom
[dev eth0] > (BPF,"tcp") > [(drop) | (pktcount)]
-- place
dev0: xdp 11100000
BPF0: xdp 11100000
drop0: xdp 11100000
pktcount0: xdp 11100000

== a verdict waits for who is owed the packet
[dev eth0] > [(BPF,"tcp") > (drop) | (vlan) > (pktcount)]
-- place
dev0: xdp 11100000
BPF0: xdp 11100000
drop0: tc 11000000
    xdp: 'vlan0' must see the packet first
vlan0: tc 11f00000
    xdp: it has no 'vlan'
pktcount0: tc 11000000

== also for another source of the same device
[dev eth0] > (drop)
[dev eth0] > (vlan)
[dev eth1] > (drop)
-- place
dev0: tc 11000000
    xdp: no function wants its packets there: 'drop0' is the first
drop0: tc 11000000
    xdp: 'vlan0' must see the packet first
dev1: tc 11000000
    xdp: no function wants its packets there: 'vlan0' is the first
vlan0: tc 11f00000
    xdp: it has no 'vlan'
dev2: xdp 11100000
drop1: xdp 11100000

== functions in user get copies
[dev eth0] > [(drop) | (regex,"x")]
-- place
dev0: xdp 11100000
drop0: xdp 11100000
regex0: user f0000000
    xdp: it has no 'regex'
    tc: it has no 'regex'
    kmod: it has no 'regex'

== a verdict on a savefile
[pcap f.pcap] > (drop)
-- place
pcap0: user f0000000
    xdp: only 'user' has 'pcap'
    tc: only 'user' has 'pcap'
    kmod: only 'user' has 'pcap'
    other: only 'user' has 'pcap'
drop0: user 00000000

== a verdict behind user
[dev eth0] > (regex,"x") > (drop)
-- error
test:1:28: error[place-nowhere]: no flowspace can run 'drop0'
   1 | [dev eth0] > (regex,"x") > (drop)
     |                            ^~~~~~
     |              ~~~~~~~~~~~ its packets come from 'user'
     = hint: user: packets are copies here: a verdict would come too late

== a pin before a verdict
[dev eth0] > (BPF,"tcp")@user > (pass) > (drop)
-- error
test:1:26: error[pin-verdict]: in 'user' it is too late for 'drop0' to decide what becomes of the packet
   1 | [dev eth0] > (BPF,"tcp")@user > (pass) > (drop)
     |                          ^~~~
     |                                          ~~~~~~ this works in 'tc' or below: user says: packets are copies here: a verdict would come too late

== a pinned verdict too high
[dev eth0] > (drop)@user
-- error
test:1:21: error[pin-refused]: 'drop0' can't run in 'user': packets are copies here: a verdict would come too late
   1 | [dev eth0] > (drop)@user
     |                     ^~~~

== a pin that a verdict can't wait for
[dev eth0] > [(drop) | (pktcount)@kmod]
-- error
test:1:35: error[pin-verdict]: 'drop0' must wait until this has seen the packet, and 'kmod' is too late for it
   1 | [dev eth0] > [(drop) | (pktcount)@kmod]
     |                                   ^~~~
     |               ~~~~~~ refused: packets are copies here: a verdict would come too late

== a verdict pinned below who is owed the packet
[dev eth0] > [(drop)@xdp | (vlan)]
-- error
test:1:22: error[pin-verdict]: in 'xdp' 'drop0' would take packets away before 'vlan0' in 'tc' has seen them
   1 | [dev eth0] > [(drop)@xdp | (vlan)]
     |                      ^~~
     |                            ~~~~~~ this one runs higher up

== a verdict that can't wait
[dev eth0] > [(drop) | (search,"x")]
-- error
test:1:15: error[place-nowhere]: no flowspace can run 'drop0'
   1 | [dev eth0] > [(drop) | (search,"x")]
     |               ^~~~~~
     |                        ~~~~~~~~~~~~ which must see the packet first
     = hint: xdp: 'search0' must see the packet first; kmod: it has no 'drop'; user: packets are copies here: a verdict would come too late

== what is taken is decided where the source runs
[port a take=yes] > (BPF,"tcp") > (print)
-- place
port0: xdp 11100000
BPF0: xdp 11100000
print0: user f0000000
    xdp: only 'user' has 'print'
    tc: only 'user' has 'print'
    kmod: only 'user' has 'print'

== so filters must run there
[port a take=yes] > (BPF,"z") > (search,"x") > (BPF,"y") > (pktcount)
-- error
test:1:33: error[place-take]: 'search0' runs in 'kmod', but which packets 'port0' takes is decided in 'xdp': those that it leaves out would be taken too
   1 | [port a take=yes] > (BPF,"z") > (search,"x") > (BPF,"y") > (pktcount)
     |                                 ^~~~~~~~~~~~
     | ~~~~~~~~~~~~~~~~~ take=yes
     = hint: xdp: it has no 'search'
test:1:48: error[place-take]: 'BPF1' runs in 'kmod', but which packets 'port0' takes is decided in 'xdp': those that it leaves out would be taken too
   1 | [port a take=yes] > (BPF,"z") > (search,"x") > (BPF,"y") > (pktcount)
     |                                                ^~~~~~~~~
     | ~~~~~~~~~~~~~~~~~ take=yes

== a source goes up to the first function, where its packets are taken
[port a take=yes] > (search,"x") > (BPF,"y") > (pktcount)
-- place
port0: kmod 10000000
    xdp: no function wants its packets there: 'search0' is the first
search0: kmod 1f000000
    xdp: it has no 'search'
    tc: it has no 'search'
BPF0: kmod 10000000
pktcount0: kmod 10000000

== and routes
[port a take=yes] > (BPF,"x") > [1: (print) | else: (pktcount)]
-- error
test:1:37: error[place-take]: 'print0' runs in 'user', but which packets 'port0' takes is decided in 'xdp': those that it leaves out would be taken too
   1 | [port a take=yes] > (BPF,"x") > [1: (print) | else: (pktcount)]
     |                                     ^~~~~~~
     | ~~~~~~~~~~~~~~~~~ take=yes
     = hint: xdp: only 'user' has 'print'

== what shares a state runs on one level
[dev eth0] > [(keep,"a",name=low) | (regex,"x") > (keep,"a",name=high) | (keep,"b",name=alone) | (vlan) > (keep,"a",name=middle)]
-- place
dev0: xdp 11100000
low: user 00000000
    xdp: 'high' shares its state, and is higher up
regex0: user f0000000
    xdp: it has no 'regex'
    tc: it has no 'regex'
    kmod: it has no 'regex'
high: user 00000000
alone: xdp 11100000
vlan0: tc 11f00000
    xdp: it has no 'vlan'
middle: user 00000000
    tc: 'high' shares its state, and is higher up

== a pin below what shares the state
[dev eth0] > [(keep,"a")@xdp | (vlan) > (keep,"a",name=above)]
-- error
test:1:26: error[pin-together]: 'keep0' can't run in 'xdp': 'above' shares its state, and is higher up
   1 | [dev eth0] > [(keep,"a")@xdp | (vlan) > (keep,"a",name=above)]
     |                          ^~~
     |                                         ~~~~~~~~~~~~~~~~~~~~~ this one
     = hint: another instance= has a state of its own

== a pin above takes the others along
[dev eth0] > [(keep,"a") | (keep,"a",name=above)@kmod]
-- place
dev0: kmod 10000000
    xdp: no function wants its packets there: 'above' is the first
keep0: kmod 10000000
    xdp: 'above' shares its state, and is higher up
above: kmod 10000000
