#!/usr/bin/env bash
# Functions of the module that make packets, and what is behind them: the same figures and packets as in userspace, for
# stages one behind the other and beside each other, however they are spread over the levels.
. "$(dirname "$0")/lib.sh"
topology
module

python3 - "$TMP/in.pcap" <<'PY'
# 60 datagrams in fragments, in any order, some with a tag, some that never get whole, with a word that lies across two
# of them; between them packets of TCP and UDP that are whole
import random, struct, sys
random.seed(5)
frames = []
ethernet = bytes.fromhex("020000000002" "020000000001")
def ip(payload, number, word, protocol, last):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, word, 64, protocol, 0, bytes([198, 18, 0, 1]), bytes([198, 18, last, 2]))
    s = sum(struct.unpack(">10H", head)); s = (s & 0xffff) + (s >> 16); s = ~((s & 0xffff) + (s >> 16)) & 0xffff
    return b"\x08\0" + head[:10] + struct.pack(">H", s) + head[12:] + payload
for i in range(60):
    size, at, parts = random.randrange(400, 5000), 0, []
    n = size // 1000 + random.randrange(2, 4)
    step = (size // n + 7) // 8 * 8
    data = bytearray(random.randrange(256) for _ in range(size))
    data[:8] = struct.pack(">HHHH", 4000 + i, 53 if i % 2 else 54, size, 0)
    if i % 4 == 0:
        data[step - 3:step + 3] = b"needle"
    while at < size:
        piece = bytes(data[at:at + step])
        word = (0x2000 if at + len(piece) < size else 0) | at // 8
        parts.append(ethernet + (b"\x81\0\0\x07" if i % 3 == 0 else b"") + ip(piece, 1000 + i, word, 17, i % 5))
        at += len(piece)
    random.shuffle(parts)
    if i % 10 == 9:
        parts.pop()
    frames += parts
    frames.append(ethernet + ip(struct.pack(">HHHH", 4000, 53, 36, 0) + b"no needle" * 3 + b"!", i, 0, 17, 1))
    frames.append(ethernet + ip(struct.pack(">HHIIHHHH", 4000, 80, i, 0, 0x5018, 1000, 0, 0) + b"GET / HTTP/1.1", i, 0, 6, 2))
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i, f in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000, i, len(f), len(f)) + f)
PY
key='key="neither good nor secret"'
figures() { jq -c '[.functions[] | select(.class != "dev" and .class != "pcap") | [.name, .packets_in, .packets_out, .filtered, .bytes_in]] | sort' "$1"; }
# what C code has counted of itself; sinks say how often they wrote, too
states() { jq -c '[.functions[] | select(.class == "anon" or .class == "defrag" or .class == "strsearch" or .class == "digest") | [.name, .state]] | sort' "$1"; }
levels() { jq -r --arg class "$1" '[.functions[] | select(.class == $class) | .flowspace] | unique | join(" ")' "$TMP/out.json"; }
digest_of() { frames "$1" | sort | sha256sum; }

# expect GRAPH: what userspace makes of the file; GRAPH has SOURCE for what packets come from, DIR for where files go to
expect() {
	local graph=$1
	mkdir -p "$TMP/expected" "$TMP/got"
	rm -f "$TMP"/expected/* "$TMP"/got/*
	graph=${graph//DIR/$TMP/expected}
	"$FFPF" run --json --no-progress "${graph//SOURCE/[pcap $TMP/in.pcap]}" >"$TMP/expected.json" 2>"$TMP/err" || die "a savefile"
}

# same GRAPH [SOURCE]: live it is the same as what was expected
same() {
	local graph=${1//DIR/$TMP/got} source=${2:-[dev v0]} file
	rm -f "$TMP"/got/*
	launch "${graph//SOURCE/$source}"
	send -r "$TMP/in.pcap"
	stop
	check "exit status" "$STATUS" 0
	check "figures" "$(figures "$TMP/out.json")" "$(figures "$TMP/expected.json")"
	check "what C code counts" "$(states "$TMP/out.json")" "$(states "$TMP/expected.json")"
	for file in "$TMP"/expected/*; do
		check "packets of $(basename "$file")" "$(digest_of "$TMP/got/$(basename "$file")")" "$(digest_of "$file")"
	done
	accounts
	lossless
}

say "one behind the other"
# chain DEFRAG ANON FILTER: pins
chain() {
	echo "SOURCE>(defrag,name=d)$1>(anon,$key,name=a)$2>(BPF,\"udp port 53 and not net 198.18.0.0/15 or (vlan and udp port 53)\",name=f)$3>[(pktcount,name=n)|(write,DIR/x.pcap,name=w)]"
}
expect "$(chain "" "" "")"
check "some, not all" "$(jq -r '.functions[] | select(.name == "f") | .packets_out > 50 and .filtered > 50' "$TMP/expected.json")" true
same "$(chain @kmod @kmod "")"
check "where" "$(levels defrag) $(levels anon) $(levels BPF) $(levels pktcount) $(levels write)" "kmod kmod kmod kmod user"
same "$(chain "" "" "")"
check "where, by itself" "$(levels defrag) $(levels anon) $(levels BPF) $(levels pktcount)" "kmod kmod kmod kmod"
same "$(chain @kmod @kmod @user)"
same "$(chain @kmod @user "")"
same "$(chain @user @user "")" "[dev v0]@tc" # from xdp it would not see the tags that lie beside packets

say "behind a filter of a lower level"
expect 'SOURCE>(BPF,"udp or (vlan and udp)",name=u)>(anon,'"$key"',name=a)>[(pktcount,name=n)|(write,DIR/x.pcap,name=w)]'
same 'SOURCE>(BPF,"udp or (vlan and udp)",name=u)@tc>(anon,'"$key"',name=a)@kmod>[(pktcount,name=n)|(write,DIR/x.pcap,name=w)]' "[dev v0]@tc"
check "where" "$(levels BPF) $(levels anon)" "tc kmod"

say "beside each other, with joins and several ways up"
graph='s=SOURCE;s>(write,DIR/raw.pcap,name=wr);s>(strsearch,"needle",name=before)>(pktcount,name=nb);'
graph+='d=s>(defrag,name=d);d>(write,DIR/whole.pcap,name=wd);d>(pktcount,name=nd);'
graph+='b=d>(strsearch,"needle|GET",name=behind);b>(pktcount,name=nn);'
graph+='b>[1:(pktcount,name=n1)|else:(pktcount,name=n2)];[b|d>(BPF,"tcp",name=t)]>(pktcount,name=j);'
graph+='[d>(BPF,"udp",name=q,class=7)|b]>(write,DIR/joined.pcap,name=wj);'
graph+='e=d>(anon,'"$key"',name=e);e>(BPF,"net 198.18.0.0/15",name=old)>(pktcount,name=none);e>(digest,crc32c,name=g)>(write,DIR/both.pcap,name=we);'
graph+='a=s>(anon,'"$key"',name=a);a>(defrag,name=c)>(write,DIR/other.pcap,name=wc);a>(write,DIR/anon.pcap,name=wa)'
expect "$graph"
check "what is found before and behind" "$(jq -c '[.functions[] | select(.name == "before" or .name == "behind") | .packets_out]' "$TMP/expected.json")" "[60,135]"
check "addresses that are known" "$(jq -r '.functions[] | select(.name == "none") | .packets_in' "$TMP/expected.json")" 0
same "$graph"
check "where" "$(levels defrag) $(levels anon) $(levels strsearch) $(levels digest)" "kmod kmod kmod kmod"

say "more of them than the module has stages"
many=
for i in {1..8}; do many+=">(anon,$key,name=a$i)"; done
expect "SOURCE$many>(write,DIR/x.pcap,name=w)"
same "SOURCE$many>(write,DIR/x.pcap,name=w)"
check "where" "$(levels anon)" user
check_text "why" "$TMP/err" "more than 7 functions in it change packets"
finish
