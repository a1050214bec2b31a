#!/usr/bin/env bash
# Live devices beside savefiles: a run ends when every branch has had all it will get, and neither waits for the other's clock.
. "$(dirname "$0")/lib.sh"
topology

"$TOOLS/gencap" -n 1000 -s 100 -S 41 "$TMP/past.pcap"
# The same packets of the year 2036: a savefile's times have nothing to do with the clock.
"$TOOLS/gencap" -n 1000 -s 100 -S 41 -T 2100000000 "$TMP/future.pcap"
[ "$(tcpdump -nn -tt -r "$TMP/future.pcap" -c 1 2>/dev/null | cut -d. -f1)" = 2100000000 ] || die "gencap -T"

say "head on the device, and a savefile that has ended"
start v0 -d $((19 + MOMENT)) "[dev v0]>(head,5)>(write,$TMP/head.pcap,name=file) | [pcap $TMP/past.pcap]>(pktcount,name=n)"
send -n 20 -s 100
wait_for 30 ended || echo "FAIL: it goes on"
stop
check "exit status" "$STATUS" 0
check "written" "$(count_frames "$TMP/head.pcap")" 5
check "read of the savefile" "$(of n state.packets)" 1000
check "ended before its time" "$(json ".elapsed_s < $((14 + MOMENT))")" true
accounts

say "head had its packets before the savefile ended"
mkfifo "$TMP/pipe"
{ cat "$TMP/past.pcap"; sleep $((2 * MOMENT)); } >"$TMP/pipe" &
start v0 -d $((19 + MOMENT)) "[dev v0]>(head,5)>(write,$TMP/head.pcap,name=file) | [pcap $TMP/pipe]>(pktcount,name=n)"
send -n 20 -s 100
wait_for 30 ended || echo "FAIL: it goes on"
stop
check "ended before its time" "$(json ".elapsed_s < $((14 + MOMENT))")" true
check "read of the pipe" "$(of n state.packets)" 1000
accounts

say "a branch without head goes on"
start v0 -d $((2 * MOMENT)) "[dev v0]>[(head,5)|(pktcount,name=all)] | [pcap $TMP/past.pcap]>(head,7)"
send -n 20 -s 100
wait_for 30 ended || echo "FAIL: it does not end"
stop
check "ended at its time" "$(json ".elapsed_s >= $((2 * MOMENT))")" true
check "all packets" "$(of all state.packets)" "$SENT"

say "replayed, what is in the rings still comes up"
run --replay --json "[pcap $TMP/past.pcap]>(head,2000)>(write,$TMP/replayed.pcap)"
check "exit status" "$STATUS" 0
check "written" "$(count_frames "$TMP/replayed.pcap")" 1000

say "a savefile of the future beside a live device"
start v0 -d $((2 * MOMENT)) "[[dev v0]|[pcap $TMP/future.pcap]]>(write,$TMP/both.pcap,precision=ns)"
send -n 100 -s 100
wait_for 30 ended || echo "FAIL: it does not end"
stop
check "exit status" "$STATUS" 0
check "all of the savefile" "$(tcpdump -nn -tt -r "$TMP/both.pcap" 2>/dev/null | grep -c '^21000000')" 1000
check "all of the device" "$(($(count_frames "$TMP/both.pcap") - 1000))" "$SENT"
accounts

say "one of the past"
start v0 -d $((2 * MOMENT)) "[[dev v0]|[pcap $TMP/past.pcap]]>(write,$TMP/both.pcap,precision=ns)"
send -n 100 -s 100
wait_for 30 ended || echo "FAIL: it does not end"
stop
check "all of both" "$(count_frames "$TMP/both.pcap")" "$((1000 + SENT))"
accounts
finish
