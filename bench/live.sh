#!/usr/bin/env bash
# ./do bench live [ROUNDS [SECONDS]]: packets a second into a veth, counted and written by ffpf, against tcpdump.
#
# The sender shares its processor with the receiving side of the veth: what costs the kernel path more slows it down. So
# "max" is what can be offered at most, and offered rates below it are the same for all. Ways take turns; figures are
# medians, ratios are taken within a round. A rate counts as lossless when nothing was lost in any round.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-5} SECONDS_EACH=${2:-1}
WAYS="tcpdump count write take"
RATES="200000 400000 600000 max"
declare -A WHAT=(
	[tcpdump]='tcpdump -w /dev/null udp'
	[count]='[dev v0]>(BPF,"udp")>(pktcount)'
	[write]='[dev v0]>(BPF,"udp")>(write,"/dev/null")'
	[take]='[dev v0 take=yes]>(BPF,"udp")>(write,"/dev/null")'
)

# measure WAY RATE: "sent pps lost cpu_ticks" into a file of the way and rate
measure() {
	local lost ticks
	if [ "$1" = tcpdump ]; then
		hold v0 # without an XDP program at the other end no packet arrives
		tcpdump_start -w /dev/null udp
		load "$2" "$SECONDS_EACH"
		ticks=$(cpu_ticks "$TCPDUMP")
		tcpdump_stop
		unhold
		lost=$DROPPED # not SENT - CAPTURED: tcpdump leaves up to a block of its ring unread when it is ended
	else
		start v0 "${WHAT[$1]}"
		load "$2" "$SECONDS_EACH"
		ticks=$(cpu_ticks "$FFPF_PID")
		stop
		lost=$((SENT - $(json '.functions[-1].packets_out')))
	fi
	echo "$PPS $lost $SENT $ticks" >>"$TMP/$1.$2"
}

for ((round = 0; round < ROUNDS; round++)); do
	for rate in $RATES; do
		for way in $WAYS; do
			measure "$way" "$rate"
		done
	done
done

column() { cut -d' ' -f"$3" "$TMP/$1.$2" >"$TMP/column"; median "$TMP/column"; }
lost_percent() { awk '{ print 100 * $2 / $3 }' "$TMP/$1.$2" >"$TMP/column"; median "$TMP/column"; }
reader_ns() { awk '{ print $4 * 1e7 / $3 }' "$TMP/$1.$2" >"$TMP/column"; median "$TMP/column"; }
echo "60-byte UDP packets, $ROUNDS rounds of $SECONDS_EACH s; reader: processor time of ffpf or tcpdump itself"
printf '%-55s %9s %10s %8s %12s\n' "" offered kpps "lost %" "reader ns/p"
for way in $WAYS; do
	for rate in $RATES; do
		printf '%-55s %9s %10.0f %8.3f %12.0f\n' "${WHAT[$way]}" "$rate" "$(awk -v p="$(column "$way" "$rate" 1)" 'BEGIN { print p / 1000 }')" \
			"$(lost_percent "$way" "$rate")" "$(reader_ns "$way" "$rate")"
	done
done
echo
# lossless WAY: the highest rate of those offered that lost nothing in any round
best() {
	local rate found=0
	for rate in $RATES; do
		awk '$2 > 0 { exit 1 }' "$TMP/$1.$rate" && found=$(column "$1" "$rate" 1)
	done
	echo "$found"
}
reference=$(best tcpdump)
for way in $WAYS; do
	most=$(best "$way")
	paste -d' ' "$TMP/$way.max" "$TMP/tcpdump.max" | awk '{ r = $1 * (1 - $2 / $3) / ($5 * (1 - $6 / $7)); print r }' >"$TMP/column"
	printf '%-55s no loss up to %5.2f Mpps, %s x tcpdump; arrived at most: %.2f x\n' "${WHAT[$way]}" \
		"$(awk -v p="$most" 'BEGIN { print p / 1e6 }')" "$(ratio "$most" "$reference")" "$(median "$TMP/column")"
done
