Classes and their parameters.

== positional, named, defaults, names and exports
[dev eth0 dir=both]>(search,"x y",exact,1k,from=192.0.2.0/24,name=hit,export=packets)>(pktcount,export=state)
-- graph
dev0: dev interface='eth0' dir='both'  sources 0
hit: search text='x y' mode='exact' depth=1024 from=192.0.2.0/24 every*=10000000 export=packets < dev0  sources 0
pktcount0: pktcount export=state < hit  sources 0

== units
[dev eth0] > (search,x,every=1.5ms,depth=64k)
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
search0: search text='x' mode*='fast' depth=65536 every=1500000 < dev0  sources 0

== unknown class
[dev eth0] > (pktcout)
-- error
test:1:15: error[class-unknown]: no function class 'pktcout'
   1 | [dev eth0] > (pktcout)
     |               ^~~~~~~
     = hint: did you mean 'pktcount'?

== unknown class, nothing near
[dev eth0] > (frobnicate)
-- error
test:1:15: error[class-unknown]: no function class 'frobnicate'
   1 | [dev eth0] > (frobnicate)
     |               ^~~~~~~~~~

== unknown parameter
[dev eth0] > (search,"x",mod=exact)
-- error
test:1:26: error[param-unknown]: 'search' has no parameter 'mod'
   1 | [dev eth0] > (search,"x",mod=exact)
     |                          ^~~
     = hint: did you mean 'mode'?

== unknown parameter, nothing near
[dev eth0] > (search,"x",zzz=1)
-- error
test:1:26: error[param-unknown]: 'search' has no parameter 'zzz'
   1 | [dev eth0] > (search,"x",zzz=1)
     |                          ^~~
     = hint: 'search' takes text, mode, depth, from, every, name, export

== twice
[dev eth0] > (search,"x",text="y")
-- error
test:1:26: error[param-twice]: 'text' is given twice
   1 | [dev eth0] > (search,"x",text="y")
     |                          ^~~~~~~~
     |                      ~~~ first here

== alias of the main parameter
[dev eth0] > (search,expr="x")
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
search0: search text='x' mode*='fast' depth*=65536 every*=10000000 < dev0  sources 0

== alias and name
[dev eth0] > (search,expr="x",text=y)
-- error
test:1:31: error[param-twice]: 'text' is given twice
   1 | [dev eth0] > (search,expr="x",text=y)
     |                               ^~~~~~
     |                      ~~~~~~~~ first here

== no main parameter
[dev eth0] > (pktcount,expr="x")
-- error
test:1:24: error[param-unknown]: 'pktcount' has no parameter 'expr'
   1 | [dev eth0] > (pktcount,expr="x")
     |                        ^~~~
     = hint: 'pktcount' takes name, export

== missing
[dev] > (BPF)
-- error
test:1:2: error[bare-name]: 'dev' is a function class; a name without parentheses is something defined before
   1 | [dev] > (BPF)
     |  ^~~
     = hint: write (dev,interface=…)
test:1:9: error[param-missing]: 'BPF' needs 'filter'
   1 | [dev] > (BPF)
     |         ^~~~~
     = hint: filter=…: pcap expression

== missing, in brackets
(dev) > (BPF) > (pktcount)
-- error
test:1:1: error[param-missing]: 'dev' needs 'interface'
   1 | (dev) > (BPF) > (pktcount)
     | ^~~~~
     = hint: interface=…: network interface
test:1:9: error[param-missing]: 'BPF' needs 'filter'
   1 | (dev) > (BPF) > (pktcount)
     |         ^~~~~
     = hint: filter=…: pcap expression

== positional behind named
[dev eth0] > (search,mode=exact,"x")
-- error
test:1:33: error[param-position]: an argument without a name stands behind one with a name
   1 | [dev eth0] > (search,mode=exact,"x")
     |                                 ^~~
     |                      ~~~~~~~~~~ this one has a name

== too many
[dev eth0] > (BPF,"tcp",4)
-- error
test:1:25: error[param-many]: 'BPF' takes no more arguments
   1 | [dev eth0] > (BPF,"tcp",4)
     |                         ^
     = hint: 'BPF' takes filter, name, export

== none taken
[dev eth0] > (pktcount,4)
-- error
test:1:24: error[param-many]: 'pktcount' takes no argument without a name
   1 | [dev eth0] > (pktcount,4)
     |                        ^
     = hint: 'pktcount' takes name, export

== name twice, export twice
[dev eth0] > (pktcount,name=a,name=b,export=state,export=state)
-- error
test:1:31: error[param-twice]: 'name' is given twice
   1 | [dev eth0] > (pktcount,name=a,name=b,export=state,export=state)
     |                               ^~~~~~
     |                        ~~~~~~ first here
test:1:51: error[param-twice]: 'export' is given twice
   1 | [dev eth0] > (pktcount,name=a,name=b,export=state,export=state)
     |                                                   ^~~~~~~~~~~~
     |                                      ~~~~~~~~~~~~ first here

== names
[dev eth0] > (pktcount,name="a b") > (pass,name="")
-- error
test:1:31: error[value-type]: a result's name is made of letters, digits and _ - . :
   1 | [dev eth0] > (pktcount,name="a b") > (pass,name="")
     |                               ^
test:1:49: error[value-type]: a result's name is made of letters, digits and _ - . :
   1 | [dev eth0] > (pktcount,name="a b") > (pass,name="")
     |                                                 ^~

== export
[dev eth0] > (pktcount,export=packet)
-- error
test:1:31: error[value-choice]: 'export' is packets or state, not 'packet'
   1 | [dev eth0] > (pktcount,export=packet)
     |                               ^~~~~~
     = hint: did you mean 'packets'?

== name taken
(dev,eth0,name=x) > (pktcount,name=x)
-- error
test:1:36: error[name-taken]: there is another function named 'x'
   1 | (dev,eth0,name=x) > (pktcount,name=x)
     |                                    ^
     |                ~ this one

== name taken from a default
[dev eth0] > (pktcount,name=BPF0) > (BPF,"tcp")
-- error
test:1:29: error[name-taken]: there is another function named 'BPF0'
   1 | [dev eth0] > (pktcount,name=BPF0) > (BPF,"tcp")
     |                             ^~~~
     |                                     ~~~~~~~~~~~ this one

== name as a later default
[dev eth0] > (BPF,"tcp") > (pktcount,name=BPF0)
-- error
test:1:43: error[name-taken]: there is another function named 'BPF0'
   1 | [dev eth0] > (BPF,"tcp") > (pktcount,name=BPF0)
     |                                           ^~~~
     |              ~~~~~~~~~~~ this one

== default names count named functions too
[dev eth0] > (pktcount) > (pktcount,name=x) > (pktcount)
-- graph
dev0: dev interface='eth0' dir*='in'  sources 0
pktcount0: pktcount < dev0  sources 0
x: pktcount < pktcount0  sources 0
pktcount2: pktcount < x  sources 0

== type, range and choice
[dev averyveryverylongname dir=up] > (search,"x",depth=65537,every=10parsecs)
-- error
test:1:6: error[value-type]: the name of a network interface has at most 15 characters
   1 | [dev averyveryverylongname dir=up] > (search,"x",depth=65537,every=10parsecs)
     |      ^~~~~~~~~~~~~~~~~~~~~
test:1:32: error[value-choice]: 'dir' is in, out or both, not 'up'
   1 | [dev averyveryverylongname dir=up] > (search,"x",depth=65537,every=10parsecs)
     |                                ^~
test:1:56: error[value-range]: 'depth' takes 1 to 64k
   1 | [dev averyveryverylongname dir=up] > (search,"x",depth=65537,every=10parsecs)
     |                                                        ^~~~~
test:1:70: error[value-type]: 'parsecs' is no unit of a time
   1 | [dev averyveryverylongname dir=up] > (search,"x",depth=65537,every=10parsecs)
     |                                                                      ^~~~~~~
     = hint: a number with ns, us, ms, s, m or h: 10ms; without a unit, seconds

== a mistake inside a string
[dev eth0] > (BPF,"bad filter")
-- error
test:1:24: error[filter]: syntax error
   1 | [dev eth0] > (BPF,"bad filter")
     |                        ^~~~~~

== a class's own check
[dev eth0] > (sample) > (sample,2,p=0.5) > (hist,width=3)
-- error
test:1:14: error[param-missing]: 'sample' needs n or p
   1 | [dev eth0] > (sample) > (sample,2,p=0.5) > (hist,width=3)
     |              ^~~~~~~~
     = hint: (sample,100) passes one packet in 100, (sample,p=1%) each one with that probability
test:1:37: error[param-many]: 'sample' takes n or p, not both
   1 | [dev eth0] > (sample) > (sample,2,p=0.5) > (hist,width=3)
     |                                     ^~~
     |                                 ~ n is given here
test:1:56: error[value-range]: bins of powers of two have no width
   1 | [dev eth0] > (sample) > (sample,2,p=0.5) > (hist,width=3)
     |                                                        ^
     = hint: write (hist,linear,width=…)

== several mistakes in one run
[dev eth0] > (pktcout) > (BPF) > nothing > (search,"x",depth=0)
-- error
test:1:15: error[class-unknown]: no function class 'pktcout'
   1 | [dev eth0] > (pktcout) > (BPF) > nothing > (search,"x",depth=0)
     |               ^~~~~~~
     = hint: did you mean 'pktcount'?
test:1:26: error[param-missing]: 'BPF' needs 'filter'
   1 | [dev eth0] > (pktcout) > (BPF) > nothing > (search,"x",depth=0)
     |                          ^~~~~
     = hint: filter=…: pcap expression
test:1:34: error[name-unknown]: 'nothing' is not defined before here
   1 | [dev eth0] > (pktcout) > (BPF) > nothing > (search,"x",depth=0)
     |                                  ^~~~~~~
test:1:62: error[value-range]: 'depth' takes 1 to 64k
   1 | [dev eth0] > (pktcout) > (BPF) > nothing > (search,"x",depth=0)
     |                                                              ^
