#!/usr/bin/env bash
# Taps of functions of a level of the kernel while packets of a pipe are replayed: with the times and lengths of the file,
# in its order, those that the kernel's test runner can't take and the reference interpreter runs among them.
. "$(dirname "$0")/lib.sh"
topology
need_commands tcpdump python3
came() { [ "$(figure v)" = "$1" ]; }

python3 - "$TMP/in.pcap" <<'PY'
# 1,000 packets of 60 to 9,000 bytes, every seventh of which is too short for a frame; some are cut; no time is like another,
# and some go back
import struct, sys
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(1000):
        size = 10 if i % 7 == 3 else 60 + i * 997 % 8940
        frame = (bytes.fromhex("020000000002" "020000000001" "0800" "4500") + struct.pack(">HHH", size - 14 if size > 14 else 0, i, 0) + bytes([64, 17 if i % 2 else 6]) + bytes(i % 251 for _ in range(size)))[:size]
        out.write(struct.pack("<IIII", 1500000000 + (i if i % 10 else i - 5), i, size, size + i % 3 * 100) + frame)
PY
all=1000
for level in xdp tc; do
	say "at $level"
	mkfifo "$TMP/pipe-$level"
	exec 7<>"$TMP/pipe-$level"
	head -c 24 "$TMP/in.pcap" >&7
	launch --replay --taps "[pcap $TMP/pipe-$level name=v]>(BPF,\"len > 20\",name=u)@$level>(pktcount,name=n)@$level"
	check "where" "$(ctl list --json | jq -r '.functions[] | select(.name == "u") | .flowspace')" "$level"
	tail -c +25 "$TMP/in.pcap" >&7
	wait_for 20 came $all || die "came: $(figure v)"
	source=$(ctl tap v write "$TMP/v.pcap")
	long=$(ctl tap u write "$TMP/u.pcap")
	tail -c +25 "$TMP/in.pcap" >&7
	wait_for 20 came $((2 * all)) || true
	sleep 0.3
	check "the source" "$(ctl untap "$source")" "$source: in $all, written $all, lost 0, left 0"
	longer=$(count_frames "$TMP/in.pcap" 'len > 20')
	check "a function" "$(ctl untap "$long")" "$long: in $longer, written $longer, lost 0, left 0"
	tail -c +25 "$TMP/in.pcap" >&7
	wait_for 20 came $((3 * all)) || true
	check "packets of the file, bytes, times and order" "$(tcpdump -tt -xx -nr "$TMP/v.pcap" 2>/dev/null | sha256sum)" "$(tcpdump -tt -xx -nr "$TMP/in.pcap" 2>/dev/null | sha256sum)"
	check "those that are long enough" "$(tcpdump -tt -xx -nr "$TMP/u.pcap" 2>/dev/null | sha256sum)" "$(tcpdump -tt -xx -nr "$TMP/in.pcap" 'len > 20' 2>/dev/null | sha256sum)"
	lengths() { python3 -c 'import struct,sys; d=open(sys.argv[1],"rb").read(); a=24; n=[]
while a<len(d): c,l=struct.unpack("<II",d[a+8:a+16]); n.append((c,l)); a+=16+c
print(hash(tuple(n)), len(n))' "$1"; }
	check "captured and original lengths" "$(lengths "$TMP/v.pcap")" "$(lengths "$TMP/in.pcap")"
	stop
	exec 7>&-
	check "exit status" "$STATUS" 0
	check "packets" "$(of v packets_in),$(of n packets_in)" "$((3 * all)),$((3 * longer))"
	check "the interpreter had some" "$([ "$(json .interpreted)" -ge $((all / 7 * 3)) ] && echo yes)" yes
	lossless
	accounts
done
finish
