#!/usr/bin/env bash
# A tap's packets that several processors had: they come in the order of their times, wherever the tapped function runs.
. "$(dirname "$0")/lib.sh"
topology
need_commands tcpdump taskset
taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null || skip "there are not two processors"
times() { tcpdump -tt --nano -nr "$1" 2>/dev/null | cut -d ' ' -f 1; }
# both: two senders, each on a processor of its own. SENT is what came: what the device dropped both count.
both() {
	local first
	tx taskset -c 0 "$TOOLS/sendpcap" -i v1 "$@" >"$TMP/sent0" &
	first=$!
	tx taskset -c 1 "$TOOLS/sendpcap" -i v1 "$@" >"$TMP/sent1" || die "sendpcap failed"
	wait $first || die "sendpcap failed"
	cat "$TMP/sent0" "$TMP/sent1"
	sleep 0.5
	SENT=$(figure v)
	check "most came" "$([ "$SENT" -gt 30000 ] && echo yes)" yes
}

# order LEVEL
order() {
	say "at $1"
	launch --taps "[dev v0 name=v]>(BPF,udp,name=u)@$1>(pktcount,name=n)@$1"
	id=$(ctl tap u write "$TMP/u.pcap")
	both -m udp -n 20000 -R 10000
	check "the tap" "$(ctl untap "$id")" "$id: in $SENT, written $SENT, lost 0, left 0"
	times "$TMP/u.pcap" >"$TMP/times"
	check "packets in the file" "$(wc -l <"$TMP/times")" "$SENT"
	check "times of this day" "$(($(head -n 1 "$TMP/times" | cut -d . -f 1) - $(date +%s) + 60 > 0))" 1
	sort -c "$TMP/times" 2>"$TMP/unsorted"
	check "the first that is not in order" "$(cat "$TMP/unsorted")" ""
	stop
	check "exit status" "$STATUS" 0
	lossless
}
order xdp
order tc
order user
finish
