#!/usr/bin/env bash
# Where the tag is decides where a VLAN filter may run: the sending end of a veth keeps it in metadata, out of sight of
# xdp, unless its two transmit offloads are off. Then it runs at tc, which sees the tag at its place.
. "$(dirname "$0")/lib.sh"
topology

tag() { tagged "$TX" v1 "$@"; }
level() { rx "$FFPF" explain --json '[dev v0] > (BPF,"vlan 5") > (pktcount)' 2>/dev/null | jq -r '.functions[] | select(.class == "BPF") | .flowspace'; }

say "offloads on: the tag is not in the bytes"
rx "$FFPF" explain --json '[dev v0] > (BPF,"vlan 5") > (pktcount)' >"$TMP/out" 2>"$TMP/err"
check "a VLAN filter runs at tc" "$(jq -r '.functions[] | select(.class == "BPF") | .flowspace' "$TMP/out")" tc
check "with the reason" "$(jq '[.functions[] | select(.class == "BPF") | .refused[] | select(.flowspace == "xdp" and (.reason | test("outside of the packets. bytes")))] | length' "$TMP/out")" 1
rx "$FFPF" -d 0.1 '[(dev,v0)@xdp] > (BPF,"not vlan")@user > (pktcount)' >"$TMP/out" 2>"$TMP/err"
check "of copies of what xdp saw it can't" $? 2
check "and says why" "$(grep -c "keeps them outside of the packets' bytes" "$TMP/err")" 1
begin() { ip netns exec "$RX" "$FFPF" run --json --no-progress -d "$LIMIT" "$1" >"$TMP/out.json" 2>"$TMP/err" & FFPF_PID=$!; sleep 1; }
begin '[dev v0] > [(BPF,"vlan 5 and udp") > (pktcount,name=five) | (BPF,"vlan 6") > (pktcount,name=six) | (pktcount,name=all)]'
tag send -n 1000
stop
check "counts" "$(of five state.packets) $(of six state.packets) $(of all state.packets)" "$SENT 0 $SENT"
check "all at xdp, VLANs at tc" "$(of all flowspace) $(of five flowspace)" "xdp tc"
accounts
lossless
check "a filter that asks for no tag is" "$(rx "$FFPF" explain --json '[dev v0] > (BPF,"udp") > (pktcount)' 2>/dev/null |
	jq -r '.functions[] | select(.class == "BPF") | .flowspace')" xdp

rx "$FFPF" -d 0.1 "[dev v0] > (write,$TMP/none.pcap)" >"$TMP/out" 2>"$TMP/err"
check "who stores packets is told" "$(grep -c "VLAN tags outside of the packets' bytes" "$TMP/err")" 1
rx "$FFPF" -d 0.1 '[dev v0] > (print)' >"$TMP/out" 2>"$TMP/err"
check "who does not is not" "$(grep -c "VLAN tags" "$TMP/err")" 0

say "offloads off: the tag is in the bytes"
tx ethtool -K v1 txvlan off
tx ethtool -K v1 tx-vlan-stag-hw-insert off
start v0 '[dev v0 vlan=data] > [(BPF,"vlan 5 and udp") > (pktcount,name=five) | (BPF,"vlan 6") > (pktcount,name=six) | (pktcount,name=all)]'
tag send -n 1000
stop
check "exit status" "$STATUS" 0
check "vlan 5" "$(of five state.packets)" "$SENT"
check "vlan 6" "$(of six state.packets)" 0
check "all" "$(of all state.packets)" "$SENT"
check "where it ran" "$(json '[.functions[] | select(.class == "BPF") | .flowspace] | unique | join(" ")')" xdp
accounts

say "both ends in one namespace: found out without vlan=data"
ip -n "$RX" link add a0 type veth peer name a1
rx ethtool -K a1 txvlan off
check "one offload is left" "$(rx "$FFPF" explain --json '[dev a0] > (BPF,"vlan 5") > (pktcount)' 2>/dev/null | jq -r '.functions[] | select(.class == "BPF") | .flowspace' | grep -c xdp)" 0
rx ethtool -K a1 tx-vlan-stag-hw-insert off
check "none is left" "$(rx "$FFPF" explain --json '[dev a0] > (BPF,"vlan 5") > (pktcount)' 2>/dev/null | jq -r '.functions[] | select(.class == "BPF") | .flowspace')" xdp
finish
