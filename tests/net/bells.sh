#!/usr/bin/env bash
# Each reader thread has a doorbell of its own: a packet wakes the reader of the ring that it went into, and no other.
. "$(dirname "$0")/lib.sh"
topology
[ "$(nproc)" -ge 2 ] || skip "one processor: one ring"

# switches: "TID times" of each thread but the main one, for how often it went to sleep
switches() {
	local t
	for t in /proc/"$FFPF_PID"/task/*; do
		[ "${t##*/}" = "$FFPF_PID" ] || awk -v t="${t##*/}" '/^voluntary_ctxt/ { print t, $2 }' "$t/status"
	done
}

# zip may run in several threads: one for each processor's ring.
start v0 --wakeup each '[dev v0] > (pktcount,name=below) > (zip,1,name=z)'
switches >"$TMP/before"
taskset -c 0 ip netns exec "$TX" "$TOOLS/sendpcap" -i v1 -n 600 -R 300 >"$TMP/line"
sent_of "$(cat "$TMP/line")"
switches >"$TMP/after"
stop
join "$TMP/before" "$TMP/after" | awk '{ print $3 - $2 }' | sort -n >"$TMP/sleeps"
echo "reader threads went to sleep: $(tr '\n' ' ' <"$TMP/sleeps")times, for $SENT packets in 2 s"
check "exit status" "$STATUS" 0
check "counted below" "$(of below state.packets)" "$SENT"
check "read" "$(of z packets_in)" "$SENT"
check "there are several threads" "$([ "$(wc -l <"$TMP/sleeps")" -ge 2 ] && echo yes)" yes
# Without a packet a thread wakes up each 20 ms: some 100 times.
check "a reader whose ring is empty sleeps on" "$([ "$(head -n 1 "$TMP/sleeps")" -lt $((SENT / 2)) ] && echo yes)" yes
check "the one with the packets was woken for them" "$([ "$(tail -n 1 "$TMP/sleeps")" -gt $((SENT / 4)) ] && echo yes)" yes
accounts
finish
