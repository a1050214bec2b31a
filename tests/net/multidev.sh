#!/usr/bin/env bash
# Two devices, one graph: their programs share the counters.
. "$(dirname "$0")/lib.sh"
topology
pair w0 w1

start v0 '[(dev,v0) | (dev,w0)] > (BPF,"udp") > (pktcount,name=n)'
wait_for 10 attached w0 || die "w0 has no program"
send -i v1 -n 3000 -m udp
v=$SENT
send -i w1 -n 2000 -m udp
w=$SENT
send -i w1 -n 1000 -m tcp
t=$SENT
stop
check "exit status" "$STATUS" 0
check "counted over both" "$(of n state.packets)" $((v + w))
check "the filter saw" "$(json '.functions[] | select(.class == "BPF") | .packets_in')" $((v + w + t))
accounts
check "v0 is free" "$(prog_id v0)" ""
check "w0 is free" "$(prog_id w0)" ""

say "one branch of its own for each device"
start v0 "[dev v0] > (BPF,\"udp\") > (pktcount,name=a); [dev w0] > (pktcount,name=b)"
wait_for 10 attached w0 || die "w0 has no program"
send -i v1 -n 700 -m udp
v=$SENT
send -i w1 -n 500 -m tcp
stop
check "first device" "$(of a state.packets)" "$v"
check "second device" "$(of b state.packets)" "$SENT"

say "a pcapng file names them"
start v0 "a = [dev v0]; b = [dev w0]; [a|b] > (write,$TMP/both.pcapng); b > (write,$TMP/one.pcapng)"
wait_for 10 attached w0 || die "w0 has no program"
send -i v1 -n 20
send -i w1 -n 10
stop
# interfaces FILE: names of the interfaces that packets are of, and how many packets
interfaces() {
	python3 - "$1" <<-'PY'
	import struct, sys
	data, at, names, count = open(sys.argv[1], "rb").read(), 0, [], {}
	while at < len(data):
	    kind, size = struct.unpack_from("=II", data, at)
	    if kind == 1:
	        code, length = struct.unpack_from("=HH", data, at + 16)
	        names.append(data[at + 20:at + 20 + length].decode() if code == 2 else "?")
	    if kind == 6:
	        name = names[struct.unpack_from("=I", data, at + 8)[0]]
	        count[name] = count.get(name, 0) + 1
	    at += size
	print(len(names), *(f"{name}={n}" for name, n in sorted(count.items())))
	PY
}
check "interfaces of both" "$(interfaces "$TMP/both.pcapng")" "2 v0=20 w0=10"
check "interface of one" "$(interfaces "$TMP/one.pcapng")" "1 w0=10"
check "tcpdump reads it" "$(count_frames "$TMP/both.pcapng")" 30
finish
