#!/usr/bin/env bash
# A tap in userspace of packets of which the graph asks for the first bytes only: what was not brought up is not in the
# tap's file, and the rest is as it was sent.
. "$(dirname "$0")/lib.sh"
topology
need_commands python3
came() { [ "$(figure n)" = "$1" ]; }
# packets FILE [MOST]: captured and original length and bytes of each, as if so many bytes had been captured at most
packets() {
	python3 - "$1" "${2:-65535}" <<'PY'
import struct, sys
data, at, most = open(sys.argv[1], "rb").read(), 24, int(sys.argv[2])
while at < len(data):
    cap, length = struct.unpack("<II", data[at + 8:at + 16])
    print(min(cap, most), length, data[at + 16:at + 16 + min(cap, most)].hex())
    at += 16 + cap
PY
}
"$TOOLS/gencap" -n 300 -s 700 -m udp -S 4 "$TMP/in.pcap"
# short GRAPH LEAST MOST: of so many bytes the longest copies are
short() {
	launch "$1"
	id=$(ctl tap u write "$TMP/u.pcap")
	send -r "$TMP/in.pcap" -R 3000
	wait_for 10 came "$SENT" || die "came: $(figure n) of $SENT"
	sleep 0.2
	check "the tap" "$(ctl untap "$id")" "$id: in $SENT, written $SENT, lost 0, left 0"
	packets "$TMP/u.pcap" | sort >"$TMP/got"
	most=$(cut -d ' ' -f 1 "$TMP/got" | sort -n | tail -n 1)
	echo "$most bytes of each"
	check "bytes" "$([ "$most" -ge "$2" ] && [ "$most" -le "$3" ] && echo as expected)" "as expected"
	packets "$TMP/in.pcap" "$most" | sort >"$TMP/expected"
	check "packets that are not as they were sent" "$(diff "$TMP/got" "$TMP/expected" | grep -c '^[<>]')" 0
	stop
	lossless
}
say "a filter and a counter"
short "[dev v0 name=v]>(BPF,udp,name=u)@user>(pktcount,name=n)@user" 24 100
say "beside somebody who wants them all"
short "[dev v0 name=v]>[(BPF,udp,name=u)@user>(pktcount,name=n)@user|(write,$TMP/all.pcap)]" 700 700
finish
