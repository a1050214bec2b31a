What `explain` says.

== counts only
[dev eth0]>(BPF,"tcp port 80")>(pktcount)
-- explain
function   class              runs in  why not lower
dev0       dev eth0           xdp
BPF0       BPF "tcp port 80"  xdp
pktcount0  pktcount           xdp

barrier     stub  what crosses                                               from
xdp → user  mbuf  no packet crosses: results are read from the shared state

level  sees         of
xdp    wire frames  dev0

== packets for user
[[dev eth0]|[dev eth1 dir=both]]>(BPF,"tcp port 80 and not host 192.0.2.1 and not host 192.0.2.2")>[(out,"web.pcap")|(pktcount)]
-- explain
function   class                                    runs in  why not lower
dev0       dev eth0                                 tc       xdp: no function wants its packets there: 'BPF0' is the first
dev1       dev eth1 dir=both                        tc       xdp: it sees no outgoing packets
BPF0       BPF "tcp port 80 and not host 192.0.2…"  tc       its packets come from dev0
out0       out "web.pcap"                           user     tc, kmod: only 'user' has 'out'
pktcount0  pktcount                                 tc       its packets come from BPF0

barrier    stub  what crosses                                 from
tc → user  pbuf  whole packets, copied once, with their time  BPF0

level  sees           of
tc     super-packets  dev0, dev1

== many levels
[dev eth0] > (BPF,"tcp") > [(vlan) > (pktcount) | (search,{ raw
text }) > (pktcount) | (regex,"x",name=rx)@user] > (pktcount,name=all)
-- explain
function   class               runs in  why not lower
dev0       dev eth0            xdp
BPF0       BPF "tcp"           xdp
vlan0      vlan                tc       xdp: it has no 'vlan'
pktcount0  pktcount            tc       its packets come from vlan0
search0    search {raw text }  kmod     xdp, tc: it has no 'search'
pktcount1  pktcount            kmod     its packets come from search0
rx         regex "x"           user     pinned here
all        pktcount            user     its packets come from rx

barrier      stub  what crosses                                                 from
xdp → tc     meta  packets and results; bytes: demand, stored if let out above  BPF0
tc → kmod    meta  packets and results; bytes: demand, stored if let out above  BPF0, pktcount0
kmod → user  pbuf  whole packets, copied once                                   BPF0, pktcount0, pktcount1

level  sees           of
xdp    wire frames    dev0
tc     super-packets  dev0
-- dot
digraph ffpf {
	rankdir=LR;
	node [fontname="sans-serif"];
	subgraph "cluster_xdp" {
		label="xdp";
		f0 [shape=cds, label="dev0\ndev eth0"];
		f1 [shape=box, label="BPF0\nBPF \"tcp\""];
	}
	subgraph "cluster_tc" {
		label="tc";
		f2 [shape=box, label="vlan0\nvlan"];
		f3 [shape=box, label="pktcount0\npktcount"];
	}
	subgraph "cluster_kmod" {
		label="kmod";
		f4 [shape=box, label="search0\nsearch {raw text }"];
		f5 [shape=box, label="pktcount1\npktcount"];
	}
	subgraph "cluster_user" {
		label="user";
		f6 [shape=box, label="rx\nregex \"x\""];
		f7 [shape=box, label="all\npktcount"];
	}
	f0 -> f1;
	f1 -> f2 [style=dashed];
	f2 -> f3;
	f1 -> f4 [style=dashed];
	f4 -> f5;
	f1 -> f6 [style=dashed];
	f3 -> f7 [style=dashed];
	f5 -> f7 [style=dashed];
	f6 -> f7;
}

== a route
[dev eth0] > (BPF,"tcp") > [1: (regex,"x") | 2..9: (pktcount) | else: (bytecount)]
-- explain
function    class      runs in  why not lower
dev0        dev eth0   xdp
BPF0        BPF "tcp"  xdp
regex0      regex "x"  user     xdp, tc, kmod: it has no 'regex'
pktcount0   pktcount   xdp
bytecount0  bytecount  xdp

barrier     stub  what crosses                from
xdp → user  pbuf  whole packets, copied once  BPF0

level  sees         of
xdp    wire frames  dev0
-- dot
digraph ffpf {
	rankdir=LR;
	node [fontname="sans-serif"];
	subgraph "cluster_xdp" {
		label="xdp";
		f0 [shape=cds, label="dev0\ndev eth0"];
		f1 [shape=box, label="BPF0\nBPF \"tcp\""];
		f3 [shape=box, label="pktcount0\npktcount"];
		f4 [shape=box, label="bytecount0\nbytecount"];
	}
	subgraph "cluster_user" {
		label="user";
		f2 [shape=box, label="regex0\nregex \"x\""];
	}
	f0 -> f1;
	f1 -> f2 [label="1", style=dashed];
	f1 -> f3 [label="2..9"];
	f1 -> f4 [label="else"];
}

== only the index
[dev eth0] > (BPF,"tcp") > (pktcount)@user
-- explain
function   class      runs in  why not lower
dev0       dev eth0   xdp
BPF0       BPF "tcp"  xdp
pktcount0  pktcount   user     pinned here

barrier     stub  what crosses                     from
xdp → user  ibuf  index only, no bytes of packets  BPF0

level  sees         of
xdp    wire frames  dev0

== headers only
[dev eth0] > (BPF,"tcp")@user
-- explain
function  class      runs in  why not lower
dev0      dev eth0   xdp
BPF0      BPF "tcp"  user     pinned here

barrier     stub  what crosses                                from
xdp → user  pbuf  the first 34 bytes of packets, copied once  dev0

level  sees         of
xdp    wire frames  dev0

== all in user
[pcap f.pcap] > (BPF,"tcp") > (pktcount)
-- explain
function   class        runs in  why not lower
pcap0      pcap f.pcap  user     xdp, tc, kmod, other: only 'user' has 'pcap'
BPF0       BPF "tcp"    user     its packets come from pcap0
pktcount0  pktcount     user     its packets come from BPF0

nothing crosses a barrier: everything runs in user

== a verdict that waits
[dev eth0] > [(BPF,"tcp") > (drop) | (vlan)]
-- explain
function  class      runs in  why not lower
dev0      dev eth0   xdp
BPF0      BPF "tcp"  xdp
drop0     drop       tc       xdp: 'vlan0' must see the packet first
vlan0     vlan       tc       xdp: it has no 'vlan'

barrier    stub  what crosses                                                  from
xdp → tc   meta  packets and results; bytes: index, nobody above looks at any  dev0, BPF0
tc → user  mbuf  no packet crosses: results are read from the shared state

level  sees           of
xdp    wire frames    dev0
tc     super-packets  dev0

== json
[dev eth0] > (search,"a",from=192.0.2.0/24,every=1ms,export=packets) > [1: (out,w.pcap) | else: (pktcount)]
-- json
{
  "functions": [
    {
      "name": "dev0",
      "class": "dev",
      "role": "source",
      "flowspace": "kmod",
      "flowid": "0x10000000",
      "pinned": false,
      "parameters": {
        "interface": "eth0",
        "dir": "in"
      },
      "inputs": [],
      "refused": [
        {
          "flowspace": "xdp",
          "reason": "no function wants its packets there: 'search0' is the first"
        }
      ]
    },
    {
      "name": "search0",
      "class": "search",
      "role": "function",
      "flowspace": "kmod",
      "flowid": "0x1f000000",
      "pinned": false,
      "parameters": {
        "text": "a",
        "mode": "fast",
        "depth": 65536,
        "from": "192.0.2.0/24",
        "every": 1000000
      },
      "inputs": [
        {
          "from": "dev0",
          "label": null
        }
      ],
      "refused": [
        {
          "flowspace": "xdp",
          "reason": "it has no 'search'"
        },
        {
          "flowspace": "tc",
          "reason": "it has no 'search'"
        }
      ],
      "export": "packets"
    },
    {
      "name": "out0",
      "class": "out",
      "role": "sink",
      "flowspace": "user",
      "flowid": "0xf0000000",
      "pinned": false,
      "parameters": {
        "file": "w.pcap",
        "snaplen": 262144
      },
      "inputs": [
        {
          "from": "search0",
          "label": "1"
        }
      ],
      "refused": [
        {
          "flowspace": "kmod",
          "reason": "only 'user' has 'out'"
        }
      ]
    },
    {
      "name": "pktcount0",
      "class": "pktcount",
      "role": "function",
      "flowspace": "kmod",
      "flowid": "0x10000000",
      "pinned": false,
      "parameters": {},
      "inputs": [
        {
          "from": "search0",
          "label": "else"
        }
      ],
      "refused": []
    }
  ],
  "barriers": [
    {
      "from": "kmod",
      "to": "user",
      "stub": "pbuf",
      "copy": "once",
      "copy_reason": "for all functions above",
      "bytes_per_packet": "all",
      "time": true,
      "inputs": [
        "search0"
      ]
    }
  ],
  "sources": [
    {
      "name": "dev0",
      "linktype": 1,
      "snaplen": 65535,
      "ifindex": 1072,
      "sees": {}
    }
  ]
}
