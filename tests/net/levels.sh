#!/usr/bin/env bash
# Functions at xdp, tc and user of one graph: a packet goes up level by level, and what xdp found out about it travels in
# its metadata. The same counts whatever the spread.
. "$(dirname "$0")/lib.sh"
topology
need_tcx

# try WHAT BPF1 BPF2 COUNT: the levels of two filters, one behind the other, and of what counts
try() {
	say "$1"
	start v0 "[(dev,v0)@xdp] > [(BPF,\"udp or tcp\")@$2 > [(BPF,\"tcp\")@$3 > (pktcount,name=tcp)@$4 | (BPF,\"udp\")@$3 > (pktcount,name=udp)@$4] | (pktcount,name=all)@$2]"
	send -m udp -n 3000
	udp=$SENT
	send -m tcp -n 2000
	tcp=$SENT
	stop
	check "exit status" "$STATUS" 0
	check "counts" "$(of tcp state.packets) $(of udp state.packets) $(of all state.packets)" "$tcp $udp $((udp + tcp))"
	accounts
	lossless
}
for way in tcx clsact; do
	[ $way = tcx ] && unset FFPF_TC_CLSACT || export FFPF_TC_CLSACT=1
	try "$way: xdp, then tc" xdp tc tc
	check "what crossed" "$(json '[.barriers[] | "\(.from)>\(.to) \(.packets) \(.lost)"] | join(" ")')" "xdp>tc $((udp + tcp)) 0"
	try "$way: nothing but the device at xdp" tc tc tc
	try "$way: xdp, tc, user" xdp tc user
	check "what crossed" "$(json '[.barriers[] | "\(.from)>\(.to) \(.packets) \(.lost)"] | sort | join(" ")')" "tc>user $((udp + tcp)) 0 xdp>tc $((udp + tcp)) 0"
	try "$way: xdp, and user past tc" xdp xdp user
done
unset FFPF_TC_CLSACT

say "take: what goes up is taken where its last function is"
before=$(received)
start v0 '[(dev,v0,take=yes)@xdp] > [(BPF,"udp")@xdp > (pktcount,name=udp)@tc | (BPF,"icmp")@xdp > (pktcount,name=icmp)@xdp]'
send -m udp -n 1000
send -m tcp -n 500
stop
check "UDP was taken, TCP was not" "$(($(received) - before)) $(of udp state.packets)" "$SENT 1000"
accounts

say "drop at tc of what xdp chose"
before=$(received)
start v0 '[(dev,v0)@xdp] > (BPF,"udp")@xdp > (drop,name=d)@tc'
send -m udp -n 1000
send -m tcp -n 500
stop
check "UDP was dropped" "$(($(received) - before)) $(of d packets_in)" "$SENT 1000"
accounts
finish
