#!/usr/bin/env bash
# SIGINT and SIGTERM end a run in order: results, status 0, nothing attached.
. "$(dirname "$0")/lib.sh"
topology

for signal in INT TERM; do
	say "SIG$signal"
	start v0 "[dev v0 vlan=data] > [(pktcount,name=n) | (write,$TMP/$signal.pcap)]"
	send -n 2000
	stop $signal
	check "exit status" "$STATUS" 0
	check "counted" "$(of n state.packets)" "$SENT"
	check "written" "$(count_frames "$TMP/$signal.pcap")" "$SENT"
	check "the device is free" "$(prog_id v0)" ""
	check "lines on stderr" "$(grep -c . "$TMP/err")" 0
	accounts
done
say "while packets come in"
start v0 "[dev v0 take=yes vlan=data] > [(pktcount,name=n) | (write,$TMP/flood.pcap,name=file)]"
# Not by tx: a function in the background is a shell of its own, and the sender would outlive its end.
ip netns exec "$TX" "$TOOLS/sendpcap" -i v1 -n 100 -l 2000 -R 50000 >"$TMP/line" &
sender=$!
sleep 1
stop INT
kill $sender 2>/dev/null
wait $sender 2>/dev/null
check "exit status" "$STATUS" 0
accounts
check "crossed + lost = counted" "$(json '[.barriers[] | .packets + .lost] | add')" "$(of n state.packets)"
check "written = crossed" "$(count_frames "$TMP/flood.pcap")" "$(json '[.barriers[].packets] | add')"
say "-d ends a run too"
start v0 -d $MOMENT '[dev v0] > (pktcount,name=n)'
send -n 10
reap
check "exit status" "$STATUS" 0
check "counted" "$(of n state.packets)" "$SENT"
finish
