#!/usr/bin/env bash
# A function at xdp reacts to what a function at user has learnt of live packets, and the other way round.
. "$(dirname "$0")/lib.sh"
topology
learner=(--class-path "$BUILD/tests/modules/learner")

say "user to xdp"
start v0 "${learner[@]}" '[dev v0] > [(pktcount,name=n)@user | (learner,n,above=100,name=l)]'
send -m udp -n 300 -s 100
first=$SENT
sleep 0.5
send -m udp -n 200 -s 100
stop
check "exit status" "$STATUS" 0
check "where it counts" "$(of n flowspace)" user
check "where it reacts" "$(of l flowspace)" xdp
check "all that followed passed" "$([ "$(of l packets_out)" -ge "$SENT" ] && echo yes)" yes
check "the first hundred did not" "$([ "$(of l packets_out)" -le $((first + SENT - 100)) ] && echo yes)" yes
check "what it knew in the end" "$([ "$(of l state.greatest)" -ge "$first" ] && echo yes)" yes
accounts
lossless

say "xdp to user, a derived result"
start v0 "${learner[@]}" '[dev v0] > [(rate,100ms,name=r) | (learner,r,result=avg_pps,name=l)@user]'
send -m udp -n 300 -s 100
sleep 0.3
send -m udp -n 100 -s 100
stop
check "where it measures" "$(of r flowspace)" xdp
check "where it reads" "$(of l flowspace)" user
check "a rate was seen" "$([ "$(of l state.greatest)" -gt 0 ] && echo yes)" yes
check "all that followed passed" "$([ "$(of l packets_out)" -ge "$SENT" ] && echo yes)" yes
accounts
lossless
finish
