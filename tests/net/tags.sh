#!/usr/bin/env bash
# A VLAN tag that the kernel keeps outside of the packet's bytes is seen at its place at tc, on the way in and on the
# way out: by filters, in files, in lengths. So everything is as it is of a savefile with the tag inside.
. "$(dirname "$0")/lib.sh"
topology
tc_ways
need_commands python3
"$TOOLS/gencap" -n 3000 -s imix -m tcp=3,udp=3,icmp,vlan -S 7 "$TMP/sent.pcap" >/dev/null
sent=$(count_frames "$TMP/sent.pcap")

ready() { grep -q . "$TMP/out.json" || [ "$(on_tc v0 "$1")" -ge 1 ]; }
# begin DIR GRAPH
begin() {
	ip netns exec "$RX" "$FFPF" run --json --no-progress -d "$LIMIT" "$2" >"$TMP/out.json" 2>"$TMP/err" &
	FFPF_PID=$!
	wait_for 30 ready "$1" || die "ffpf attached nothing in 30 s"
	sleep 0.2
}

say "frames of v1's, with a tag in metadata when v0 gets them"
filters='[(BPF,"vlan 5") > (pktcount,name=five) | (BPF,"vlan 5 and tcp") > (pktcount,name=tcp) | (BPF,"not vlan") > (pktcount,name=none) | (FPL,"return vlan.id == 5 && eth.type == 0x8100;") > (pktcount,name=fpl) | (FPL,"return vlan2.id;") > (pktcount,name=two) | (pktcount,name=all)'
begin in "[(dev,v0)@tc] > $filters | (write,$TMP/got.pcap)]"
tagged "$TX" v1 send -i v1 -r "$TMP/sent.pcap"
stop
check "exit status" "$STATUS" 0
check "all" "$(of all state.packets)" "$sent"
check "vlan 5, by BPF and by FPL" "$(of five state.packets) $(of fpl state.packets)" "$sent $sent"
check "none without" "$(of none state.packets)" 0
check "where" "$(json '[.functions[] | select(.class == "BPF" or .class == "FPL") | .flowspace] | unique | join(" ")')" tc
check "in the file" "$(count_frames "$TMP/got.pcap") $(count_frames "$TMP/got.pcap" 'vlan 5')" "$sent $sent"
# The file says the same of itself as was said of the packets.
"$FFPF" run --json --no-progress "(pcap,$TMP/got.pcap) > $filters]" >"$TMP/again.json"
for name in five tcp none fpl two all; do
	check "$name, read again" "$(jq -r ".functions[] | select(.name == \"$name\") | \"\(.packets_in) \(.bytes_in)\"" "$TMP/again.json")" "$(json ".functions[] | select(.name == \"$name\") | \"\(.packets_in) \(.bytes_in)\"")"
done
bytes_of() { # of a pcap file: lengths on the wire
	python3 -c '
import struct, sys
d = open(sys.argv[1], "rb").read(); at = 24; n = 0
while at < len(d):
    caplen, length = struct.unpack_from("<II", d, at + 8); at += 16 + caplen; n += length
print(n)' "$1"
}
check "bytes: the tags are among them" "$(of all bytes_in)" $(($(bytes_of "$TMP/sent.pcap") + 4 * sent))
accounts
lossless

say "on the way out, tagged by a program before ours on the hook"
outward() {
	begin out '[dev v0 dir=out] > [(BPF,"vlan 5 and udp port 9") > (pktcount,name=five) | (BPF,"udp port 9") > (pktcount,name=untagged)]'
	rx bash -c 'for i in {1..30}; do echo hello >/dev/udp/198.18.0.1/9; done'
	stop
}
ip -n "$RX" neigh replace 198.18.0.1 lladdr 02:00:00:00:00:01 dev v0
ready() { [ "$(on_tc v0 "$1")" -ge 2 ]; }
tagged "$RX" v0 outward
ready() { [ "$(on_tc v0 "$1")" -ge 1 ]; }
check "vlan 5" "$(of five state.packets)" 30
check "not seen as untagged" "$(of untagged state.packets)" 0

say "super-packets in pieces of memory, with and without a tag"
rx ethtool -K v0 gso on tso on tx-tcp-segmentation on >/dev/null 2>&1
tx ethtool -K v1 gso on tso on gro on tx-tcp-segmentation on >/dev/null 2>&1
tx ip address add 198.18.0.1/15 dev v1
to=198.18.0.1
super() {
	: >"$TMP/server"
	tx timeout 20 python3 -c '
import socket, sys
s = socket.create_server((sys.argv[1], 9000)); print("ready", flush=True); c, _ = s.accept(); n = 0
while (b := c.recv(1 << 20)): n += len(b)
print(n)' $to >"$TMP/server" &
	server=$!
	wait_for 10 grep -q ready "$TMP/server" || skip "no TCP server here"
	begin out "[dev v0 dir=out] > [(BPF,\"$1tcp dst port 9000\") > [(pktcount,name=tcp) | (FPL,\"return len > 2000;\") > (pktcount,name=large) | (write,$TMP/super.pcap)]]"
	rx timeout 20 python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], 9000)); s.sendall(b"0123456789abcdef" * (1 << 16)); s.close()' $to
	wait $server
	stop
	check "received" "$(tail -n 1 "$TMP/server")" 1048576
	check "there were super-packets" "$([ "$(of large state.packets)" -gt 0 ] && echo yes)" yes
	check "written" "$(count_frames "$TMP/super.pcap")" "$(of tcp state.packets)"
	check "what was sent is in the file, byte for byte" "$(python3 - "$TMP/super.pcap" <<'P'
import struct, sys
data = open(sys.argv[1], "rb").read(); at = 24; segments = {}
while at < len(data):
    _, _, caplen, length = struct.unpack_from("<IIII", data, at); at += 16
    p = data[at:at + caplen]; at += caplen
    ip = 18 if p[12:14] == b"\x81\x00" else 14
    total = struct.unpack_from(">H", p, ip + 2)[0]; tcp = ip + (p[ip] & 15) * 4
    seq = struct.unpack_from(">I", p, tcp + 4)[0]; payload = p[tcp + (p[tcp + 12] >> 4) * 4:ip + total] if total else p[tcp + (p[tcp + 12] >> 4) * 4:]
    if payload: segments[seq] = payload
    elif p[tcp + 13] & 2: first = seq + 1
stream = bytearray(1 << 20)
for seq, payload in segments.items():
    o = (seq - first) & 0xffffffff; stream[o:o + len(payload)] = payload
print("same" if bytes(stream) == b"0123456789abcdef" * (1 << 16) else "other")
P
)" same
	accounts
}
super ""
say "… with a tag in metadata, which the other end takes off"
ip netns exec "$TX" "$FFPF" run --json --no-progress -d "$LIMIT" '(dev,v1)@tc > (vlanpop)' >"$TMP/pop.json" 2>"$TMP/pop.err" &
pop=$!
popping() { [ "$(on_tc v1 in tx)" -ge 1 ]; }
wait_for 20 popping || die "vlanpop attached nothing in 20 s"
sleep 0.3
ready() { [ "$(on_tc v0 "$1")" -ge 2 ]; }
tagged "$RX" v0 super "vlan 5 and "
kill -TERM $pop
wait $pop
say "vlanpush: the other end gets the tag"
ready() { [ "$(on_tc v0 "$1")" -ge 1 ]; }
ip netns exec "$TX" "$FFPF" run --json --no-progress -d "$LIMIT" '(dev,v1,dir=out)>(BPF,"udp")>(vlanpush,7,prio=3,tpid=0x88a8)>(pktcount,name=pushed)' >"$TMP/push.json" 2>"$TMP/push.err" &
push=$!
pushing() { [ "$(on_tc v1 out tx)" -ge 1 ]; }
wait_for 20 pushing || die "vlanpush attached nothing in 20 s"
sleep 0.3
begin in '[(dev,v0)@tc] > [(FPL,"return vlan.id == 7 && vlan.pcp == 3 && eth.type == 0x88a8;") > (pktcount,name=tagged) | (BPF,"tcp") > (pktcount,name=tcp)]'
send -m udp -n 200
udp=$SENT
send -m tcp -n 100
stop
kill -TERM $push
wait $push
check "tagged ones, and others as they were" "$(of tagged state.packets) $(of tcp state.packets)" "$udp $SENT"
check "what pushed them" "$(jq -r '.functions[] | select(.name == "pushed") | "\(.flowspace) \(.packets_in)"' "$TMP/push.json")" "tc $udp"
check "tags taken off" "$(jq -r '.functions[] | select(.class == "vlanpop") | .packets_in > 20' "$TMP/pop.json")" true
finish
