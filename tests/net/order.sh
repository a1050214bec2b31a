#!/usr/bin/env bash
# Packets that arrive on different processors go into different rings; the file has them in the order of their times.
. "$(dirname "$0")/lib.sh"
need_commands taskset
topology
[ "$(nproc)" -ge 2 ] || skip "one processor: one ring"

"$TOOLS/gencap" -n 50 -s 100 -m udp -S 31 "$TMP/a.pcap"
"$TOOLS/gencap" -n 50 -s 200 -m tcp -S 32 "$TMP/b.pcap"
: >"$TMP/expected"
start v0 "[dev v0] > (write,$TMP/got.pcap,precision=ns)"
for i in $(seq 20); do # the receiving end of a veth runs on the sender's processor
	tx taskset -c 0 "$TOOLS/sendpcap" -i v1 -r "$TMP/a.pcap" >/dev/null || die "sendpcap"
	tx taskset -c 1 "$TOOLS/sendpcap" -i v1 -r "$TMP/b.pcap" >/dev/null || die "sendpcap"
	frames "$TMP/a.pcap" >>"$TMP/expected"
	frames "$TMP/b.pcap" >>"$TMP/expected"
done
stop
check "exit status" "$STATUS" 0
check "packets" "$(count_frames "$TMP/got.pcap")" 2000
check "in the order in which they were sent" "$(frames "$TMP/got.pcap" | md5sum)" "$(md5sum <"$TMP/expected")"
check "times go forwards" "$(tcpdump -nn -tt --nano -r "$TMP/got.pcap" 2>/dev/null | grep '^[0-9]' | cut -d' ' -f1 | LC_ALL=C sort -c 2>&1)" ""
accounts
say "both processors at once: times still go forwards"
# The device's counter of drops is that of both senders, and has what they sent again.
drops() { tx cat /sys/class/net/v1/statistics/tx_dropped; }
before=$(drops)
start v0 "[dev v0] > (write,$TMP/both.pcap,precision=ns)"
tx taskset -c 0 "$TOOLS/sendpcap" -i v1 -r "$TMP/a.pcap" -l 200 -R 20000 >"$TMP/one" &
tx taskset -c 1 "$TOOLS/sendpcap" -i v1 -r "$TMP/b.pcap" -l 200 -R 20000 >"$TMP/two"
wait $!
stop
check "packets" "$(count_frames "$TMP/both.pcap")" "$(sed 's/sent=\([0-9]*\).*again=\([0-9]*\)/\1 \2/' "$TMP/one" "$TMP/two" | awk -v drops=$(($(drops) - before)) '{ n += $1 + $2 } END { print n - drops }')"
check "times go forwards" "$(tcpdump -nn -tt --nano -r "$TMP/both.pcap" 2>/dev/null | grep '^[0-9]' | cut -d' ' -f1 | LC_ALL=C sort -c 2>&1)" ""
accounts
finish
