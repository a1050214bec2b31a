#!/usr/bin/env bash
# strsearch in the module against a search of the same packets in a savefile.
. "$(dirname "$0")/lib.sh"
topology
module
python3 - "$TMP/in.pcap" >"$TMP/expected" <<'PY'
import random, struct, sys
random.seed(11)
words = [b"GET /", b"POST /", b"Host: example", b"password=", b"\0\1\2", b"get /", b"aaaab"]
patterns = [b"GET ", b"\r\nHost: ", b"aab"]
counts, searched, matched, total_class = [0, 0, 0], 0, 0, 0
out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)]
for i in range(1500):
    payload = b"".join(random.choice(words + [b"\r\n", b" ", b"aa", bytes([random.randrange(256)])]) for _ in range(random.randrange(12)))
    udp = random.random() < .5
    if udp:
        transport = struct.pack(">HHHH", 1024 + i, 53, 8 + len(payload), 0)
    else:
        transport = struct.pack(">HHIIBBHHH", 1024 + i, 80, i, 0, 0x60, 0x10, 1000, 0, 0) + b"GET "
    total = 20 + len(transport) + len(payload)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, i, 0, 64, 17 if udp else 6, 0, bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
    frame = bytes.fromhex("020000000002" "020000000001" "0800") + ip + transport + payload
    frame += b"GET \r\nHost: aab"[: max(0, 60 - len(frame))]
    out.append(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)
    searched += len(payload)
    found = [k for k, pattern in enumerate(patterns) if pattern in payload]
    for k in found:
        counts[k] += 1
    if found:
        matched += 1
        total_class += found[0] + 1
open(sys.argv[1], "wb").write(b"".join(out))
print(matched, searched, ",".join(map(str, counts)), total_class)
PY
read -r matched searched hits sum <"$TMP/expected"
live -p $'GET |\r\nHost: |aab'
send -r "$TMP/in.pcap"
rest
check "packets" "$(got packets)" "$SENT"
check "matched" "$(got matched)" "$matched"
check "searched" "$(got searched)" "$searched"
check "hits" "$(got hits)" "$hits"
check "records and classes" "$(got a)" "$matched/$sum"
check "records" "$(got records)" "$matched"
check "some match, some do not" "$([ "$matched" -gt 100 ] && [ "$matched" -lt 1400 ] && echo yes)" yes

say "a datagram in fragments of memory: GSO on, 60 kB"
tx ethtool -K v1 gso on tso on sg on >/dev/null 2>&1
rx ethtool -K v0 gro off >/dev/null 2>&1
live -p 'needle in it'
rx python3 -c '
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("198.18.0.2", 7777))
s.listen()
print("listening", flush=True)
c, _ = s.accept()
n = 0
while True:
    d = c.recv(1 << 20)
    if not d:
        break
    n += len(d)
print(n)' >"$TMP/server" &
server=$!
wait_for 10 grep -q listening "$TMP/server" || die "no server"
tx ip address add 198.18.0.1/15 dev v1
tx python3 -c '
import socket
s = socket.create_connection(("198.18.0.2", 7777))
for i in range(20):
    s.sendall(b"x" * 29000 + b"needle in it" + b"y" * 31000)
s.close()'
wait $server
rest
check "the server got all of it" "$(tail -n 1 "$TMP/server")" $((20 * 60012))
check "found" "$([ "$(got matched)" -ge 10 ] && [ "$(got matched)" -le 20 ] && echo yes)" yes
check "packets were big" "$([ $(($(got bytes) / $(got packets))) -gt 5000 ] && echo yes)" yes
check "records" "$(got records)" "$(got matched)"
finish
