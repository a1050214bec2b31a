== one function
(pktcount)
-- ast
graph
  function pktcount

== arguments in round form
(dev,eth0,dir=both,snap=64k)
-- ast
graph
  function dev
    word "eth0"
    word dir="both"
    word snap="64k"

== arguments in square form
[dev eth0 dir=both snap = 64k]
-- ast
graph
  function dev
    word "eth0"
    word dir="both"
    word snap="64k"

== the published line
[dev eth0]>(BPF,"tcp and dst port 80")>(pktcount)
-- ast
graph
  chain
    function dev
      word "eth0"
    function BPF
      string "tcp and dst port 80"
    function pktcount

== the published graph
[[ (dev,expr=eth0)|(dev,expr=eth1) ]> (BPF,expr="tcp and dst port 80") ]> [(pktcount)|(bytecount)]
-- ast
graph
  chain
    chain
      parallel
        function dev
          word expr="eth0"
        function dev
          word expr="eth1"
      function BPF
        string expr="tcp and dst port 80"
    parallel
      function pktcount
      function bytecount

== a name alone in brackets is a group, with an argument it is a function
[pktcount] > [dev eth0] > [a > b] > [a | b]
-- ast
graph
  chain
    name pktcount
    function dev
      word "eth0"
    chain
      name a
      name b
    parallel
      name a
      name b

== '>' binds tighter than '|'
a > b | c > d | e
-- ast
graph
  parallel
    chain
      name a
      name b
    chain
      name c
      name d
    name e

== nested groups
[[[a]]] > [[a | b] > c | d]
-- ast
graph
  chain
    name a
    parallel
      chain
        parallel
          name a
          name b
        name c
      name d

== pins
(BPF,"tcp")@tc > [dev eth0]@xdp > (a) @ user
-- ast
graph
  chain
    function BPF @tc
      string "tcp"
    function dev @xdp
      word "eth0"
    function a @user

== routes
(class) > [1: a > b | 2..9: (c) | 0x10..0xFF: [d | e] | else: f]
-- ast
graph
  chain
    function class
    route
      1:
        chain
          name a
          name b
      2..9:
        function c
      16..255:
        parallel
          name d
          name e
      else:
        name f

== a route of one arm
a > [4294967295: b]
-- ast
graph
  chain
    name a
    route
      4294967295:
        name b

== a route in a route
a > [1: [2: b | else: c] | else: d > [7: e]]
-- ast
graph
  chain
    name a
    route
      1:
        route
          2:
            name b
          else:
            name c
      else:
        chain
          name d
          route
            7:
              name e

== values may be the reserved words
[a use else use=else] > (b,use,else)
-- ast
graph
  chain
    function a
      word "use"
      word "else"
      word use="else"
    function b
      word "use"
      word "else"
