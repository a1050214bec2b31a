#!/usr/bin/env bash
# Where the bytes of packets are stored, and when (--copy): the same packets and figures whichever way, the way that was
# asked for in explain, and exact losses where the ring of the lower level is overtaken.
. "$(dirname "$0")/lib.sh"
topology
rx "$TOOLS/tchold" -i v0 -q >/dev/null 2>"$TMP/why" || skip "no TCX here: $(cat "$TMP/why")"
"$TOOLS/gencap" -n 3000 -s internet -m tcp=5,udp=3,icmp -F 50 -S 3 "$TMP/in.pcap"
GRAPH='[(dev,v0)@xdp] > (BPF,"udp or tcp",name=f)@xdp > (BPF,"tcp",name=g)@tc > [(write,"'$TMP'/got.pcap",name=w) | (digest,of=packet,name=d) | (pktcount,name=n)@tc | (BPF,"tcp[tcpflags] & tcp-ack != 0",name=a)@user > (bytecount,name=b)]'
tcp=$(count_frames "$TMP/in.pcap" tcp)
frames "$TMP/in.pcap" tcp >"$TMP/expected"

# explained COPY…: a line a barrier: from, to, copy
explained() { rx "$FFPF" explain --json --no-probe "$@" | jq -r '.barriers[] | "\(.from) \(.to) \(.copy)"' | sort | tr '\n' ','; }

declare -A WAYS=(
	[auto]="tc user once,xdp tc demand," [demand]="tc user once,xdp tc demand," [once]="tc user index,xdp tc once,")
figures=
for copy in auto demand once; do
	say "$copy"
	check "explain" "$(explained --copy $copy "$GRAPH")" "${WAYS[$copy]}"
	rm -f "$TMP/got.pcap"
	launch --copy $copy --buffer 16M "$GRAPH"
	send -r "$TMP/in.pcap" -R 20000
	stop
	check "exit status" "$STATUS" 0
	check "what was written" "$(of w packets_in)" "$tcp"
	check "the packets themselves" "$(frames "$TMP/got.pcap" | cmp - "$TMP/expected" 2>&1)" ""
	got=$(jq -c '[.functions[] | select(.name != "dev0") | [.name, .packets_in, .packets_out, .filtered, (.state | del(.path?))]]' "$TMP/out.json")
	check "the same figures" "$got" "${figures:=$got}"
	accounts
	lossless
done

say "times, lengths and directions come along"
for copy in demand once; do
	launch --copy $copy "[(dev,v0)@xdp] > (BPF,\"udp\",name=f)@xdp > [(pktcount,name=n)@tc | (BPF,\"udp\")@tc > (write,\"$TMP/$copy.pcap\",snaplen=60,name=w)]"
	before=$(date +%s)
	send -m udp -s 1000 -n 50
	stop
	check "$copy: lengths" "$(tcpdump -nn -e -r "$TMP/$copy.pcap" 2>/dev/null | grep -c 'length 1000:')" 50
	check "$copy: times" "$(tcpdump -nn -tt -r "$TMP/$copy.pcap" 2>/dev/null | awk -v low="$before" '$1 < low || $1 > low + 20' | wc -l)" 0
done

say "a lower ring that is overtaken: what is lost is counted, what is not is whole"
launch --copy once --buffer 64k --wakeup sleep --wake-us 400000 "[(dev,v0)@xdp] > (BPF,\"ip\",name=f)@xdp > (BPF,\"tcp\",name=g)@tc > (write,\"$TMP/lossy.pcap\",name=w)"
send -r "$TMP/in.pcap"
stop
check "exit status" "$STATUS" 0
accounts
check "let out" "$(of g packets_out)" "$tcp"
check "some were lost" "$(json '.lost > 0')" true
check "none is missing" "$(($(of w state.packets_written) + $(json '[.barriers[] | select(.to == "user") | .lost] | add')))" "$tcp"
frames "$TMP/lossy.pcap" | tr -d '\n' | sed 's/\t0x0000/\n&/g' | grep . | sort -u >"$TMP/a"
tr -d '\n' <"$TMP/expected" | sed 's/\t0x0000/\n&/g' | grep . | sort -u >"$TMP/b"
check "what came is whole" "$(comm -23 "$TMP/a" "$TMP/b" | wc -l)" 0
check "and it is something" "$([ -s "$TMP/a" ] && echo yes)" yes

say "index only"
check "explain" "$(explained '[(dev,v0)@xdp] > (BPF,"udp")@xdp > (pktcount)@tc > (pktcount)@user')" "tc user index,xdp tc index,"
launch --copy index '[(dev,v0)@xdp] > (BPF,"udp")@xdp > (pktcount,name=t)@tc > (pktcount,name=u)@user'
send -m udp -n 500
stop
check "counted" "$(of t state.packets) $(of u state.packets)" "500 500"
accounts
lossless
run run --copy index -d 1 "$GRAPH"
check "who needs bytes is told" "$STATUS" 2
check_text "and why" "$TMP/err" "error\[copy-index\]: only indices .*'w' in user looks at whole packets"

say "what can't be"
run run --copy once --slow-reader -d 1 "$GRAPH"
check "once with slow readers" "$STATUS" 2
check_text "says why" "$TMP/err" "can't wait for a slow reader"
finish
