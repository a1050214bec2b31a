Names: each use is the same function.

== a name is the same function everywhere
web = [dev eth0] > (BPF,"tcp port 80")
web > (pktcount)
web > (bytecount)
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
BPF0: BPF filter='tcp port 80' < dev0  sources 0
pktcount0: pktcount < BPF0  sources 0
bytecount0: bytecount < BPF0  sources 0

== any DAG
a = [dev a]; b = (pass,name=b); c = (pass,name=c)
a > [b | c]
b > c > (pktcount)
-- graph
dev0: dev interface='a' dir*='in'  sources 0
b: pass < dev0  sources 0
c: pass < dev0 b  sources 0
pktcount0: pktcount < c  sources 0

== definitions in definitions, used or not
a = (BPF,"a"); b = a > (BPF,"b"); c = b > (BPF,"c")
[dev x] > b
-- graph
dev0: dev interface='x' dir*='in'  sources 0
BPF0: BPF filter='a' < dev0  sources 0
BPF1: BPF filter='b' < BPF0  sources 0
-- error
test:1:35: warning[name-unused]: 'c' is never used
   1 | a = (BPF,"a"); b = a > (BPF,"b"); c = b > (BPF,"c")
     |                                   ^

== what only an unused definition connects is not in the graph
a = (pass,name=a); b = (pass,name=b)
c = a > b
[dev x] > a
[dev x] > b
-- graph
dev0: dev interface='x' dir*='in'  sources 0
a: pass < dev0  sources 0
dev1: dev interface='x' dir*='in'  sources 1
b: pass < dev1  sources 1
-- error
test:2:1: warning[name-unused]: 'c' is never used
   2 | c = a > b
     | ^

== the same edge in an unused and in a used definition
a = (pass,name=a); b = (pass,name=b)
c = a > b
d = a > b
[dev x] > a
d > (pktcount)
-- graph
dev0: dev interface='x' dir*='in'  sources 0
a: pass < dev0  sources 0
b: pass < a  sources 0
pktcount0: pktcount < b  sources 0
-- error
test:2:1: warning[name-unused]: 'c' is never used
   2 | c = a > b
     | ^

== a definition used before its name
[dev x] > web
web = (pktcount)
-- error
test:1:11: error[name-unknown]: 'web' is not defined before here
   1 | [dev x] > web
     |           ^~~

== a definition in terms of itself
loop = (pass) > loop
[dev x] > loop
-- error
test:1:17: error[name-unknown]: 'loop' is defined in terms of itself
   1 | loop = (pass) > loop
     |                 ^~~~

== twice
a = (pass)
a = (pktcount)
[dev x] > a
-- error
test:2:1: error[name-redefined]: 'a' is defined already
   2 | a = (pktcount)
     | ^
   1 | a = (pass)
     | ~ first defined here

== the name of a class
pktcount = (pass)
[dev x] > (pktcount)
-- error
test:1:1: error[name-is-class]: 'pktcount' is a function class and can't be defined
   1 | pktcount = (pass)
     | ^~~~~~~~

== unused
a = (pass)
[dev x] > (pktcount)
-- graph
dev0: dev interface='x' dir*='in'  sources 0
pktcount0: pktcount < dev0  sources 0
-- error
test:1:1: warning[name-unused]: 'a' is never used
   1 | a = (pass)
     | ^

== a name that is nearly one
web = (pktcount)
[dev x] > wen
-- error
test:2:11: error[name-unknown]: 'wen' is not defined before here
   2 | [dev x] > wen
     |           ^~~
     = hint: did you mean 'web'?

== a bare class
[dev x] > pktcount
-- error
test:1:11: error[bare-name]: 'pktcount' is a function class; a name without parentheses is something defined before
   1 | [dev x] > pktcount
     |           ^~~~~~~~
     = hint: write (pktcount)

== a bare class that needs something
dev > (pktcount)
-- error
test:1:1: error[bare-name]: 'dev' is a function class; a name without parentheses is something defined before
   1 | dev > (pktcount)
     | ^~~
     = hint: write (dev,interface=…)

== a bare name near a class
[dev x] > pktcuont
-- error
test:1:11: error[name-unknown]: 'pktcuont' is not defined before here
   1 | [dev x] > pktcuont
     |           ^~~~~~~~
     = hint: did you mean '(pktcount)'?

== nothing near
[dev x] > zzzzzzzz
-- error
test:1:11: error[name-unknown]: 'zzzzzzzz' is not defined before here
   1 | [dev x] > zzzzzzzz
     |           ^~~~~~~~

== a definition in parentheses
web = (pass)
[dev x] > web > (web)
-- error
test:2:18: error[class-unknown]: no function class 'web'
   2 | [dev x] > web > (web)
     |                  ^~~
     = hint: 'web' is a definition: write it without parentheses

== a definition with a syntax error does not make its uses errors
web = (pass) > )
[dev x] > web
-- error
test:1:16: error[syntax]: this ')' closes nothing
   1 | web = (pass) > )
     |                ^

== use
use "filters.ffpf"
[dev eth0] > [web|dns] > (pktcount)
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
BPF0: BPF filter='tcp port 80' < dev0  sources 0
BPF1: BPF filter='udp port 53' < dev0  sources 0
pktcount0: pktcount < BPF0 BPF1  sources 0

== use of graphs and of files in other folders, each once
use "whole.ffpf"
use "filters.ffpf"
[dev eth0] > deep > (pktcount)
-- graph
dev0: dev interface='eth9' dir*='in'  sources 0
BPF0: BPF filter='tcp port 80' < dev0  sources 0
inner: pktcount < BPF0  sources 0
dev1: dev interface='eth0' dir*='in'  sources 1
deep: pass < dev1  sources 1
pktcount1: pktcount < deep  sources 1

== use of what is not there
use "nothing.ffpf"
use "sub"
[dev eth0] > (pktcount)
-- error
test:1:5: error[use-unreadable]: 'nothing.ffpf' can't be read: No such file or directory
   1 | use "nothing.ffpf"
     |     ^~~~~~~~~~~~~~
test:2:5: error[use-unreadable]: 'sub' can't be read: Is a directory
   2 | use "sub"
     |     ^~~~~

== files that use each other
use "round1.ffpf"
[dev eth0] > (pktcount)
-- error
round2.ffpf:1:5: error[use-cycle]: 'round1.ffpf' uses itself, directly or through other files
   1 | use "round1.ffpf"
     |     ^~~~~~~~~~~~~

== a used file with a mistake
use "broken.ffpf"
[dev eth0] > ok
-- error
broken.ffpf:2:11: error[syntax]: expected an argument or ']', found '>'
   2 | [dev eth0 > ok
     |           ^
     | ~ in this bracket
     = hint: is a ']' missing before it?
