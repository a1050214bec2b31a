== words
[a eth0.100 br-lan 64k 10ms 1Gbit 2..9 0x10 -5 .5 50% a+b a*b ~/x]
-- ast
graph
  function a
    word "eth0.100"
    word "br-lan"
    word "64k"
    word "10ms"
    word "1Gbit"
    word "2..9"
    word "0x10"
    word "-5"
    word ".5"
    word "50%"
    word "a+b"
    word "a*b"
    word "~/x"

== addresses
[a 02:00:00:00:00:01 2001:db8::1/32 ::1 :: 192.0.2.0/24] > (b,02:00:00:00:00:01,mac=02:00:00:00:00:01,::1/128)
-- ast
graph
  chain
    function a
      word "02:00:00:00:00:01"
      word "2001:db8::1/32"
      word "::1"
      word "::"
      word "192.0.2.0/24"
    function b
      word "02:00:00:00:00:01"
      word mac="02:00:00:00:00:01"
      word "::1/128"

== files
[file /tmp/a-b.pcap] > (file,-) > (file,./x,../y)
-- ast
graph
  chain
    function file
      word "/tmp/a-b.pcap"
    function file
      word "-"
    function file
      word "./x"
      word "../y"

== the colon of a label is not part of a word
[1:a|0x2:b|else:c]
-- ast
graph
  route
    1:
      name a
    2:
      name b
    else:
      name c

== strings
(a,"tcp","","a \"b\" \\","it's {fine} [here] # too; $ $5")
-- ast
graph
  function a
    string "tcp"
    string ""
    string "a \"b\" \\"
    string "it's {fine} [here] # too; $ $5"

== raw text
(FPL,{ if (udp.dport == 53) { n++; return 1 } })
-- ast
graph
  function FPL
    raw " if (udp.dport == 53) { n++; return 1 } "

== raw text over several lines
(FPL,{
	a;	# not a comment of ours
	b
}) > c
-- ast
graph
  chain
    function FPL
      raw "\n\x09a;\x09# not a comment of ours\n\x09b\n"
    name c

== braces between quotes and as characters do not count in raw text
(FPL,{ a = "}"; b = '}'; c = '{'; d = "\"}{{"; e = '"'; })
-- ast
graph
  function FPL
    raw " a = \"}\"; b = '}'; c = '{'; d = \"\\\"}{{\"; e = '\"'; "

== a quote without a partner on its line is ordinary in raw text
(FPL,{ it's "half }) > (FPL,{
" }) > (FPL,{ \" })
-- ast
graph
  chain
    function FPL
      raw " it's \"half "
    function FPL
      raw "\n\" "
    function FPL
      raw " \\\" "

== variables
[dev $DEV] > (BPF,"port $PORT") > (FPL,{ if (x == $PORT) { } }) > (a,port=$PORT,x$EMPTY,$DEV.$PORT,$ODD,"$ODD",{$ODD})
-- ast
graph
  chain
    function dev
      word "eth0"
    function BPF
      string "port 80"
    function FPL
      raw " if (x == 80) { } "
    function a
      word port="80"
      word "x"
      word "eth0.80"
      word "a \"b\" }"
      string "a \"b\" }"
      raw "a \"b\" }"

== a literal dollar sign
(a,"$$PORT $$ $ $5 $",{$$PORT $1 $})
-- ast
graph
  function a
    string "$PORT $ $ $5 $"
    raw "$PORT $1 $"

== a variable as a label
a > [$PORT: b | else: c]
-- ast
graph
  chain
    name a
    route
      80:
        name b
      else:
        name c
