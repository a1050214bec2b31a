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

# Each packet is lost to every function that it was meant for, and once at the barrier and in all.
for preference in --fast-reader --slow-reader; do
	say "$preference, several functions above, results while it runs"
	start v0 --buffer 64k $preference -i 0.2 '[dev v0 take=yes] > [(zip,9,name=a)|(zip,9,name=b)|(BPF,"udp",name=udp)>(zip,9,name=c)|(BPF,"tcp")>(zip,9,name=d)]'
	blast -n 60000 -s 300 -k 64
	sleep 1
	stop
	check "exit status" "$STATUS" 0
	cp "$TMP/out.json" "$TMP/all.json"
	check "at every function, in every document" \
		"$(json '[.functions[] | select(.packets_in != .packets_out + .filtered + .lost) | .name] | join(" ")' | sort -u)" ""
	check "no document has a barrier that lost more than the whole" "$(json 'select(.lost < .barriers[0].lost) | .lost')" ""
	# The traffic is over: what is told while running is what is told at the end.
	figures='[.functions[] | [.name, .packets_in, .packets_out, .lost]], .barriers[0].lost, .lost'
	check "before the end as at the end" "$(tail -n 2 "$TMP/all.json" | head -n 1 | jq -c "$figures")" "$(tail -n 1 "$TMP/all.json" | jq -c "$figures")"
	tail -n 1 "$TMP/all.json" >"$TMP/out.json"
	lost=$(json '.barriers[0].lost')
	check "the readers were too slow, as the test wants" "$([ "$lost" -gt 0 ] && echo yes)" yes
	check "sent to a" "$(of a packets_in)" "$SENT"
	check "lost by a, b, c" "$(of a lost) $(of b lost) $(of c lost)" "$lost $lost $(($(of udp packets_out) - $(json '.barriers[0].packets')))"
	check "the total of lost" "$(json .lost)" "$lost"
done
finish
