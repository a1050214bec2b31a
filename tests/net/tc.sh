#!/usr/bin/env bash
# The tc level: packets that come in and packets that leave, by TCX links and by clsact; who else is on the hook goes
# on; what is killed leaves nothing behind, or is cleaned up by the next.
. "$(dirname "$0")/lib.sh"
topology
tc_ways
has_tcx() { [ "$TC_WAYS" != clsact ]; }

on_hook_or_ended() { [ "$(on_tc v0 "$1")" -ge 1 ] || ended; }
# both: programs and filters on the hooks, in and out
both() { echo "$(tcx v0 in) $(tcx v0 out) $(clsact v0 in) $(clsact v0 out)"; }

# begin DIR GRAPH…: as start, until something is on the hook
begin() {
	local dir=$1
	shift
	ip netns exec "$RX" env --default-signal=INT "$FFPF" run --json --no-progress -d "$LIMIT" "$@" >"$TMP/out.json" 2>"$TMP/err" &
	FFPF_PID=$!
	wait_for 30 on_hook_or_ended "$dir" || die "ffpf attached nothing in 30 s"
	! ended || die "ffpf ended at once"
	sleep 0.1
}

tx ip address add 198.18.0.1/15 dev v1
# udp rx|tx ADDRESS PORT: 20 datagrams of the machine's own stack
udp() { "$1" bash -c "for i in {1..20}; do echo hello >/dev/udp/$2/$3; done"; }
for way in $TC_WAYS; do
	by $way
	say "$way: both directions"
	begin in '[dev v0 dir=both] > [(pktcount,name=all) | (BPF,"udp dst port 9001") > (pktcount,name=asked) | (BPF,"udp dst port 9002") > (pktcount,name=answered) | (FPL,"return dir == 1;") > (pktcount,name=in) | (FPL,"return dir == 2;") > (pktcount,name=out)]'
	check "programs" "$(both)" "$([ $way = tcx ] && echo 1 1 0 0 || echo 0 0 1 1)"
	udp tx 198.18.0.2 9001
	udp rx 198.18.0.1 9002
	stop
	check "exit status" "$STATUS" 0
	check "asked" "$(of asked state.packets)" 20
	check "answered" "$(of answered state.packets)" 20
	check "in and out" "$(($(of in state.packets) + $(of out state.packets)))" "$(of all state.packets)"
	check "where" "$(json '[.functions[] | .flowspace] | unique | join(" ")')" tc
	check "nothing is left" "$(both) $(rx tc qdisc show dev v0 | grep -c clsact)" "0 0 0 0 0"
	accounts
	lossless

	say "$way: what leaves is written with its direction"
	begin out "[dev v0 dir=out] > (BPF,\"udp\") > (write,$TMP/out-$way.pcap)"
	udp tx 198.18.0.2 9001
	udp rx 198.18.0.1 9002
	stop
	check "sent ones only" "$(count_frames "$TMP/out-$way.pcap") $(count_frames "$TMP/out-$way.pcap" 'dst port 9002')" "20 20"

	say "$way: drop, take"
	before=$(received)
	begin in '[(dev,v0)@tc] > (BPF,"udp") > (drop)@tc'
	send -m udp -n 1000
	send -m tcp -n 500
	tcp=$SENT
	stop
	check "UDP did not reach the stack" "$(($(received) - before))" "$tcp"
	before=$(received)
	begin in '[(dev,v0,take=yes)@tc] > (BPF,"tcp")@tc > (pktcount,name=n)@tc'
	send -m udp -n 1000
	udp=$SENT
	send -m tcp -n 500
	stop
	check "TCP was taken" "$(($(received) - before)) $(of n state.packets)" "$udp $SENT"
	accounts
done

say "killed: TCX leaves nothing, what clsact leaves is removed by the next"
if has_tcx; then
	by tcx
	begin in '[dev v0 dir=both] > (pktcount)'
	kill_it
	none() { [ "$(both)" = "0 0 0 0" ]; }
	check "TCX" "$(wait_for 5 none; both)" "0 0 0 0"
fi
for next in $TC_WAYS; do
	by clsact
	begin in '[dev v0 dir=both] > (pktcount)'
	kill_it
	check "clsact: left behind" "$(clsact v0 in) $(clsact v0 out)" "1 1"
	by $next
	begin in '[dev v0 dir=in promisc=no] > (pktcount)@tc > (pktcount,name=n)'
	check "clsact: removed by the next" "$(both)" "$([ $next = clsact ] && echo 0 0 1 0 || echo 1 0 0 0)"
	check_text "which says so" "$TMP/err" 'removed [12] filters? of clsact'
	stop
	check "the qdisc is gone" "$(rx tc qdisc show dev v0 | grep -c clsact)" 0
done

say "two ffpf, and a qdisc and filters of others: nobody removes what is not theirs"
by clsact
rx tc qdisc add dev v0 clsact
rx tc filter add dev v0 ingress prio 7 protocol ip u32 match u32 0 0 action continue 2>"$TMP/why" || echo "note: no u32 filters here"
others=$(rx tc filter show dev v0 ingress | grep -c u32)
begin in '[(dev,v0)@tc] > (pktcount,name=first)'
first=$FFPF_PID
FFPF_PID=
cp "$TMP/out.json" "$TMP/first.json"
two() { [ "$(clsact v0 in)" = 2 ]; }
ip netns exec "$RX" "$FFPF" run --json --no-progress -d 30 '[(dev,v0)@tc] > (pktcount,name=second)' >"$TMP/second.json" 2>"$TMP/err" &
FFPF_PID=$!
check "both are there" "$(wait_for 10 two; clsact v0 in)" 2
sleep 0.1
send -n 300
kill -TERM "$FFPF_PID"
wait "$FFPF_PID"
check "the second counted" "$(jq -r '.functions[1].packets_in' "$TMP/second.json")" "$SENT"
check "one is left" "$(clsact v0 in)" 1
kill -TERM $first
wait $first
FFPF_PID=
check "others' qdisc and filters stay" "$(clsact v0 in) $(rx tc qdisc show dev v0 | grep -c clsact) $(rx tc filter show dev v0 ingress | grep -c u32)" "0 1 $others"
rx tc qdisc del dev v0 clsact

# Links are listed; a filter of clsact that decides something hides the packet from those behind it, as everywhere.
tcx_with_others() {
	hold_with tchold v0 -f -m 7
	begin in '[(dev,v0)@tc] > [(pktcount,name=n) | (FPL,"return mark == 7;")@tc > (pktcount,name=marked)]'
	check "programs" "$(tcx v0 in)" 2
	send -n 400
	stop
	unhold
	check "both saw the packets" "$(of n state.packets) $(of marked state.packets) ${HELD%% *}" "$SENT $SENT packets=$SENT"
	begin in '[(dev,v0)@tc] > (pktcount,name=n)'
	hold_with tchold v0
	before=$(received)
	send -n 400
	unhold
	stop
	check "those behind see them too, and the stack" "$(of n state.packets) ${HELD%% *} $(($(received) - before))" "$SENT packets=$SENT $SENT"
}
if has_tcx; then
	say "others on the TCX hook, before and behind"
	by tcx
	tcx_with_others
fi

say "the device goes"
for way in $TC_WAYS; do
	by $way
	begin in '[dev v0 dir=both] > (pktcount,name=n)'
	ip -n "$TX" link del v1
	wait_for 20 ended || die "ffpf still runs 20 s after its device has gone"
	reap
	check "exit status" "$STATUS" 1
	check_text "the message" "$TMP/err" 'v0.*vanished'
	pair v0 v1
done
finish
