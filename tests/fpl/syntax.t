== a keyword misspelt
retrn 1
-- error
case.fpl:1:1: error[syntax]: 'retrn' begins no statement
   1 | retrn 1
     | ^~~~~
     = hint: did you mean 'return'?

== keywords misspelt, each in its statement
fro (i in 1..3) n++;
if (tcp) { retrun 1; n++; emmit x }
swich (len) { case 54: n++ }
-- error
case.fpl:1:1: error[syntax]: 'fro' begins no statement
   1 | fro (i in 1..3) n++;
     | ^~~
     = hint: did you mean 'for'?
case.fpl:2:12: error[syntax]: 'retrun' begins no statement
   2 | if (tcp) { retrun 1; n++; emmit x }
     |            ^~~~~~
     = hint: did you mean 'return'?
case.fpl:3:1: error[syntax]: 'swich' begins no statement
   3 | swich (len) { case 54: n++ }
     | ^~~~~
     = hint: did you mean 'switch'?

== a keyword misspelt that stands alone
if (tcp) brek;
for (i in 0..3) { contnue; }
-- error
case.fpl:1:10: error[name-unknown]: nothing is called 'brek'
   1 | if (tcp) brek;
     |          ^~~~
     = hint: did you mean 'break'?
case.fpl:2:19: error[name-unknown]: nothing is called 'contnue'
   2 | for (i in 0..3) { contnue; }
     |                   ^~~~~~~
     = hint: did you mean 'continue'?

== words of other languages
while (1) n++;
do { n++ }
loop { n++ }
foreach (i in 1..3) n++;
if (tcp) n++; elif (udp) m++;
if (tcp) n++; elsif (udp) m++;
-- error
case.fpl:1:1: error[syntax]: 'while' begins no statement
   1 | while (1) n++;
     | ^~~~~
     = hint: a loop has an end that is known: for (i in 0..9) { … break; }
case.fpl:2:1: error[syntax]: 'do' begins no statement
   2 | do { n++ }
     | ^~
     = hint: a loop has an end that is known: for (i in 0..9) { … break; }
case.fpl:5:15: error[syntax]: 'elif' begins no statement
   5 | if (tcp) n++; elif (udp) m++;
     |               ^~~~
     = hint: 'else if' is two words
case.fpl:6:15: error[syntax]: 'elsif' begins no statement
   6 | if (tcp) n++; elsif (udp) m++;
     |               ^~~~~
     = hint: 'else if' is two words

== more words of other languages
elseif (udp) m++;
var x 3;
const x 3;
function f { }
func f() { }
def f() { }
print "x";
printf "x";
-- error
case.fpl:1:1: error[syntax]: 'elseif' begins no statement
   1 | elseif (udp) m++;
     | ^~~~~~
     = hint: 'else if' is two words
case.fpl:4:14: error[syntax]: expected a name, found '}'
   4 | function f { }
     |              ^

== words for operators
if (tcp and udp) n++;
if (tcp or udp) n++;
if (not tcp) n++;
if (tcp) { not = 3; }
-- error
case.fpl:1:9: error[syntax]: expected ')' or an operator, found 'and'
   1 | if (tcp and udp) n++;
     |         ^~~
     = hint: 'and' is written '&&'
case.fpl:2:9: error[syntax]: expected ')' or an operator, found 'or'
   2 | if (tcp or udp) n++;
     |         ^~
     = hint: 'or' is written '||'
case.fpl:3:9: error[syntax]: expected ')' or an operator, found 'tcp'
   3 | if (not tcp) n++;
     |         ^~~
     = hint: 'not' is written '!'

== a type instead of let
int x = 3;
u32 y = 3;
int z + 3
-- error
case.fpl:3:7: error[syntax]: '+' can't stand here
   3 | int z + 3
     |       ^

== no brackets around a condition
if tcp { n++ }
-- error
case.fpl:1:4: error[syntax]: expected '(', found 'tcp'
   1 | if tcp { n++ }
     |    ^~~
     = hint: a condition stands in brackets: if (…)

== no brackets around a switch's value
switch len { case 54: n++ }
-- error
case.fpl:1:8: error[syntax]: expected '(', found 'len'
   1 | switch len { case 54: n++ }
     |        ^~~
     = hint: a condition stands in brackets: switch (…)

== a loop as in C
for (i = 0; i < 3; i++) n++; m++
-- error
case.fpl:1:8: error[syntax]: expected 'in', found '='
   1 | for (i = 0; i < 3; i++) n++; m++
     |        ^
     = hint: a loop goes over numbers: for (i in 0..9)

== a loop without a variable
for 3 { n++ }
-- error
case.fpl:1:5: error[syntax]: expected '(', found '3'
   1 | for 3 { n++ }
     |     ^
     = hint: a loop is written 'for (i in 0..9)'

== one '=' in a condition
if (tcp.dport = 80) n++
-- error
case.fpl:1:15: error[syntax]: expected ')' or an operator, found '='
   1 | if (tcp.dport = 80) n++
     |               ^
     = hint: '==' compares

== a comparison as a statement
tcp.dport == 80;
-- error
case.fpl:1:11: error[syntax]: expected ';', an assignment or the end of the text, found '=='
   1 | tcp.dport == 80;
     |           ^~
     = hint: a comparison is no statement: if (…) …

== a condition as a statement
tcp && udp;
-- error
case.fpl:1:5: error[syntax]: expected ';', an assignment or the end of the text, found '&&'
   1 | tcp && udp;
     |     ^~
     = hint: a condition is no statement: if (…) …

== comparisons one behind the other
if (1 < len < 9) n++
-- error
case.fpl:1:13: error[syntax]: expected ')' or an operator, found '<'
   1 | if (1 < len < 9) n++
     |             ^
     = hint: comparisons have no order among them: put brackets around one, or '&&' between

== a ';' is missing
n++ m++;
k++
if (tcp) n++
-- error
case.fpl:1:5: error[syntax]: expected ';' or the end of the text, found 'm'
   1 | n++ m++;
     |     ^
     = hint: is a ';' missing before it?
case.fpl:3:1: error[syntax]: expected ';' or the end of the text, found 'if'
   3 | if (tcp) n++
     | ^~
     = hint: is a ';' missing before it?

== a ';' is missing before else
if (tcp) n++ else m++
-- error
case.fpl:1:14: error[syntax]: expected ';' or the end of the text, found 'else'
   1 | if (tcp) n++ else m++
     |              ^~~~
     = hint: is a ';' missing before it?

== else without if
else n++
-- error
case.fpl:1:1: error[syntax]: expected a statement or the end of the text, found 'else'
   1 | else n++
     | ^~~~
     = hint: there is no 'if' before it

== a bracket is not closed
if (tcp && (udp || icmp { n++ }
-- error
case.fpl:1:25: error[syntax]: expected ')' or an operator, found '{'
   1 | if (tcp && (udp || icmp { n++ }
     |                         ^

== square brackets are not closed
t[ip.src++;
-- error
case.fpl:1:9: error[syntax]: expected ']', ',', ':' or an operator, found '++'
   1 | t[ip.src++;
     |         ^~

== a brace is not closed
if (tcp) { n++; if (udp) { m++; }
-- error
case.fpl:1:34: error[syntax]: expected 'else', '}' or a statement, found the end of the text
   1 | if (tcp) { n++; if (udp) { m++; }
     |                                  ^
     |          ~ this '{' is not closed

== a brace too many
n++ } m++
-- error
case.fpl:1:5: error[syntax]: expected ';' or the end of the text, found '}'
   1 | n++ } m++
     |     ^

== what is expected
let x = ;
n + 1;
return 1 1;
emit x { a = 3 };
hash t[IPv4: counter;
let y: = 3;
t[] = 3;
delete;
x = 3 + ;
emit;
-- error
case.fpl:1:9: error[syntax]: expected an expression, found ';'
   1 | let x = ;
     |         ^
case.fpl:2:3: error[syntax]: expected ';', an assignment or the end of the text, found '+'
   2 | n + 1;
     |   ^
case.fpl:3:10: error[syntax]: expected ';', an operator or the end of the text, found '1'
   3 | return 1 1;
     |          ^
case.fpl:4:12: error[syntax]: expected '}', ',' or ':', found '='
   4 | emit x { a = 3 };
     |            ^
case.fpl:5:21: error[syntax]: expected ']' or ',', found ';'
   5 | hash t[IPv4: counter;
     |                     ^

== words of the language are no names
let in = 3;
let if = 3;
-- error
case.fpl:1:5: error[syntax]: expected a name, found 'in'
   1 | let in = 3;
     |     ^~
     = hint: 'in' is a word of the language
case.fpl:2:5: error[syntax]: expected a name, found 'if'
   2 | let if = 3;
     |     ^~
     = hint: 'if' is a word of the language

== nothing but an operator
+
-- error
case.fpl:1:1: error[syntax]: expected a statement or the end of the text, found '+'
   1 | +
     | ^

== case outside of a switch
case 3: n++
-- error
case.fpl:1:1: error[syntax]: expected a statement or the end of the text, found 'case'
   1 | case 3: n++
     | ^~~~
     = hint: 'case' and 'default' stand in a switch, or a ';' is missing before it

== a switch without case
switch (len) { 54: n++ }
-- error
case.fpl:1:16: error[syntax]: expected 'case', 'default' or '}', found '54'
   1 | switch (len) { 54: n++ }
     |                ^~

== mistakes in several statements
let x = ;
m +;
if (len > ) n++;
k++
-- error
case.fpl:1:9: error[syntax]: expected an expression, found ';'
   1 | let x = ;
     |         ^
case.fpl:2:3: error[syntax]: expected ';', an assignment or the end of the text, found '+'
   2 | m +;
     |   ^
case.fpl:3:11: error[syntax]: expected an expression, found ')'
   3 | if (len > ) n++;
     |           ^

== mistakes in one pair of brackets are one
if (((1 + + * 2) 3 4 = 5) n++; m m
-- error
case.fpl:1:11: error[syntax]: expected an expression, found '+'
   1 | if (((1 + + * 2) 3 4 = 5) n++; m m
     |           ^

== a character that means nothing
n = § + 1; m = `x`
-- error
case.fpl:1:5: error[char-unexpected]: '§' has no meaning here
   1 | n = § + 1; m = `x`
     |     ^
case.fpl:1:8: error[syntax]: expected an expression, found '+'
   1 | n = § + 1; m = `x`
     |       ^
case.fpl:1:17: error[char-unexpected]: '`' has no meaning here
   1 | n = § + 1; m = `x`
     |                ^
case.fpl:1:19: error[char-unexpected]: '`' has no meaning here
   1 | n = § + 1; m = `x`
     |                  ^

== a text in single quotes
if (BPF('tcp')) n++
-- error
case.fpl:1:9: error[char-unexpected]: 'tcp' has no meaning here
   1 | if (BPF('tcp')) n++
     |         ^~~~~
     = hint: a text stands in "…"

== a comment without an end
n++; /* and so on
-- error
case.fpl:1:6: error[string-unterminated]: this comment has no end
   1 | n++; /* and so on
     |      ^~

== a text without an end
if (BPF("tcp)) n++;
m++
-- error
case.fpl:1:9: error[string-unterminated]: this text has no end
   1 | if (BPF("tcp)) n++;
     |         ^~~~~~~~~~~
case.fpl:2:1: error[syntax]: expected ')', ',' or an operator, found 'm'
   2 | m++
     | ^

== what '\' can't stand before
if (BPF("t\cp")) n++
-- error
case.fpl:1:11: error[string-escape]: in a text, '\' stands before '"', '\', 'n' or 't'
   1 | if (BPF("t\cp")) n++
     |           ^~

== a control character [escapes]
n++;\x01
-- error
case.fpl:1:5: error[char-unexpected]: control character 0x01
   1 | n++;<01>
     |     ^~~~

== numbers that are none
n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
-- error
case.fpl:1:5: error[syntax]: '10x' is not a number
   1 | n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
     |     ^~~
     = hint: units are k M G T, Ki Mi Gi Ti, and of time ns us ms s m h d
case.fpl:1:14: error[syntax]: '0x' is not a number
   1 | n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
     |              ^~
     = hint: units are k M G T, Ki Mi Gi Ti, and of time ns us ms s m h d
case.fpl:1:22: error[syntax]: '0xfg' is not a number
   1 | n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
     |                      ^~~~
     = hint: units are k M G T, Ki Mi Gi Ti, and of time ns us ms s m h d
case.fpl:1:34: error[syntax]: expected a name or 'delete', found '5'
   1 | n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
     |                                  ^
case.fpl:1:41: error[syntax]: '10kb' is not a number
   1 | n = 10x; m = 0x; k = 0xfg; l = 1.5; o = 10kb
     |                                         ^~~~
     = hint: units are k M G T, Ki Mi Gi Ti, and of time ns us ms s m h d

== numbers that do not fit
n += 18446744073709551616; m += 18446744073709551615T; k += 0x1ffffffffffffffff
-- error
case.fpl:1:6: error[value-range]: 18446744073709551616 does not fit into 64 bits
   1 | n += 18446744073709551616; m += 18446744073709551615T; k += 0x1ffffffffffffffff
     |      ^~~~~~~~~~~~~~~~~~~~
case.fpl:1:33: error[value-range]: 18446744073709551615T does not fit into 64 bits
   1 | n += 18446744073709551616; m += 18446744073709551615T; k += 0x1ffffffffffffffff
     |                                 ^~~~~~~~~~~~~~~~~~~~~
case.fpl:1:61: error[value-range]: 0x1ffffffffffffffff does not fit into 64 bits
   1 | n += 18446744073709551616; m += 18446744073709551615T; k += 0x1ffffffffffffffff
     |                                                             ^~~~~~~~~~~~~~~~~~~

== addresses that are none
if (ip.src == 192.0.2.300) n++; if (src == 2001::db8::1) n++; if (src == 1:2:3) n++; if (src == ::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:26:27:28) n++
-- error
case.fpl:1:15: error[syntax]: '192.0.2.300' is no address
   1 | if (ip.src == 192.0.2.300) n++; if (src == 2001::db8::1) n++; if (src == 1:2:3) n++; if (src == ::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:…
     |               ^~~~~~~~~~~
case.fpl:1:44: error[syntax]: '2001::db8::1' is no address
   1 | if (ip.src == 192.0.2.300) n++; if (src == 2001::db8::1) n++; if (src == 1:2:3) n++; if (src == ::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:…
     |                                            ^~~~~~~~~~~~
case.fpl:1:74: error[syntax]: '1:2:3' is no address
   1 | … 192.0.2.300) n++; if (src == 2001::db8::1) n++; if (src == 1:2:3) n++; if (src == ::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:2…
     |                                                              ^~~~~
case.fpl:1:97: error[syntax]: this is no address
   1 | …src == 2001::db8::1) n++; if (src == 1:2:3) n++; if (src == ::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:26:27:28) n+…
     |                                                              ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

== prefixes that are none
if (ip.src in 192.0.2.0/33) n++; if (ip.src in 192.0.2.1/24) n++; if (src in 2001:db8::/129) n++; if (src in 2001:db8::1/32) n++
-- error
case.fpl:1:15: error[value-range]: a prefix of these addresses has at most 32 bits
   1 | if (ip.src in 192.0.2.0/33) n++; if (ip.src in 192.0.2.1/24) n++; if (src in 2001:db8::/129) n++; if (src in 2001:db8::1/32) n++
     |               ^~~~~~~~~~~~
case.fpl:1:48: error[value-range]: bits are set behind the first 24 of this prefix
   1 | if (ip.src in 192.0.2.0/33) n++; if (ip.src in 192.0.2.1/24) n++; if (src in 2001:db8::/129) n++; if (src in 2001:db8::1/32) n++
     |                                                ^~~~~~~~~~~~
case.fpl:1:78: error[value-range]: a prefix of these addresses has at most 128 bits
   1 | if (ip.src in 192.0.2.0/33) n++; if (ip.src in 192.0.2.1/24) n++; if (src in 2001:db8::/129) n++; if (src in 2001:db8::1/32) n++
     |                                                                              ^~~~~~~~~~~~~~
case.fpl:1:110: error[value-range]: bits are set behind the first 32 of this prefix
   1 | if (ip.src in 192.0.2.0/33) n++; if (ip.src in 192.0.2.1/24) n++; if (src in 2001:db8::/129) n++; if (src in 2001:db8::1/32) n++
     |                                                                                                              ^~~~~~~~~~~~~~

== nested too deep
let x = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1
-- error
case.fpl:1:210: error[syntax]: expected ')' or an operator, found the end of the text
   1 | …(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1
     |                                                              ^
     |                                                            ~ this '(' is not closed

== nothing but a text
"text"
-- error
case.fpl:1:1: error[syntax]: this does nothing
   1 | "text"
     | ^~~~~~

== a name and a text
foo "text"; class
-- error
case.fpl:1:1: error[syntax]: a name and a text make no statement
   1 | foo "text"; class
     | ^~~
case.fpl:1:13: error[syntax]: this does nothing
   1 | foo "text"; class
     |             ^~~~~

== declarations inside of braces
if (tcp) { hash t[IPv4]: counter; } { manual "x"; }
-- error
case.fpl:1:39: error[syntax]: declarations stand outside of all braces
   1 | if (tcp) { hash t[IPv4]: counter; } { manual "x"; }
     |                                       ^~~~~~~~~~
