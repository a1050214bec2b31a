#!/usr/bin/env bash
# ./do bench passthrough [ROUNDS [SECONDS]]: what a flowgraph costs a veth whose packets go on to the stack: packets a
# second that a sender on the same processor gets through, with GRO instead of an XDP program (nothing attached), with a
# program that only passes, and with flowgraphs. Figures are medians, ratios are taken within a round.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-7} SECONDS_EACH=${2:-1}
GRAPHS=(
	'[dev v0]>(pktcount)'
	'[dev v0]>(BPF,"tcp port 80")>(pktcount)'
	'[dev v0]>[(BPF,"tcp port 80")>(pktcount)|(BPF,"udp")>(bytecount)|(BPF,"host 198.18.0.9")>(hist)]'
	'[dev v0]>(BPF,"tcp port 80")>(write,"/dev/null")'
)
rx sysctl -qw net.ipv4.icmp_echo_ignore_all=1

for ((round = 0; round < ROUNDS; round++)); do
	rx ethtool -K v0 gro on
	load max "$SECONDS_EACH"
	rx ethtool -K v0 gro off
	echo "$PPS" >>"$TMP/none"
	hold v0
	load max "$SECONDS_EACH"
	unhold
	echo "$PPS" >>"$TMP/pass"
	for i in "${!GRAPHS[@]}"; do
		start v0 "${GRAPHS[i]}"
		load max "$SECONDS_EACH"
		stop
		[ "$(json '.functions[0].packets_in')" = "$SENT" ] || die "counted $(json '.functions[0].packets_in') of $SENT"
		echo "$PPS" >>"$TMP/$i"
	done
done

# line NAME FILE
line() {
	paste -d' ' "$TMP/$2" "$TMP/none" | awk '{ print $1 / $2 }' >"$TMP/column"
	local to_none
	to_none=$(median "$TMP/column")
	paste -d' ' "$TMP/$2" "$TMP/pass" | awk '{ print $1 / $2 }' >"$TMP/column"
	printf '%-100s %8.0f %9.2f %9.2f\n' "$1" "$(awk -v p="$(median "$TMP/$2")" 'BEGIN { print p / 1000 }')" "$to_none" "$(median "$TMP/column")"
}
echo "60-byte UDP packets into a veth and up to the stack; medians of $ROUNDS rounds of $SECONDS_EACH s"
printf '%-100s %8s %9s %9s\n' "" kpps "x nothing" "x passing"
line 'nothing attached (GRO on)' none
line 'a program that counts and passes (xdphold)' pass
for i in "${!GRAPHS[@]}"; do
	line "${GRAPHS[i]}" "$i"
done
