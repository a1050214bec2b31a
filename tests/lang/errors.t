== comma missing
(dev eth0)
-- error
test:1:6: error[syntax]: expected ',' or ')', found 'eth0'
   1 | (dev eth0)
     |      ^~~~
     = hint: in round form arguments are separated by commas: (dev,eth0)

== comma too much
[dev, eth0]
-- error
test:1:5: error[syntax]: expected an argument, '>', '|' or ']', found ','
   1 | [dev, eth0]
     |     ^
     = hint: in square form arguments are separated by blanks: [dev eth0]

== blanks in a value
(BPF,tcp port 80)
-- error
test:1:10: error[syntax]: expected ',' or ')', found 'port'
   1 | (BPF,tcp port 80)
     |          ^~~~
     = hint: arguments are separated by commas; a text with blanks stands in quotes: (BPF,"tcp port 80")

== no brackets
dev eth0 > pktcount
-- error
test:1:5: error[syntax]: expected '>', '|', '=' or the end of the line, found 'eth0'
   1 | dev eth0 > pktcount
     |     ^~~~
     = hint: a function with arguments stands in brackets: [dev eth0]

== no bracket closed
[dev eth0 > (pktcount)
-- error
test:1:11: error[syntax]: expected an argument or ']', found '>'
   1 | [dev eth0 > (pktcount)
     |           ^
     | ~ in this bracket
     = hint: is a ']' missing before it?

== round bracket not closed before '>'
(dev,eth0 > (pktcount)
-- error
test:1:11: error[syntax]: expected ',' or ')', found '>'
   1 | (dev,eth0 > (pktcount)
     |           ^
     | ~ in this bracket
     = hint: is a ')' missing before it?

== bracket open at the end
[ (dev,eth0) | (dev,eth1)
-- error
test:1:26: error[syntax]: expected ']', found the end of the text
   1 | [ (dev,eth0) | (dev,eth1)
     |                          ^
     | ~ this '[' is not closed

== bracket open at the end of a statement
a = (BPF,"tcp"; b > c
-- error
test:1:15: error[syntax]: expected ')', found ';'
   1 | a = (BPF,"tcp"; b > c
     |               ^
     |     ~ this '(' is not closed

== wrong closer
(dev,eth0]>(pktcount)
-- error
test:1:10: error[syntax]: expected ')', found ']'
   1 | (dev,eth0]>(pktcount)
     |          ^
     | ~ this '(' is not closed

== inner bracket not closed
[(dev,eth0] > (pktcount)
-- ast
graph
  chain
    function dev
      word "eth0"
    function pktcount
-- error
test:1:11: error[syntax]: expected ')', found ']'
   1 | [(dev,eth0] > (pktcount)
     |           ^
     |  ~ this '(' is not closed

== closer without an opener
(a)) > b
-- error
test:1:4: error[syntax]: this ')' closes nothing
   1 | (a)) > b
     |    ^

== bracket of an earlier line
[dev
  eth0,
  eth1]
-- error
test:2:7: error[syntax]: expected an argument or ']', found ','
   2 |   eth0,
     |       ^
   1 | [dev
     | ~ in this bracket
     = hint: in square form arguments are separated by blanks: [dev eth0]

== nothing in brackets
() > []
-- error
test:1:2: error[syntax]: expected the name of a class, found ')'
   1 | () > []
     |  ^
test:1:7: error[syntax]: expected a function or a label, found ']'
   1 | () > []
     |       ^

== nothing between
a > > b | | c
-- error
test:1:5: error[syntax]: expected a function, found '>'
   1 | a > > b | | c
     |     ^

== ends with '>'
a >
-- error
test:1:4: error[syntax]: expected a function, found the end of the text
   1 | a >
     |    ^

== begins with '|'
| a
-- error
test:1:1: error[syntax]: expected a function, found '|'
   1 | | a
     | ^

== two functions without '>'
(a)(b)
-- error
test:1:4: error[syntax]: expected '>', '|' or the end of the line, found '('
   1 | (a)(b)
     |    ^
     = hint: functions are joined by '>'

== arrows
a -> b => c
a->b
-- ast
graph
  chain
    name a
    name b
    name c
graph
  chain
    name a
    name b
-- error
test:1:3: error[syntax]: functions are joined by '>'
   1 | a -> b => c
     |   ^~
     = hint: write '>' alone
test:1:8: error[syntax]: functions are joined by '>'
   1 | a -> b => c
     |        ^~
     = hint: write '>' alone
test:2:2: error[syntax]: functions are joined by '>'
   2 | a->b
     |  ^~
     = hint: write '>' alone

== comparison
(x,a == b)
-- error
test:1:6: error[syntax]: '==' has no meaning here
   1 | (x,a == b)
     |      ^~
     = hint: write '=' once; a comparison stands inside a string: "…"

== pin of a name
a@xdp > [b]@tc
-- error
test:1:2: error[syntax]: expected '>', '|', '=' or the end of the line, found '@'
   1 | a@xdp > [b]@tc
     |  ^
     = hint: only a function is pinned to a flowspace, and to one: (BPF,"tcp")@xdp

== pin without a name
(a)@"xdp"
-- error
test:1:5: error[syntax]: expected the name of a flowspace, found a string
   1 | (a)@"xdp"
     |     ^~~~~

== '@' in a value
[dev veth0@if3] > (dev,veth0@if3)
-- error
test:1:11: error[syntax]: expected an argument or ']', found '@'
   1 | [dev veth0@if3] > (dev,veth0@if3)
     |           ^
     = hint: a value with '@' in it must stand in quotes
test:1:29: error[syntax]: expected ',' or ')', found '@'
   1 | [dev veth0@if3] > (dev,veth0@if3)
     |                             ^
     = hint: a value with '@' in it must stand in quotes

== brackets in a value
(BPF,(tcp)) > [BPF (tcp)]
-- error
test:1:6: error[syntax]: expected a value, found '('
   1 | (BPF,(tcp)) > [BPF (tcp)]
     |      ^
     = hint: a value with brackets in it must stand in quotes
test:1:20: error[syntax]: expected an argument, '>', '|' or ']', found '('
   1 | (BPF,(tcp)) > [BPF (tcp)]
     |                    ^
     = hint: a value with brackets in it must stand in quotes

== round brackets do not group
((a) | (b))
-- error
test:1:2: error[syntax]: expected the name of a class, found '('
   1 | ((a) | (b))
     |  ^
     = hint: the brackets that group functions are square: [ … ]

== the class comes first
[dev=eth0]
-- error
test:1:5: error[syntax]: expected an argument, '>', '|' or ']', found '='
   1 | [dev=eth0]
     |     ^
     = hint: the class stands before its arguments: [dev expr=eth0]

== value missing
[dev eth0 dir=]
(dev,)
(dev,dir=)
-- error
test:1:15: error[syntax]: expected a value, found ']'
   1 | [dev eth0 dir=]
     |               ^
test:2:6: error[syntax]: expected a value, found ')'
   2 | (dev,)
     |      ^
test:3:10: error[syntax]: expected a value, found ')'
   3 | (dev,dir=)
     |          ^

== name of a parameter
(dev,my-name=3)
-- error
test:1:13: error[syntax]: expected ',' or ')', found '='
   1 | (dev,my-name=3)
     |             ^
     = hint: a parameter's name consists of letters, digits and '_'

== string where a function stands
"tcp" > (pktcount)
-- error
test:1:1: error[syntax]: expected a function, found a string
   1 | "tcp" > (pktcount)
     | ^~~~~
     = hint: a function stands in brackets: (BPF,"tcp")

== word where a function stands
eth0.100 > (pktcount)
-- error
test:1:1: error[syntax]: expected a function, found 'eth0.100'
   1 | eth0.100 > (pktcount)
     | ^~~~~~~~
     = hint: a name consists of letters, digits and '_', and does not begin with a digit

== reserved words
else > a
a > use
use file
use
-- error
test:1:6: error[syntax]: expected '=', found '>'
   1 | else > a
     |      ^
     = hint: 'use' and 'else' are reserved
test:2:5: error[syntax]: expected a function, found 'use'
   2 | a > use
     |     ^~~
     = hint: 'use' and 'else' are reserved
test:3:5: error[syntax]: expected the name of a file in quotes or '=', found 'file'
   3 | use file
     |     ^~~~
     = hint: write use "FILE"
test:4:4: error[syntax]: expected the name of a file in quotes or '=', found the end of the text
   4 | use
     |    ^
     = hint: write use "FILE"

== not a label
a > [web: b | 64k: c | 1..: d | 0x: e]
-- error
test:1:6: error[syntax]: 'web' is not a label
   1 | a > [web: b | 64k: c | 1..: d | 0x: e]
     |      ^~~
     = hint: a label is a number, a range such as 2..9, or 'else'
test:1:15: error[syntax]: '64k' is not a label
   1 | a > [web: b | 64k: c | 1..: d | 0x: e]
     |               ^~~
     = hint: a label is a number, a range such as 2..9, or 'else'
test:1:24: error[syntax]: '1..' is not a label
   1 | a > [web: b | 64k: c | 1..: d | 0x: e]
     |                        ^~~
     = hint: a label is a number, a range such as 2..9, or 'else'
test:1:33: error[syntax]: '0x' is not a label
   1 | a > [web: b | 64k: c | 1..: d | 0x: e]
     |                                 ^~
     = hint: a label is a number, a range such as 2..9, or 'else'

== label missing
a > [1: b | (c)]
-- error
test:1:13: error[syntax]: expected a label, found '('
   1 | a > [1: b | (c)]
     |             ^
     = hint: each branch of a route begins with a label: 1: …, 2..9: … or else: …

== label too much
a > [b | 2: c]
-- error
test:1:10: error[syntax]: expected a function, found '2'
   1 | a > [b | 2: c]
     |          ^
     = hint: either every branch has a label, or none has

== label outside brackets
a: b
-- error
test:1:2: error[syntax]: expected '>', '|', '=' or the end of the line, found ':'
   1 | a: b
     |  ^
     = hint: labels stand in square brackets: [1: … | else: …]

== labels out of range
a > [9..2: b | 4294967296: c | 0..0xfffffffff: d | 99999999999999999999999: e]
-- error
test:1:6: error[label-range]: this range ends before it begins
   1 | a > [9..2: b | 4294967296: c | 0..0xfffffffff: d | 99999999999999999999999: e]
     |      ^~~~
     = hint: write 2..9
test:1:16: error[label-range]: a label is a 32-bit number, at most 4294967295
   1 | a > [9..2: b | 4294967296: c | 0..0xfffffffff: d | 99999999999999999999999: e]
     |                ^~~~~~~~~~
test:1:32: error[label-range]: a label is a 32-bit number, at most 4294967295
   1 | a > [9..2: b | 4294967296: c | 0..0xfffffffff: d | 99999999999999999999999: e]
     |                                ^~~~~~~~~~~~~~
test:1:52: error[label-range]: a label is a 32-bit number, at most 4294967295
   1 | a > [9..2: b | 4294967296: c | 0..0xfffffffff: d | 99999999999999999999999: e]
     |                                                    ^~~~~~~~~~~~~~~~~~~~~~~

== several errors in one run, and what was understood
a = (dev eth0)
b = (x) > [y, z] | (ok,1) | (p q r s
,t) (u)
c = (fine)
(dev,) > c > > b
-- ast
define b
  parallel
    function x
    function ok
      word "1"
define c
  function fine
graph
  chain
    name c
    name b
-- error
test:1:10: error[syntax]: expected ',' or ')', found 'eth0'
   1 | a = (dev eth0)
     |          ^~~~
     = hint: in round form arguments are separated by commas: (dev,eth0)
test:2:13: error[syntax]: expected an argument, '>', '|' or ']', found ','
   2 | b = (x) > [y, z] | (ok,1) | (p q r s
     |             ^
     = hint: in square form arguments are separated by blanks: [dev eth0]
test:2:32: error[syntax]: expected ',' or ')', found 'q'
   2 | b = (x) > [y, z] | (ok,1) | (p q r s
     |                                ^
     = hint: in round form arguments are separated by commas: (dev,eth0)
test:3:5: error[syntax]: expected '>', '|' or the end of the line, found '('
   3 | ,t) (u)
     |     ^
     = hint: functions are joined by '>'
test:5:6: error[syntax]: expected a value, found ')'
   5 | (dev,) > c > > b
     |      ^
test:5:14: error[syntax]: expected a function, found '>'
   5 | (dev,) > c > > b
     |              ^

== no cascade after an error inside brackets
[dev eth0 > [a > (b,c) | d] > e] > f
-- error
test:1:11: error[syntax]: expected an argument or ']', found '>'
   1 | [dev eth0 > [a > (b,c) | d] > e] > f
     |           ^
     | ~ in this bracket
     = hint: is a ']' missing before it?

== string without an end
(BPF,"tcp) > (pktcount)
b > c d
-- error
test:1:6: error[string-unterminated]: this string has no end
   1 | (BPF,"tcp) > (pktcount)
     |      ^~~~~~~~~~~~~~~~~~
     = hint: strings end with '"' on the line they began on; {…} may span lines
test:2:7: error[syntax]: expected '>', '|' or the end of the line, found 'd'
   2 | b > c d
     |       ^
     = hint: a function with arguments stands in brackets: [dev eth0]

== string without an end at the end
(BPF,"tcp
-- error
test:1:6: error[string-unterminated]: this string has no end
   1 | (BPF,"tcp
     |      ^~~~
     = hint: strings end with '"' on the line they began on; {…} may span lines

== string without an end, last line [escapes]
(BPF,"tcp\x5c
-- error
test:1:6: error[string-unterminated]: this string has no end
   1 | (BPF,"tcp\
     |      ^~~~~
     = hint: strings end with '"' on the line they began on; {…} may span lines

== escapes
(BPF,"a\nb \. \é")
-- error
test:1:8: error[string-escape]: unknown escape '\n' in a string
   1 | (BPF,"a\nb \. \é")
     |        ^~
     = hint: strings know \" and \\ only; write \\ for a backslash, or use {…}
test:1:12: error[string-escape]: unknown escape '\.' in a string
   1 | (BPF,"a\nb \. \é")
     |            ^~
     = hint: strings know \" and \\ only; write \\ for a backslash, or use {…}
test:1:15: error[string-escape]: unknown escape '\é' in a string
   1 | (BPF,"a\nb \. \é")
     |               ^~
     = hint: strings know \" and \\ only; write \\ for a backslash, or use {…}

== raw text without an end
a = (FPL,{ if { }
b > c
-- error
test:1:10: error[brace-unbalanced]: this '{' is never closed
   1 | a = (FPL,{ if { }
     |          ^

== closing brace
a } > b
-- error
test:1:3: error[brace-unbalanced]: this '}' closes nothing
   1 | a } > b
     |   ^

== undefined variables
(a,$PROT,"x $port y",{ $nothing }) > (b,$DEV)
-- error
test:1:4: error[variable-undefined]: no variable 'PROT'
   1 | (a,$PROT,"x $port y",{ $nothing }) > (b,$DEV)
     |    ^~~~~
     = hint: did you mean '$PORT'?
test:1:13: error[variable-undefined]: no variable 'port'
   1 | (a,$PROT,"x $port y",{ $nothing }) > (b,$DEV)
     |             ^~~~~
     = hint: did you mean '$PORT'?
test:1:24: error[variable-undefined]: no variable 'nothing'
   1 | (a,$PROT,"x $port y",{ $nothing }) > (b,$DEV)
     |                        ^~~~~~~~
     = hint: give it a value with -D nothing=VALUE, or write $$ for a literal '$'

== a dollar alone
(a,$) > (b,$5) > (c,${X})
-- error
test:1:4: error[char-unexpected]: unexpected character '$'
   1 | (a,$) > (b,$5) > (c,${X})
     |    ^
     = hint: a variable is written $NAME
test:1:12: error[char-unexpected]: unexpected character '$'
   1 | (a,$) > (b,$5) > (c,${X})
     |            ^
     = hint: a variable is written $NAME
test:1:21: error[char-unexpected]: unexpected character '$'
   1 | (a,$) > (b,$5) > (c,${X})
     |                     ^
     = hint: a variable is written $NAME

== single quotes
(BPF,'tcp port 80') > (BPF,'tcp)
-- ast
graph
  chain
    function BPF
      string "tcp port 80"
    function BPF
      word "tcp"
-- error
test:1:6: error[char-unexpected]: single quotes do not make a string
   1 | (BPF,'tcp port 80') > (BPF,'tcp)
     |      ^~~~~~~~~~~~~
     = hint: strings stand in double quotes: "tcp port 80"
test:1:28: error[char-unexpected]: unexpected character '''
   1 | (BPF,'tcp port 80') > (BPF,'tcp)
     |                            ^
     = hint: strings stand in double quotes: "…"

== typographic quotes
(BPF,“tcp port 80”) > (BPF,‘tcp’) > (BPF,„udp") > (BPF,“x)
-- ast
graph
  chain
    function BPF
      string "tcp port 80"
    function BPF
      string "tcp"
    function BPF
      string "udp"
    function BPF
      word "x"
-- error
test:1:6: error[char-unexpected]: typographic quotes do not make a string
   1 | (BPF,“tcp port 80”) > (BPF,‘tcp’) > (BPF,„udp") > (BPF,“x)
     |      ^~~~~~~~~~~~~
     = hint: strings stand in double quotes: "tcp port 80"
test:1:32: error[char-unexpected]: typographic quotes do not make a string
   1 | (BPF,“tcp port 80”) > (BPF,‘tcp’) > (BPF,„udp") > (BPF,“x)
     |                            ^~~~~
     = hint: strings stand in double quotes: "tcp"
test:1:50: error[char-unexpected]: typographic quotes do not make a string
   1 | (BPF,“tcp port 80”) > (BPF,‘tcp’) > (BPF,„udp") > (BPF,“x)
     |                                          ^~~~~
     = hint: strings stand in double quotes: "udp"
test:1:66: error[char-unexpected]: unexpected character '“'
   1 | (BPF,“tcp port 80”) > (BPF,‘tcp’) > (BPF,„udp") > (BPF,“x)
     |                                                        ^
     = hint: a value with such characters must stand in quotes

== characters that mean nothing
(BPF,tcp && udp)
a < b
a → b
ä > b
a \
(len,<100)
-- error
test:1:10: error[char-unexpected]: unexpected character '&'
   1 | (BPF,tcp && udp)
     |          ^~
     = hint: a value with such characters must stand in quotes
test:2:3: error[char-unexpected]: unexpected character '<'
   2 | a < b
     |   ^
     = hint: packets flow from left to right: '>'
test:3:3: error[char-unexpected]: unexpected character '→'
   3 | a → b
     |   ^
     = hint: functions are joined by '>'
test:4:1: error[char-unexpected]: unexpected character 'ä'
   4 | ä > b
     | ^
     = hint: a name consists of the letters a to z, digits and '_'
test:5:3: error[char-unexpected]: unexpected character '\'
   5 | a \
     |   ^
     = hint: no sign is needed to go on: a line may end after '>', or inside brackets
test:6:6: error[char-unexpected]: unexpected character '<'
   6 | (len,<100)
     |      ^
     = hint: a value with such characters must stand in quotes

== control characters [escapes]
(a\x00b)\x01\x02 > c\x7f\rx\x1b
-- error
test:1:3: error[char-unexpected]: control character 0x00
   1 | (a<00>b)<01><02> > c<7F><0D>x<1B>
     |   ^~~~
test:1:6: error[char-unexpected]: control character 0x01
   1 | (a<00>b)<01><02> > c<7F><0D>x<1B>
     |         ^~~~~~~~
test:1:12: error[char-unexpected]: control character 0x7f
   1 | (a<00>b)<01><02> > c<7F><0D>x<1B>
     |                     ^~~~~~~~
test:1:15: error[char-unexpected]: control character 0x1b
   1 | (a<00>b)<01><02> > c<7F><0D>x<1B>
     |                              ^~~~

== not UTF-8 [escapes]
(a,"\xff\xfe ok \xc0\x80 \xed\xa0\x80 \xe2\x82")
-- error
test:1:5: error[char-unexpected]: byte 0xff is not UTF-8
   1 | (a,"<FF><FE> ok <C0><80> <ED><A0><80> <E2><82>")
     |     ^~~~~~~~
test:1:11: error[char-unexpected]: byte 0xc0 is not UTF-8
   1 | (a,"<FF><FE> ok <C0><80> <ED><A0><80> <E2><82>")
     |                 ^~~~~~~~
test:1:14: error[char-unexpected]: byte 0xed is not UTF-8
   1 | (a,"<FF><FE> ok <C0><80> <ED><A0><80> <E2><82>")
     |                          ^~~~~~~~~~~~
test:1:18: error[char-unexpected]: byte 0xe2 is not UTF-8
   1 | (a,"<FF><FE> ok <C0><80> <ED><A0><80> <E2><82>")
     |                                       ^~~~~~~~
