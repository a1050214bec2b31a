#!/usr/bin/env bash
# A run that can't attach leaves the file of the one that can alone.
. "$(dirname "$0")/lib.sh"
topology
pair w0 w1

start v0 "[dev v0] > (write,$TMP/cap.pcap,name=n)"
send -n 500
sleep 0.3
size=$(stat -c %s "$TMP/cap.pcap")
for graph in "[dev v0]>(write,$TMP/cap.pcap)" "[dev v0]>(print,$TMP/cap.pcap)" "[[dev w0]|[dev v0]]>(write,$TMP/cap.pcap,format=pcapng)"; do
	rx timeout 60 "$FFPF" -q -d 5 "$graph" 2>"$TMP/second"
	check "exit status of $graph" $? 1
	check_text "why" "$TMP/second" 'already runs an XDP program'
	check "size of the first one's file" "$(stat -c %s "$TMP/cap.pcap")" "$size"
done
before=$SENT
send -n 500
stop
check "exit status" "$STATUS" 0
check "packets in the file" "$(count_frames "$TMP/cap.pcap")" $((before + SENT))
accounts
lossless
finish
