#!/usr/bin/env bash
# Two devices, one graph: their programs share the counters.
. "$(dirname "$0")/lib.sh"
topology
pair w0 w1

start v0 '[(dev,v0) | (dev,w0)] > (BPF,"udp") > (pktcount,name=n)'
wait_for 10 attached w0 || die "w0 has no program"
send -i v1 -n 3000 -m udp
v=$SENT
send -i w1 -n 2000 -m udp
w=$SENT
send -i w1 -n 1000 -m tcp
t=$SENT
stop
check "exit status" "$STATUS" 0
check "counted over both" "$(of n state.packets)" $((v + w))
check "the filter saw" "$(json '.functions[] | select(.class == "BPF") | .packets_in')" $((v + w + t))
accounts
check "v0 is free" "$(prog_id v0)" ""
check "w0 is free" "$(prog_id w0)" ""

say "one branch of its own for each device"
start v0 "[dev v0] > (BPF,\"udp\") > (pktcount,name=a); [dev w0] > (pktcount,name=b)"
wait_for 10 attached w0 || die "w0 has no program"
send -i v1 -n 700 -m udp
v=$SENT
send -i w1 -n 500 -m tcp
stop
check "first device" "$(of a state.packets)" "$v"
check "second device" "$(of b state.packets)" "$SENT"
finish
