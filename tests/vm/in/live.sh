#!/usr/bin/env bash
# Packets through the module: what is counted, stored, found, dropped, lost, refused.
. "$(dirname "$0")/lib.sh"
topology
module

say "each packet once, as it was"
"$TOOLS/gencap" -n 2000 -m tcp,udp,icmp -S 5 "$TMP/in.pcap"
live -w "$TMP/out.pcap"
send -r "$TMP/in.pcap"
rest
check "exit status" "$STATUS" 0
check "packets" "$(got packets)" "$SENT"
check "records" "$(got records)" "$SENT"
check "lost refused nested malformed dropped" "$(got lost) $(got refused) $(got nested) $(got malformed) $(got dropped)" "0 0 0 0 0"
check "a reader was woken" "$(got woken)" yes
check "classes" "$(got a)" "$SENT/$((7 * SENT))"
check "bytes of all records" "$(frames "$TMP/out.pcap" | sort | sha256sum)" "$(frames "$TMP/in.pcap" | sort | sha256sum)"

say "two in-flows, bells, a snapshot length"
live -2 -b -n 60
send -m udp -n 1000 -s 500
rest
check "records" "$(got records)" "$SENT"
check "stored" "$(got stored)" $((60 * SENT))
check "the first" "$(got a)" "$SENT/$((14 * SENT))"
check "the second" "$(got b)" "$SENT/$((7 * SENT))"
check "a reader was woken" "$(got woken)" yes

say "dropped packets come no further"
before=$(received)
live -d
send -m udp -n 500 -s 100
rest
check "dropped" "$(got dropped)" "$SENT"
check "records" "$(got records)" "$SENT"
check "packets that reached IP" "$(($(received) - before))" 0

say "a slow reader: refused, or overwritten and told"
live -s -r -n 1500
send -m udp -n 3000 -s 1400
rest
check "records and refused" "$(($(got records) + $(got refused)))" "$SENT"
check "some were refused" "$([ "$(got refused)" -gt 0 ] && echo yes)" yes
live -r -n 1500
send -m udp -n 3000 -s 1400
rest
check "records and lost" "$(($(got records) + $(got lost)))" "$SENT"
check "some were lost" "$([ "$(got lost)" -gt 0 ] && echo yes)" yes

say "a tag that lies beside the packet is in the record"
python3 - "$TMP/in.pcap" "$TMP/tagged.pcap" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
out, at = [data[:24]], 24
while at < len(data):
    sec, frac, cap, length = struct.unpack(order + "IIII", data[at:at + 16])
    frame = data[at + 16:at + 16 + cap]
    at += 16 + cap
    frame = frame[:12] + b"\x81\x00\x60\x05" + frame[12:]
    out.append(struct.pack(order + "IIII", sec, frac, cap + 4, length + 4) + frame)
open(sys.argv[2], "wb").write(b"".join(out))
PY
live -w "$TMP/out.pcap"
send -r "$TMP/tagged.pcap"
rest
check "records" "$(got records)" "$SENT"
check "bytes of all records" "$(frames "$TMP/out.pcap" | sort | sha256sum)" "$(frames "$TMP/tagged.pcap" | sort | sha256sum)"
finish
