#!/usr/bin/env bash
# More packets than anybody can take: every one of them is counted where it was lost. Small and large rings, both reader
# preferences, one sender and one on each processor. How many are lost where differs from run to run; the sums do not.
. "$(dirname "$0")/lib.sh"
topology

# What v1 sent, and what of it v0 had no room for.
transmitted() { ip -n "$TX" -s -j link show v1 | jq -r '.[0].stats64.tx | "\(.packets) \(.dropped)"'; }

# flood PACKETS: from every processor at once; ARRIVED gets what v0 had room for, REFUSED the rest
flood() {
	local cpu pids=() packets dropped sent=0
	local each=$(($1 / $(nproc)))

	read -r packets dropped < <(transmitted)
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		taskset -c "$cpu" ip netns exec "$TX" "$TOOLS/blast" -i v1 -n "$each" -s "$SIZE" -k 64 >"$TMP/blast.$cpu" &
		pids+=($!)
	done
	wait "${pids[@]}" || die "blast failed"
	sent=$(sed 's/sent=\([0-9]*\).*/\1/' "$TMP"/blast.* | awk '{ n += $1 } END { print n }')
	sleep 0.3
	read -r ARRIVED REFUSED < <(transmitted | awk -v p="$packets" -v d="$dropped" '{ print $1 - p, $2 - d }')
	rm -f "$TMP"/blast.*
	check "v1's counters know every packet" $((ARRIVED + REFUSED)) "$sent"
}

barrier() { json "[.barriers[] | select(.from == \"xdp\") | .$1] | add"; }

# one RING SIZE ARGS…: a flood into a graph whose reader is slow
one() {
	local ring=$1
	SIZE=$2
	shift 2
	say "ring $ring, packets of $SIZE bytes, $*"
	start v0 --buffer "$ring" "$@" 'half = (BPF,"udp[0:2] < 10032",name=half); ip = (BPF,"ip",name=ip)
		[dev v0 take=yes] > [(pktcount,name=below) | half | ip]
		[half | ip] > (zip,9,name=both) > (pktcount,name=above)
		half > (zip,1,name=few)'
	flood $PACKETS
	stop
	check "exit status" "$STATUS" 0
	accounts
	check "arrived = came in" "$(of below state.packets)" "$ARRIVED"
	check "refused by the device = shown as such" "$(of dev0 state.device_drops)" "$REFUSED"
	check "sent up = read + lost" "$(($(barrier packets) + $(barrier lost)))" "$(of ip packets_out)"
	check "of both: owed = came out + lost" "$(($(of both packets_out) + $(of both lost)))" "$(of ip packets_out)"
	check "of few: owed = came out + lost" "$(($(of few packets_out) + $(of few lost)))" "$(of half packets_out)"
	check "above = what both let out" "$(of above state.packets)" "$(of both packets_out)"
	check "the total of lost" "$(json .lost)" "$(json '[.functions[].lost] | add')"
	[ "$ring" != 64M ] || lossless # it holds all that was sent
	echo "arrived $ARRIVED, refused by the device $REFUSED, read $(barrier packets), lost $(barrier lost)"
}

PACKETS=120000
case $BUILD in *debug*) PACKETS=60000 ;; esac # the sanitizers' reader takes longer to finish what waits
for preference in --fast-reader --slow-reader; do
	one 64k 60 $preference
	one 64k 1400 $preference
	one 64M 200 $preference
	one 1M 60 $preference --wakeup packets --wake-packets 7 --cpu 0
done
finish
