#!/usr/bin/env bash
# What goes along with packets from xdp to tc: with GRO on, as many packets come up as were sent, unmerged; more classes
# than the metadata has room for move the source's functions up, which explain and the run say.
. "$(dirname "$0")/lib.sh"
topology
rx "$TOOLS/tchold" -i v0 -q >"$TMP/out" 2>"$TMP/why" || skip "no TCX here: $(cat "$TMP/why")"

say "GRO on: TCP segments that it would merge"
rx ethtool -K v0 gro on
launch '[(dev,v0)@xdp] > (BPF,"tcp",name=f)@xdp > (pktcount,name=t)@tc > (pktcount,name=u)@user'
send -m tcp -s 1400 -F 1 -n 3000
stop
check "exit status" "$STATUS" 0
check "all came, one by one" "$(of t state.packets) $(of u state.packets)" "$SENT $SENT"
check "what crossed" "$(json '[.barriers[] | "\(.from)>\(.to) \(.packets) \(.lost)"] | sort | join(" ")')" "tc>user $SENT 0 xdp>tc $SENT 0"
accounts
lossless
rx ethtool -K v0 gro off

# graph N PIN: N filters, a counter behind each at tc
graph() {
	local i arms=
	for ((i = 1; i <= $1; i++)); do
		arms+="${arms:+ | }(BPF,\"udp and greater $i\",name=f$i)$2 > (pktcount,name=n$i)@tc"
	done
	echo "[dev v0] > [$arms]"
}
say "as many classes as there is room for"
launch "$(graph 46 @xdp)"
send -m udp -n 200
stop
check "exit status" "$STATUS" 0
check "all came" "$(json '[.functions[] | select(.class == "pktcount") | .state.packets] | unique | tostring')" "[$SENT]"
accounts
lossless
check "where filters run" "$(of f1 flowspace)" xdp

say "more of them"
rx "$FFPF" explain "$(graph 60 "")" >"$TMP/explained" 2>"$TMP/err"
check "explain: exit status" $? 0
check_text "explain" "$TMP/explained" 'f1 .*tc .*room for [0-9]+ classes, and 60 go up'
launch "$(graph 60 "")"
send -m udp -n 200
stop
check "exit status" "$STATUS" 0
check "all came" "$(json '[.functions[] | select(.class == "pktcount") | .state.packets] | unique | tostring')" "[$SENT]"
check "where filters run" "$(json '[.functions[].flowspace] | unique | join(" ")')" tc
check "a notice" "$(json '.notices | map(select(test("room for [0-9]+ classes"))) | length > 0')" true
accounts
lossless

say "pinned below: an error"
run run -d 1 "$(graph 60 @xdp)"
check "exit status" "$STATUS" 2
check_text "which says why" "$TMP/err" 'room for [0-9]+ classes'
finish
