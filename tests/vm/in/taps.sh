#!/usr/bin/env bash
# Taps of functions of the module: behind C code, behind C code that makes packets, on packets with a tag beside them; set
# and taken away under load, no packet of the graph is lost. New versions of a user's program there, by the same way.
. "$(dirname "$0")/lib.sh"
topology
module
came() { [ "$(figure v)" = "$1" ]; }
digest_of() { frames "$1" | sort | sha256sum; }
part() { sed "s/.*[ :]$2 \([0-9]*\).*/\1/" <<<"$1"; }

python3 - "$TMP/in.pcap" <<'PY'
# 300 packets of UDP; every third says needle, some have a tag, or two
import struct, sys
tags = [b"", b"\x81\0\x60\x05", b"", b"\x88\xa8\0\x07\x81\0\0\x0b"]
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(300):
        text = (b"a needle" if i % 3 == 0 else b"nothing") + bytes(i)
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(text), i, 0, 64, 17, 0, bytes([198, 18, 0, 1]), bytes([198, 18, i % 5, 2]))
        s = sum(struct.unpack(">10H", head)); s = (s & 0xffff) + (s >> 16); s = ~((s & 0xffff) + (s >> 16)) & 0xffff
        p = bytes.fromhex("020000000002" "020000000001") + tags[i % 4] + b"\x08\0" + head[:10] + struct.pack(">H", s) + head[12:] + struct.pack(">HHHH", 4000, 53, 8 + len(text), 0) + text
        out.write(struct.pack("<IIII", 1700000000, i, len(p), len(p)) + p)
PY
key='key="neither good nor secret"'
behind="[(strsearch,\"needle\",name=s)@L>(pktcount,name=n)@L|(anon,$key,name=a)@L>(BPF,\"not net 198.18.0.0/15\",name=u)@L>(pktcount,name=m)@L]"
"$FFPF" run --json --no-progress "s=[pcap $TMP/in.pcap];s>(strsearch,\"needle\")>(write,$TMP/needle.pcap);s>(anon,$key)>(write,$TMP/anon.pcap)" >"$TMP/expected.json" 2>"$TMP/err" || die "a savefile"

say "what comes"
launch --taps "[dev v0 name=v]@kmod>${behind//@L/@kmod}"
check "where" "$(ctl list --json | jq -c '[.functions[].flowspace] | unique')" '["kmod"]'
send -r "$TMP/in.pcap"
wait_for 20 came "$SENT" || die "came: $(figure v) of $SENT"
before=$SENT
ids=()
for of in v s a 'u>m'; do ids+=("$(ctl tap "$of" write "$TMP/${#ids[@]}.pcap")"); done
send -r "$TMP/in.pcap"
wait_for 20 came $((before + SENT)) || true
check "without loss" "$(figure v)" $((before + SENT))
cat "$TMP/ctl.err"
sleep 0.5
needles=$(count_frames "$TMP/needle.pcap")
check "the source" "$(ctl untap "${ids[0]}")" "tap0: in $SENT, written $SENT, lost 0, left 0"
check "a search" "$(ctl untap "${ids[1]}")" "tap1: in $needles, written $needles, lost 0, left 0"
check "made packets" "$(ctl untap "${ids[2]}")" "tap2: in $SENT, written $SENT, lost 0, left 0"
check "an edge behind them" "$(part "$(ctl untap "${ids[3]}")" lost)" 0
check "bytes of the source's" "$(digest_of "$TMP/0.pcap")" "$(digest_of "$TMP/in.pcap")"
check "bytes of those that are found" "$(digest_of "$TMP/1.pcap")" "$(digest_of "$TMP/needle.pcap")"
check "bytes of made packets" "$(digest_of "$TMP/2.pcap")" "$(digest_of "$TMP/anon.pcap")"
check "they are other ones" "$([ "$(digest_of "$TMP/2.pcap")" != "$(digest_of "$TMP/in.pcap")" ] && echo yes)" yes

say "under load"
sum=$(figure v)
{
	for _ in 1 2 3; do
		id=$(ctl tap s write "$TMP/load.pcap") && sleep 0.3 && ctl untap "$id"
	done
} >"$TMP/taps" &
tapping=$!
send -r "$TMP/in.pcap" -l 30 -R 3000
wait $tapping
wait_for 20 came $((sum + SENT)) || true
check "packets of the device" "$(figure v)" $((sum + SENT))
check "a third of them is found" "$(figure n)" $(((sum + SENT) / 3))
cat "$TMP/taps"
check "taps that ended" "$(grep -c '^tap' "$TMP/taps")" 3
while read -r line; do
	check "in - written - lost" $(($(part "$line" in) - $(part "$line" written) - $(part "$line" lost))) 0
done <"$TMP/taps"
check "some came" "$(awk '{ gsub(",", ""); n += $3 } END { print (n > 0) }' "$TMP/taps")" 1
stop
check "exit status" "$STATUS" 0
lossless
accounts

say "a new version of a user's program"
objects=$TOOLS/objects
launch "[dev v0 name=v]@kmod>(ebpf,\"$objects/several.o\",program=size,name=e)@kmod>(pktcount,name=n)@kmod"
send -r "$TMP/in.pcap"
wait_for 20 came "$SENT" || die "came: $(figure v) of $SENT"
ctl replace e "$objects/several.o"
check "replaced" "$?" 0
sum=$SENT
send -r "$TMP/in.pcap"
wait_for 20 came $((sum + SENT)) || true
stop
check "exit status" "$STATUS" 0
check "packets" "$(of v packets_in)" $((sum + SENT))
check "of its program" "$(of e packets_in)" $((sum + SENT))
lossless
accounts
finish
