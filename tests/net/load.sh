#!/usr/bin/env bash
# More packets than anybody can take: every one of them is counted where it was lost. Small and large rings, both reader
# preferences, several devices and processors. How many are lost where differs from run to run; the sums do not.
. "$(dirname "$0")/lib.sh"
topology
pair w0 w1

# flood PACKETS: half of them into each device, from a processor of its own each; V_SENT, W_SENT
flood() {
	local pids=()

	taskset -c 0 ip netns exec "$TX" "$TOOLS/blast" -i v1 -n $(($1 / 2)) -s "$SIZE" -k 64 >"$TMP/v" &
	pids+=($!)
	taskset -c $(($(nproc) - 1)) ip netns exec "$TX" "$TOOLS/blast" -i w1 -n $(($1 / 2)) -s "$SIZE" -k 64 >"$TMP/w" &
	pids+=($!)
	wait "${pids[0]}" && wait "${pids[1]}" || die "blast failed"
	V_SENT=$(sed 's/sent=\([0-9]*\).*/\1/' "$TMP/v")
	W_SENT=$(sed 's/sent=\([0-9]*\).*/\1/' "$TMP/w")
}

barrier() { json "[.barriers[] | select(.from == \"xdp\") | .$1] | add"; }

# one RING SIZE ARGS…: a flood into a graph whose reader is slow
one() {
	local ring=$1
	SIZE=$2
	shift 2
	say "ring $ring, packets of $SIZE bytes, $*"
	start v0 --buffer "$ring" "$@" 'half = (BPF,"udp[0:2] < 10032",name=half); ip = (BPF,"ip",name=ip); few = (zip,1,name=few)
		[[dev v0 take=yes name=v] | [dev w0 take=yes name=w]] > [(pktcount,name=below) | half | ip]
		[half | ip] > (zip,9,name=both) > (pktcount,name=above)
		half > few
		[few | ip] > (zip,1,name=mixed)'
	flood $PACKETS
	stop
	check "exit status" "$STATUS" 0
	accounts
	check "v: sent = came in + dropped by the device" "$(($(of v packets_in) + $(of v state.device_drops)))" "$V_SENT"
	check "w: sent = came in + dropped by the device" "$(($(of w packets_in) + $(of w state.device_drops)))" "$W_SENT"
	check "counted below" "$(of below state.packets)" $(($(of v packets_out) + $(of w packets_out)))
	check "sent up = read + lost" "$(($(barrier packets) + $(barrier lost)))" "$(of ip packets_out)"
	check "of both: owed = came out + lost" "$(($(of both packets_out) + $(of both lost)))" "$(of ip packets_out)"
	check "of few: owed = came out + lost" "$(($(of few packets_out) + $(of few lost)))" "$(of half packets_out)"
	# With a slow reader a record is refused for all its in-flows: what the other input brings is no packet more.
	[ $preference = --fast-reader ] ||
		check "of mixed: owed from below = came out + lost" "$(($(of mixed packets_out) + $(of mixed lost)))" "$(of ip packets_out)"
	check "above = what both let out" "$(of above state.packets)" "$(of both packets_out)"
	check "the total of lost" "$(json .lost)" "$(barrier lost)" # once, whoever it was meant for
	[ "$ring" != 64M ] || lossless # it holds all that was sent
	echo "of $((V_SENT + W_SENT)): read $(barrier packets), lost $(barrier lost)"
}

PACKETS=120000
case $BUILD in *debug*) PACKETS=60000 ;; esac # the sanitizers' reader takes longer to finish what waits
for preference in --fast-reader --slow-reader; do
	one 64k 60 $preference
	one 64k 1400 $preference
	one 64M 200 $preference
	one 1M 60 $preference --wakeup packets --wake-packets 7 --cpu 0
done

say "two senders on one device: it has no room, and says so"
# The kernel's counters of what was sent are not exact then; what the receiving device counts as dropped is shown as it stands there.
dropped() { ip -n "$RX" -s -j link show v0 | jq -r '.[0].stats64.rx.dropped'; }
before=$(dropped)
start v0 '[dev v0 take=yes name=v] > (pktcount,name=n)'
for cpu in 0 $(($(nproc) - 1)); do
	taskset -c "$cpu" ip netns exec "$TX" "$TOOLS/blast" -i v1 -n $PACKETS -s 60 >"$TMP/blast.$cpu" &
	pids[cpu]=$!
done
wait "${pids[@]}"
stop
check "exit status" "$STATUS" 0
check "dropped by the device" "$(of v state.device_drops)" $(($(dropped) - before))
check "not among what came in" "$(of v packets_in)" "$(of n state.packets)"
accounts
lossless
finish
