#!/usr/bin/env bash
# A flowgraph over all levels on this kernel: what runs where, equal counts however it is spread, what the module counts.
. "$(dirname "$0")/lib.sh"
topology
module

python3 - "$TMP/in.pcap" <<'PY'
# 600 packets of TCP and UDP, every third TCP one of which says GET, every fifth POST; some have a VLAN tag
import struct, sys
be = lambda n, size: n.to_bytes(size, "big")
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(600):
        tcp = i % 2 == 0
        text = b"GET / HTTP/1.1" if i % 3 == 0 else b"POST /x HTTP/1.1" if i % 5 == 0 else b"nothing of that"
        l4 = be(40000, 2) + be(80 if i % 4 else 8080, 2) + (be(i, 4) + be(0, 4) + b"\x50\x18" + be(1000, 2) + be(0, 4) if tcp else be(8 + len(text), 2) + be(0, 2)) + text
        ip = b"\x45\0" + be(20 + len(l4), 2) + be(i, 2) + be(0, 2) + b"\x40" + bytes([6 if tcp else 17]) + be(0, 2) + bytes([198, 18, 0, 1]) + bytes([198, 18, 0, 2])
        s = sum(struct.unpack(">10H", ip)); s = (s & 0xffff) + (s >> 16); s = ~((s & 0xffff) + (s >> 16)) & 0xffff
        ip = ip[:10] + be(s, 2) + ip[12:]
        p = b"\x02\0\0\0\0\2\x02\0\0\0\0\1" + (b"\x81\0\x20\x07" if i % 7 == 0 else b"") + b"\x08\0" + ip + l4
        out.write(struct.pack("<IIII", 1700000000, i, len(p), len(p)) + p)
PY
tcp80='(BPF,"tcp port 80 or (vlan and tcp port 80)",name=f)'
"$FFPF" --json "[pcap $TMP/in.pcap]>$tcp80>(strsearch,\"POST|GET \",name=s)>[(pktcount,name=n)|(write,$TMP/expected.pcap,name=w)]" >"$TMP/expected.json" 2>"$TMP/err" || die "a savefile"
figures() { jq -c '[.functions[] | select(.name != "dev0" and .name != "pcap0") | [.name, .packets_in, .packets_out, .filtered]]' "$1"; }

say "what runs where"
rx "$FFPF" explain --no-probe --json "[dev v0 vlan=data]>(BPF,\"tcp port 80\",name=f)>(strsearch,\"GET \",name=s)>[(pktcount,name=n)|(write,$TMP/x.pcap,name=w)]" >"$TMP/where.json"
check "levels" "$(jq -c '[.functions[].flowspace]' "$TMP/where.json")" '["xdp","xdp","kmod","kmod","user"]'

# spread FILTER SEARCH COUNT: pins
spread() {
	say "f$1 s$2 n$3"
	local source='[dev v0]'
	[ "$1" != @user ] || source='[dev v0]@tc' # from xdp it would not see the tags that lie beside packets
	rm -f "$TMP/got.pcap"
	launch "$source>$tcp80$1>(strsearch,\"POST|GET \",name=s)$2>[(pktcount,name=n)$3|(write,$TMP/got.pcap,name=w)]"
	send -r "$TMP/in.pcap"
	stop
	check "exit status" "$STATUS" 0
	check "figures" "$(figures "$TMP/out.json")" "$(figures "$TMP/expected.json")"
	check "what the search counts" "$(jq -c '.functions[] | select(.name == "s") | .state' "$TMP/out.json")" "$(jq -c '.functions[] | select(.name == "s") | .state' "$TMP/expected.json")"
	check "the same packets" "$(frames "$TMP/got.pcap" | sort | sha256sum)" "$(frames "$TMP/expected.pcap" | sort | sha256sum)"
	accounts
	lossless
}
spread "" "" ""
check "where it searched" "$(jq -r '.functions[] | select(.name == "s") | .flowspace' "$TMP/out.json")" kmod
spread @tc "" ""
spread @kmod @kmod @kmod
spread "" @kmod @user
spread @tc @user ""
spread @user @user @user

say "functions behind functions of the module, joins, digests"
behind='gets=source>(strsearch,"GET ",name=g);[gets|source>(strsearch,"HTTP",name=h)]>(pktcount,name=both);gets>(digest,crc32c,name=d)>(pktcount,name=e)'
launch "source=[dev v0];$behind"
send -r "$TMP/in.pcap"
stop
check "exit status" "$STATUS" 0
"$FFPF" --json "source=[pcap $TMP/in.pcap];$behind" >"$TMP/expected.json" 2>"$TMP/err" || cat "$TMP/err"
check "figures" "$(figures "$TMP/out.json")" "$(figures "$TMP/expected.json")"
accounts
finish
