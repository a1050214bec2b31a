#!/usr/bin/env bash
# defrag: the whole datagrams behind it are those that a model puts together, the fragments beside it as they came; in
# userspace and above a barrier.
. "$(dirname "$0")/common.bash"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi

check() { # check FILE [TIMEOUT]
	local level
	for level in "${levels[@]}"; do
		run 0 $level --json "[pcap $1]>(pktcount)>[(defrag,${2:-30s},name=d)>(write,$tmp/whole.pcap)|(write,$tmp/before.pcap)]"
		json '.lost == 0 and (.functions | all(.packets_in == .packets_out + .filtered + .lost))'
		json '[.functions[] | select(.name == "d")][0].state | .fragments == .joined + .timed_out + .memory_dropped + .bad + .overlap + .waiting'
		python3 "$source/tests/cli/natives.py" defrag "$tmp/before.pcap" "$tmp/whole.pcap" $((${2:-30} * 1000000000)) >"$tmp/expected" 2>&1 ||
			{ fail "$1 $level"; tail -1 "$tmp/expected"; continue; }
		jq -r '[.functions[] | select(.name == "d")][0] | "\(.packets_out) \(.state.fragments) \(.state.reassembled) \(.state.joined) \(.state.timed_out) \(.state.bad) \(.state.overlap) \(.state.waiting)"' "$tmp/out" >"$tmp/found"
		diff "$tmp/expected" "$tmp/found" >"$tmp/diff" || { fail "$1 $level"; cat "$tmp/diff"; }
	done
}
# fragments FILE: random datagrams in pieces, in and out of order, some twice, some overlapping, some never whole
python3 - "$tmp/frags.pcap" <<'PY'
import random, struct, sys
r = random.Random(5)
rows = []
for n in range(300):
    six, size = r.random() < .5, r.randrange(60, 5000)
    data, cut = r.randbytes(size), []
    step = 8 * r.randrange(2, 190)
    for at in range(0, size, step):
        end = min(at + step, size)
        cut.append((at, end, end < size))
    kind = r.random()
    if kind < .1:
        cut.append(r.choice(cut))
    elif kind < .2 and len(cut) > 1:
        cut.insert(r.randrange(len(cut)), (8, 24, True))
    elif kind < .3 and len(cut) > 1:
        cut.pop(r.randrange(len(cut)))
    elif kind < .35:
        cut.append((size // 8 * 8 + 8, size // 8 * 8 + 16, True))
    if r.random() < .5:
        r.shuffle(cut)
    for at, end, more in cut:
        body = (data + bytes(20))[at:end]
        if six:
            head = struct.pack(">IHBB", 6 << 28, len(body) + 8, 44, 64) + bytes.fromhex("20010db8") + bytes(11) + b"\1" + bytes.fromhex("20010db8") + bytes(11) + b"\2"
            packet = head + struct.pack(">BBHI", 17, 0, at | more, n) + body
        else:
            packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), n, at // 8 | more << 13, 64, 17, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + body
        rows.append((n * 10 + r.randrange(15), b"\2\0\0\0\0\1\2\0\0\0\0\2" + (b"\x86\xdd" if six else b"\x08\0") + packet))
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for ms, packet in sorted(rows, key=lambda row: row[0]):
        out.write(struct.pack("<IIII", 1700000000 + ms // 1000, ms % 1000 * 1000, len(packet), len(packet)) + packet)
PY
"$build/tests/genflows" -n 20 "$tmp/flows.pcap" "$tmp/flows.json" || fail "genflows"
check "$tmp/frags.pcap"
check "$tmp/frags.pcap" 1
check "$tmp/flows.pcap"
jq -e '[.functions[] | select(.name == "d")][0].state.reassembled > 0' "$tmp/out" >/dev/null || fail "no datagram was put together"
over_captures check

# a search over what was cut up
run 0 --json "[pcap $tmp/flows.pcap]>(defrag)>(BPF,\"udp\")>(anon,\"a key for this test\")>(strsearch,\"ttttt\")>(pktcount)"
json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
# several savefiles, one table: fragments of two sources are not put together
run 0 --json "d = (defrag); [pcap $tmp/frags.pcap]>d; [pcap $tmp/flows.pcap]>d; d>(pktcount)"
json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
# little memory
run 0 --json "[pcap $tmp/frags.pcap]>(defrag,memory=64k)>(pktcount)"
json '.functions[1].state | .fragments == .joined + .timed_out + .memory_dropped + .bad + .overlap + .waiting'

run 2 check "[pcap $tmp/flows.pcap]>(defrag,0s)"
err_has 'value-range'
run 2 check "[pcap $tmp/flows.pcap]>(defrag,memory=1k)"
err_has 'value-range'
run 2 check '[dev lo]>(defrag)@xdp'
err_has 'pin-refused'
run 2 check "[pcap $tmp/flows.pcap]>[(defrag)|(pass)]>(pktcount)"
err_has 'error\[packet-mixed\]'
finish
