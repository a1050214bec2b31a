#!/usr/bin/env bash
# Taps of a graph that runs on a device: copies of what goes along an edge at xdp and at tc, under load, while no packet of
# the graph is lost and no count begins afresh; what the tap was too slow for only the tap has lost. (tests/cli/tap.sh
# does it in userspace.)
. "$(dirname "$0")/lib.sh"
topology 9000
need_commands tcpdump
came() { [ "$(figure v)" = "$1" ]; }
count() { tcpdump -nr "$1" 2>/dev/null | wc -l; }
bytes() { tcpdump -xx -tnr "$1" 2>/dev/null | sort; } # whatever the order of the processors
part() { sed "s/.*[ :]$2 \([0-9]*\).*/\1/" <<<"$1"; }

# watch LEVEL: a graph whose functions run there
watch() {
	say "at $1"
	launch --taps "[dev v0 name=v]>[(BPF,udp,name=u)@$1>(pktcount,name=n)@$1|(BPF,\"len > 1000\",name=big)@$1>(hist,name=h)@user]"
	check "where" "$(ctl list --json | jq -r '.functions[] | select(.name == "u") | .flowspace')" "$1"
	"$TOOLS/gencap" -n 2000 -s 9000 -m tcp,udp -S 3 "$TMP/mixed.pcap"
	send -r "$TMP/mixed.pcap"
	before=$SENT
	wait_for 10 came "$before" || die "came: $(figure v) of $before"
	udp=$(tcpdump -nr "$TMP/mixed.pcap" udp 2>/dev/null | wc -l)
	id=$(ctl tap u write "$TMP/udp.pcap")
	all=$(ctl tap 'v>u' write "$TMP/all.pcap")
	send -r "$TMP/mixed.pcap" -R 2000
	wait_for 10 came $((before + SENT)) || true
	check "without loss" "$(figure v)" $((before + SENT))
	sleep 0.3
	told=$(ctl untap "$id")
	check "what a function lets out" "$told" "$id: in $udp, written $udp, lost 0, left 0"
	told=$(ctl untap "$all")
	check "an edge" "$told" "$all: in $SENT, written $SENT, lost 0, left 0"
	check "in the file" "$(count "$TMP/all.pcap"),$(count "$TMP/udp.pcap")" "$SENT,$udp"
	bytes "$TMP/all.pcap" >"$TMP/got"
	bytes "$TMP/mixed.pcap" >"$TMP/expected"
	check "other bytes than were sent, lines" "$(diff "$TMP/got" "$TMP/expected" | grep -c '^[<>]')" 0
	ctl tap nobody print /dev/null && { echo "a tap of nobody"; FAILED=1; }
	ctl tap h print && { echo "a tap on standard output"; FAILED=1; }

	say "at $1, set and taken away under load"
	sum=$((before * 2))
	{
		for _ in $(seq 8); do
			id=$(ctl tap v write "$TMP/load.pcap") && sleep 0.1 && ctl untap "$id"
		done
	} >"$TMP/taps" &
	tapping=$!
	send -r "$TMP/mixed.pcap" -R 30000 -l 30
	wait $tapping
	wait_for 10 came $((sum + SENT)) || true
	check "packets of the device" "$(figure v)" $((sum + SENT))
	check "taps that ended" "$(grep -c '^tap' "$TMP/taps")" 8
	while read -r line; do
		[ $(($(part "$line" in) - $(part "$line" written) - $(part "$line" lost))) = 0 ] || { echo "FAIL: does not close: $line"; FAILED=1; }
	done <"$TMP/taps"
	[ "$(awk '{ gsub(",", ""); n += $3 } END { print n }' "$TMP/taps")" -gt 0 ] || { echo "FAIL: nothing came while it was tapped"; FAILED=1; }
	cat "$TMP/taps"
	stop
	check "exit status" "$STATUS" 0
	check "lost" "$(json .lost)" 0
	accounts
}
watch xdp
watch tc

say "without --taps"
launch "[dev v0 name=v]>(BPF,udp,name=u)"
: >"$TMP/ctl.err"
ctl tap u write "$TMP/none.pcap" && { echo "FAIL: tapped"; FAILED=1; }
check_text "why" "$TMP/ctl.err" 'begun with --taps'
stop
finish
