#!/usr/bin/env bash
# Tapped packets whose VLAN tag the kernel keeps outside of the bytes, as it does at tc: in the tap's file it is at its
# place, in front of a second one, too.
. "$(dirname "$0")/lib.sh"
topology 9000
need_commands tcpdump python3
came() { [ "$(figure v)" = "$1" ]; }

"$TOOLS/gencap" -n 400 -s 9000 -m tcp,udp,icmp -S 5 "$TMP/long.pcap"
"$TOOLS/gencap" -n 400 -m tcp,udp,icmp -S 6 "$TMP/short.pcap"
python3 - "$TMP" <<'PY'
# untagged, with a tag, with a priority, of 802.1ad, with two; frames that are too long for it with none
import struct, sys
tags = [b"", b"\x81\x00\x60\x05", b"\x81\x00\xaf\xfe", b"\x88\xa8\x00\x07", b"\x88\xa8\x20\x09\x81\x00\x00\x0b"]
out, number = None, 0
for name in "long", "short":
    data = open(sys.argv[1] + "/" + name + ".pcap", "rb").read()
    out, at = out or [data[:24]], 24
    while at < len(data):
        sec, frac, cap, length = struct.unpack("<IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + cap]
        at += 16 + cap
        tag = tags[number % len(tags)]
        if len(frame) + len(tag) > 9000:
            tag = b""
        frame = frame[:12] + tag + frame[12:]
        out.append(struct.pack("<IIII", sec, number, len(frame), len(frame)) + frame)
        number += 1
open(sys.argv[1] + "/tagged.pcap", "wb").write(b"".join(out))
PY
bytes() { frames "$1" | sort; }
count() { tcpdump -nr "$1" "$2" 2>/dev/null | wc -l; }
check "with a tag, with two" "$(count "$TMP/tagged.pcap" vlan | sed 's/^[1-9][0-9][0-9]$/hundreds/'),$(count "$TMP/tagged.pcap" 'vlan and vlan' | sed 's/^[1-9][0-9]*$/some/')" "hundreds,some"

for level in tc xdp; do
	say "at $level"
	launch --taps "[dev v0 name=v]@$level>(BPF,\"len > 0 and not net 192.0.2.77\",name=u)@$level>(pktcount,name=n)@$level"
	all=$(ctl tap v write "$TMP/all.pcap")
	behind=$(ctl tap 'u>n' write "$TMP/behind.pcap")
	send -r "$TMP/tagged.pcap" -R 2000
	wait_for 10 came "$SENT" || die "came: $(figure v) of $SENT"
	check "all were sent" "$SENT" 800
	sleep 0.2
	check "the source" "$(ctl untap "$all")" "$all: in $SENT, written $SENT, lost 0, left 0"
	check "a function" "$(ctl untap "$behind")" "$behind: in $SENT, written $SENT, lost 0, left 0"
	bytes "$TMP/tagged.pcap" >"$TMP/expected"
	for file in all behind; do
		bytes "$TMP/$file.pcap" >"$TMP/got"
		check "other bytes than were sent, lines" "$(diff "$TMP/got" "$TMP/expected" | grep -c '^[<>]')" 0
	done
	stop
	accounts
	lossless
done

say "a filter for VLANs at tc"
launch --taps "[dev v0 name=v]@tc>(BPF,\"vlan 5\",name=u)@tc>(pktcount,name=n)@tc"
id=$(ctl tap u write "$TMP/five.pcap")
send -r "$TMP/tagged.pcap" -R 2000
wait_for 10 came "$SENT" || die "came: $(figure v) of $SENT"
five=$(count "$TMP/tagged.pcap" "vlan 5")
sleep 0.2
check "packets of the VLAN" "$(ctl untap "$id")" "$id: in $five, written $five, lost 0, left 0"
check "with it" "$(count "$TMP/five.pcap" "vlan 5")" "$five"
stop
finish
