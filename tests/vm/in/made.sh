#!/usr/bin/env bash
# anon and defrag in the module make the packets that they make in userspace.
. "$(dirname "$0")/lib.sh"
topology
module
"$TOOLS/gencap" -n 600 -m tcp,udp,icmp -S 9 "$TMP/in.pcap"
"$FFPF" "[pcap $TMP/in.pcap]>(anon,key=3031323334353637383961626364656630313233343536373839414243444546)>(write,$TMP/user.pcap)" >/dev/null 2>"$TMP/why"
live -a -w "$TMP/out.pcap"
send -r "$TMP/in.pcap"
rest
check "exit status" "$STATUS" 0
check "records" "$(got records)" "$SENT"
check "made in userspace" "$(count_frames "$TMP/user.pcap")" "$SENT"
check "the same packets" "$(frames "$TMP/out.pcap" | sort | sha256sum)" "$(frames "$TMP/user.pcap" | sort | sha256sum)"
check "not those that came" "$([ "$(frames "$TMP/out.pcap" | sort | sha256sum)" != "$(frames "$TMP/in.pcap" | sort | sha256sum)" ] && echo yes)" yes
check "packets with addresses" "$([ "$(got matched)" -gt 500 ] && echo yes)" yes

say "fragments"
python3 - "$TMP/in.pcap" <<'PY'
# 60 datagrams in fragments, in any order, some with a tag, some that never get whole; others between them
import random, struct, sys
random.seed(3)
frames = []
for i in range(60):
    size, at, parts = random.randrange(200, 5000), 0, []
    data = bytes(random.randrange(256) for _ in range(size))
    n = size // 1000 + random.randrange(2, 4)
    step = (size // n + 7) // 8 * 8
    while at < size:
        piece = data[at:at + step]
        word = (0x2000 if at + len(piece) < size else 0) | at // 8
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(piece), 1000 + i, word, 64, 17, 0, bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
        tag = b"\x81\0\0\x07" if i % 3 == 0 else b""
        parts.append(bytes.fromhex("020000000002" "020000000001") + tag + b"\x08\0" + ip + piece)
        at += len(piece)
    random.shuffle(parts)
    if i % 10 == 9:
        parts.pop()
    frames += parts
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 48, i, 0, 64, 17, 0, bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
    frames.append(bytes.fromhex("020000000002" "020000000001" "0800") + ip + bytes(28))
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i, f in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000, i, len(f), len(f)) + f)
PY
"$FFPF" --json "[pcap $TMP/in.pcap]>(defrag,name=d)>(write,$TMP/user.pcap)" >"$TMP/out.json" 2>"$TMP/why"
live -D -w "$TMP/out.pcap"
send -r "$TMP/in.pcap"
rest
check "exit status" "$STATUS" 0
check "made in userspace" "$(count_frames "$TMP/user.pcap")" 114
check "records" "$(got records)" 114
check "fragments" "$(got matched)" "$(of d state.fragments)"
check "the same packets" "$(frames "$TMP/out.pcap" | sort | sha256sum)" "$(frames "$TMP/user.pcap" | sort | sha256sum)"
finish
