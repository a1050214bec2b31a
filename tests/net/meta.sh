#!/usr/bin/env bash
# What goes along with packets from xdp to tc: with GRO on, as many packets come up as were sent, unmerged; more classes
# than the metadata has room for move the source's functions up, which explain and the run say.
. "$(dirname "$0")/lib.sh"
topology
tc_ways

need_commands python3
tx ip address add 198.18.0.1/15 dev v1
PORT=5001 BYTES=2000000

# stream: a connection of the machine's own stack from tx to rx. Large writes are cut where they leave (GSO, not TSO), so
# that what leaves together arrives together, and GRO has something to merge.
stream() {
	: >"$TMP/got"
	rx python3 - $PORT <<'PY' >"$TMP/got" 2>&1 &
import socket, sys
s = socket.create_server(("198.18.0.2", int(sys.argv[1])))
print("ready", flush=True)
c = s.accept()[0]
n = 0
while data := c.recv(1 << 20):
    n += len(data)
print(n, flush=True)
PY
	local server=$!
	wait_for 10 grep -q ready "$TMP/got" || die "no server: $(cat "$TMP/got")"
	tx python3 - $PORT $BYTES <<'PY' || die "the connection failed: $(cat "$TMP/got")"
import socket, sys
s = socket.create_connection(("198.18.0.2", int(sys.argv[1])), timeout=20)
s.sendall(bytes(int(sys.argv[2])))
PY
	wait $server
	check "the stack got all" "$(tail -n 1 "$TMP/got")" $BYTES
}
# Bytes of the connection's data, whatever packets they come in, and what was sent again.
data() { echo "(FPL,{ counter data; if (tcp.dport == $PORT) { data += ip.len - ip.hlen - tcp.hlen; return 1 } },name=$1)"; }

rx ethtool -K v0 gro on
tx ethtool -K v1 gso on
say "GRO on: a level by itself sees what explain says"
rx "$FFPF" explain "[(dev,v0)@tc] > (pktcount)" >"$TMP/explained" 2>"$TMP/err"
check_text "explain" "$TMP/explained" '^tc .*super-packets after GRO'
launch "[(dev,v0)@tc] > [$(data t)@tc | $(data u)@user]"
stream
stop
check "exit status" "$STATUS" 0
merged=$(of t packets_out)
check "GRO has merged packets at tc" "$([ "$merged" -lt $((BYTES / 1448)) ] && echo fewer)" fewer
check "their data is all there" "$([ "$(of t state.data)" -ge $BYTES ] && echo all)" all
check "above, too" "$(of u state.data)" "$(of t state.data)"
accounts
lossless

say "GRO on, and XDP looks first: wire packets, one by one"
rx "$FFPF" explain '[(dev,v0)@xdp] > (BPF,"tcp")@xdp > (pktcount)@tc' >"$TMP/explained" 2>"$TMP/err"
check_text "explain" "$TMP/explained" '^xdp .*wire'
launch "[(dev,v0)@xdp] > (BPF,\"tcp dst port $PORT\",name=f)@xdp > [$(data x)@xdp | $(data t)@tc | $(data u)@user]"
stream
stop
check "exit status" "$STATUS" 0
wire=$(of x packets_in)
check "on the wire there are more" "$([ "$wire" -gt $((BYTES / 1500)) ] && echo more)" more
check "all came, one by one" "$(of t packets_in) $(of u packets_in)" "$wire $wire"
check "data" "$([ "$(of x state.data)" -ge $BYTES ] && echo all)" all
check "the same above" "$(of t state.data) $(of u state.data)" "$(of x state.data) $(of x state.data)"
accounts
lossless

say "what XDP let go is merged as always"
launch "[(dev,v0)@xdp] > [(BPF,\"udp\",name=f)@xdp > (pktcount,name=n)@tc | (BPF,\"tcp dst port $PORT\")@xdp > (pktcount,name=x)@xdp]"
stream
stop
check "on the wire" "$([ "$(of x state.packets)" -gt $((BYTES / 1500)) ] && echo more)" more
check "UDP at tc" "$(of n state.packets)" 0
accounts

rx ethtool -K v0 gro off
tx ethtool -K v1 gso off
rx "$FFPF" explain "[(dev,v0)@tc] > (pktcount)" >"$TMP/explained" 2>"$TMP/err"
check_text "GRO off: explain" "$TMP/explained" '^tc .*received packets, VLAN'

# graph N PIN: N filters, a counter behind each at tc
graph() {
	local i arms=
	for ((i = 1; i <= $1; i++)); do
		arms+="${arms:+ | }(BPF,\"udp and greater $i\",name=f$i)$2 > (pktcount,name=n$i)@tc"
	done
	echo "[dev v0] > [$arms]"
}
say "as many classes as there is room for: less on older kernels"
rx "$FFPF" explain "$(graph 60 "")" >"$TMP/explained" 2>"$TMP/err"
check "explain: exit status" $? 0
check_text "explain" "$TMP/explained" 'f1 .*tc .*room for [0-9]+ classes, and 60 go up'
room=$(sed -n 's/.*f1 .*room for \([0-9]*\) classes.*/\1/p' "$TMP/explained")
check "room: for 46, or 6 before Linux 6.7" "$([[ $room =~ ^(46|6)$ ]] && echo "$room")" "$room"
launch "$(graph "$room" @xdp)"
send -m udp -n 200
stop
check "exit status" "$STATUS" 0
check "all came" "$(json '[.functions[] | select(.class == "pktcount") | .state.packets] | unique | tostring')" "[$SENT]"
accounts
lossless
check "where filters run" "$(of f1 flowspace)" xdp

say "more of them"
launch "$(graph 60 "")"
send -m udp -n 200
stop
check "exit status" "$STATUS" 0
check "all came" "$(json '[.functions[] | select(.class == "pktcount") | .state.packets] | unique | tostring')" "[$SENT]"
check "where filters run" "$(json '[.functions[].flowspace] | unique | join(" ")')" tc
check "a notice" "$(json '.notices | map(select(test("room for [0-9]+ classes"))) | length > 0')" true
accounts
lossless

say "pinned below: an error"
run run -d 1 "$(graph $((room + 1)) @xdp)"
check "exit status" "$STATUS" 2
check_text "which says why" "$TMP/err" 'room for [0-9]+ classes'

say "a driver without metadata: the source begins where its first function is that can tell the next"
export FFPF_XDP_NO_METADATA=veth
spread='[dev v0]>(BPF,"udp",name=f)>(pktcount,name=n)@tc'
run explain "$spread"
check "exit status" "$STATUS" 0
check_text "explain says so" "$TMP/out.json" "f .* tc .* xdp: the driver of 'v0' \(veth\) leaves no room"
launch "$spread"
send -m udp -n 200
stop
check "exit status" "$STATUS" 0
check "all came" "$(of n state.packets)" "$SENT"
check "where" "$(json '[.functions[].flowspace] | unique | join(" ")')" tc
accounts
lossless
run run -d 1 '[(dev,v0)@xdp]>(BPF,"udp",name=f)@xdp>(pktcount,name=n)@tc'
check "pinned: an error" "$STATUS" 2
check_text "which says why" "$TMP/err" "leaves no room for a packet's metadata"
unset FFPF_XDP_NO_METADATA
finish
