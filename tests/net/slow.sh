#!/usr/bin/env bash
# A reader that is much too slow, behind a tiny buffer: packets are lost, and every one of them is accounted for.
. "$(dirname "$0")/lib.sh"
topology

for preference in --fast-reader --slow-reader; do
	say "$preference"
	start v0 --buffer 64k $preference '[dev v0 take=yes] > (pktcount,name=below) > (zip,9,name=slow) > (pktcount,name=above)'
	blast -n 300000 -s 300 -k 64
	sleep 1
	stop
	check "exit status" "$STATUS" 0
	check "counted below" "$(of below state.packets)" "$SENT"
	accounts
	up=$(json '.barriers[] | select(.from == "xdp") | .packets')
	lost=$(json '.barriers[] | select(.from == "xdp") | .lost')
	echo "read $up, lost $lost of $SENT"
	check "read + lost = sent" $((up + lost)) "$SENT"
	check "the reader was too slow, as the test wants" "$([ "$lost" -gt 0 ] && echo yes)" yes
	check "something was read" "$([ "$up" -gt 0 ] && echo yes)" yes
	check "above = read" "$(of above state.packets)" "$up"
	check "the total of lost" "$(json .lost)" "$lost"
done
finish
