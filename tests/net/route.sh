#!/usr/bin/env bash
# Routing by class: each packet takes the arm of its class, else the last one, or leaves the flow.
. "$(dirname "$0")/lib.sh"
topology

"$TOOLS/gencap" -n 3000 -s internet -m tcp=3,udp=2,icmp -S 41 "$TMP/mix.pcap"
tcp=$(count_frames "$TMP/mix.pcap" tcp)
udp=$(count_frames "$TMP/mix.pcap" udp)
icmp=$(count_frames "$TMP/mix.pcap" icmp)

classify='[(BPF,"tcp",class=1) | (BPF,"udp",class=7) | (BPF,"icmp",class=9)]'
say "arms with a number, a range and else"
start v0 "[dev v0] > $classify > [1: (pktcount,name=one) | 5..8: (pktcount,name=range) | else: (pktcount,name=rest)]"
send -r "$TMP/mix.pcap"
stop
check "exit status" "$STATUS" 0
check "1" "$(of one state.packets)" "$tcp"
check "5..8" "$(of range state.packets)" "$udp"
check "else" "$(of rest state.packets)" "$icmp"
check "where it ran" "$(json '[.functions[].flowspace] | unique | join(" ")')" xdp
accounts

say "no else: the others leave the flow; an arm that crosses to userspace"
start v0 "[dev v0] > $classify > [1: (pktcount,name=one) | 7: (write,$TMP/udp.pcap)]"
send -r "$TMP/mix.pcap"
stop
check "1" "$(of one state.packets)" "$tcp"
check "7, in userspace" "$(frames "$TMP/udp.pcap" | md5sum)" "$(frames "$TMP/mix.pcap" udp | md5sum)"
accounts

say "classes cross the barrier: routed in userspace"
start v0 "[dev v0] > $classify > (zip,1) > [1: (pktcount,name=one) | 5..8: (pktcount,name=range) | else: (pktcount,name=rest)]"
send -r "$TMP/mix.pcap"
stop
check "1" "$(of one state.packets)" "$tcp"
check "5..8" "$(of range state.packets)" "$udp"
check "else" "$(of rest state.packets)" "$icmp"
check "where it was routed" "$(of one flowspace)" user
accounts
lossless
finish
