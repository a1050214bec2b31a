#!/usr/bin/env bash
# The traffic tools themselves: what they say they send arrives, and the same seed makes the same capture in every form.
FFPF_TOOLS_ONLY=1
. "$(dirname "$0")/lib.sh"
topology

say "gencap"
gencap() { "$TOOLS/gencap" -n 500 -s imix -m tcp,udp,icmp,ipv6,vlan -S 9 "$@" || die "gencap $*"; }
gencap "$TMP/a.pcap"
gencap "$TMP/b.pcap"
check "the same seed" "$(cmp "$TMP/a.pcap" "$TMP/b.pcap" && echo same)" same
gencap -S 10 "$TMP/b.pcap"
check "another seed" "$(cmp -s "$TMP/a.pcap" "$TMP/b.pcap" || echo differs)" differs
wanted=$(tcpdump -nn -ttt -xx -r "$TMP/a.pcap" 2>/dev/null | md5sum)
for form in "-f pcap -t ns" "-f pcap -e big" "-f pcapng" "-f pcapng -t ns -e big"; do
	# shellcheck disable=SC2086
	gencap $form "$TMP/form"
	check "packets and times of $form" "$(tcpdump -nn -ttt -xx -r "$TMP/form" 2>/dev/null | md5sum)" "$wanted"
done
gencap -l raw "$TMP/form" # bare IP has no room for tags
check "the same TCP packets as raw" "$(count_frames "$TMP/form" tcp)" "$(count_frames "$TMP/a.pcap" 'tcp or (vlan and tcp)')"
gencap -l sll "$TMP/form"
check "the same TCP packets as sll" "$(count_frames "$TMP/form" tcp)" "$(count_frames "$TMP/a.pcap" tcp)"
check "wrong checksums" "$(tcpdump -nn -vv -r "$TMP/a.pcap" 2>/dev/null | grep -ciE 'incorrect|bad|wrong')" 0
check "cut to 40 bytes" "$(gencap -c 40 - | tcpdump -nn -r - -w - 2>/dev/null | wc -c)" $((24 + 500 * 56))

say "sendpcap, into both modes"
for mode in driver generic; do
	hold v0 -m $mode
	send -n 20000 -m udp,vlan -R 0
	a=$SENT
	send -r "$TMP/a.pcap" -l 3
	unhold
	check "arrived, $mode mode" "${HELD% *}" "packets=$((a + SENT))"
done
say "blast"
hold v0 -a drop
blast -n 200000 -k 16
a=$SENT
blast -t 0.3 -s 1514 -p tcp
unhold
check "arrived" "${HELD% *}" "packets=$((a + SENT))"
check "bounded in count" "$a" 200000
finish
