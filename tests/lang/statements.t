== nothing at all

-- ast

== only comments and separators
# nothing

;;  # here
;
-- ast

== semicolons and newlines separate statements
a; b
c ;; d

e # the end
-- ast
graph
  name a
graph
  name b
graph
  name c
graph
  name d
graph
  name e

== definitions
web = (BPF,"tcp port 80")
[dev eth0] > web > (pktcount)
[web]
-- ast
define web
  function BPF
    string "tcp port 80"
graph
  chain
    function dev
      word "eth0"
    name web
    function pktcount
graph
  name web

== the reserved words are refused as names later, by the resolver
use = (pktcount)
else = (pktcount)
-- ast
define use
  function pktcount
define else
  function pktcount

== use
use "classes.fpl"
use "a \"b\".ffpf"; a
-- ast
use "classes.fpl"
use "a \"b\".ffpf"
graph
  name a

== newlines inside brackets
[dev
 eth0
 dir=both] > (BPF,
  "tcp"
) > [
  a # one
  |
  b
]
-- ast
graph
  chain
    function dev
      word "eth0"
      word dir="both"
    function BPF
      string "tcp"
    parallel
      name a
      name b

== newlines after a joining token
x =
  (a) >

  (b) |
  # a comment between
  (c) @
  tc
r > [1:
  a]
-- ast
define x
  parallel
    chain
      function a
      function b
    function c @tc
graph
  chain
    name r
    route
      1:
        name a

== newlines before a line that begins with '>' or '|'
[dev eth0]
  > (BPF,"tcp")
  # what comes next runs beside it

  | (pktcount)
	> b
c
-- ast
graph
  parallel
    chain
      function dev
        word "eth0"
      function BPF
        string "tcp"
    chain
      function pktcount
      name b
graph
  name c

== lines that end with CRLF [escapes]
a = (b)\r\n[dev eth0]\r\n  > a\r\n\r\nb\r\n
-- ast
define a
  function b
graph
  chain
    function dev
      word "eth0"
    name a
graph
  name b

== a byte order mark [escapes]
\xef\xbb\xbf(a)
-- ast
graph
  function a

== comments and strings may hold UTF-8
(BPF,"größe € 🙂") # größe € 🙂
-- ast
graph
  function BPF
    string "größe € 🙂"
