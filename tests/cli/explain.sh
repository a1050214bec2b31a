#!/usr/bin/env bash
# ffpf explain asks the kernel what it would make of the graph, attaches nothing and leaves nothing; what it can't find out it says.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 30 20
modules=$build/tests/modules

# a savefile needs nobody
run 0 explain "[pcap $tmp/a.pcap]>(BPF,\"tcp\")>(pktcount)"
err_empty
out_lacks '^notice'
run 0 explain --json "[pcap $tmp/a.pcap]>(pktcount)"
json '.notices == [] and .cpus > 0 and .buffer_bytes >= 0'
# no file is written
run 0 explain "[pcap $tmp/a.pcap]>(write,$tmp/out.pcap)"
[ ! -e "$tmp/out.pcap" ] || fail "explain wrote a file"

if [ "$(id -u)" != 0 ] || ! "$ffpf" --replay "[pcap $tmp/a.pcap]>(pktcount)" >/dev/null 2>&1; then
	echo "no XDP programs here: what the kernel says was not looked at"
	finish
	exit
fi

# what the verifier refuses runs higher, and both explain and run say so; nobody is asked with --no-probe
graph="[pcap $tmp/a.pcap]>(explode,name=e)>(pktcount,name=n)"
run 0 --class-path "$modules/explode" explain --replay --no-probe "$graph"
out_has '^e  *explode  *xdp'
out_lacks '^notice'
run 0 --class-path "$modules/explode" explain --replay --json "$graph"
json '.functions[] | select(.name == "e") | .flowspace == "user" and (.refused[0] | .flowspace == "xdp" and (.reason | test("the kernel refused it.*too complex")))'
json '.notices | length == 1 and (.[0] | test("functions moved up from xdp.*too complex"))'
err_empty
run 0 --class-path "$modules/explode" --replay --json "$graph"
json '.functions[] | select(.name == "n") | .flowspace == "user" and .state.packets == 50'
json '.notices | length == 1 and (.[0] | test("functions moved up from xdp"))'
is "$(grep -c 'notice: .*functions moved up from xdp' "$tmp/err")" 1 "notices on stderr"

# without privilege it says that it could not try, and what follows from placement alone
if command -v setpriv >/dev/null && setpriv --bounding-set=-all --inh-caps=-all true 2>/dev/null; then
	setpriv --bounding-set=-all --inh-caps=-all "$ffpf" explain '[dev lo]>(pktcount)' >"$tmp/out" 2>"$tmp/err" || fail "explain without privilege"
	out_has '^notice: not tried out, the kernel might still refuse: .*CAP_BPF'
	out_has '^pktcount0 .* xdp'
fi

# forms without a place for notices have them on stderr
run 0 explain --dot '[dev lo]>(pktcount)'
out_has '^digraph'
out_lacks notice
run 2 explain --no-probe --json --dot '[dev lo]>(pktcount)'
run 2 run --no-probe '[dev lo]>(pktcount)'
finish
