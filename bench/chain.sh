#!/usr/bin/env bash
# ./do bench chain [ROUNDS]: what one more of a user's BPF programs costs in a chain of 1 to 10 of them. In userspace, a
# savefile of a million packets with sizes as on the Internet, and of 60 bytes; in the kernel, on a veth of this machine
# in a namespace of its own (as root), packets a second that an unlimited generator gets through.
# Prints, for each length, the time and its ratio to the chain that is one shorter; medians of interleaved rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(dirname "${BENCH_DIR:-build/bench}")
rounds=${1:-9} most=10
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
chain() { # chain N SOURCE
	local graph=$2 i
	for i in $(seq "$1"); do graph="$graph>(ebpf,\"$build/tests/objects/ipv4.o\")"; done
	echo "$graph>(pktcount)"
}
# report UNIT: $work/N.times of each length
report() {
	local n before= first=
	for n in $(seq "$most"); do
		now=$(median <"$work/$n.times")
		[ -n "$first" ] || first=$now
		awk -v n="$n" -v now="$now" -v before="${before:-$now}" -v unit="$1" \
			'BEGIN { printf "  %2d programs  %7.2f %s  %+5.1f %%\n", n, now, unit, 100 * (now / before - 1) }'
		before=$now
	done
	awk -v a="$first" -v b="$now" -v n="$most" 'BEGIN { printf "  each one more: %+.1f %% on average\n", 100 * ((b / a) ^ (1 / (n - 1)) - 1) }'
}

for size in internet 60; do
	"$build/tests/gencap" -n 1000000 -s $size -m tcp=6,udp=3,icmp -F 1000 -S 1 "$work/trace.pcap"
	echo "user, a million packets, size $size"
	rm -f "$work"/*.times
	for _ in $(seq "$rounds"); do
		for n in $(seq "$most"); do
			"$build/bin/ffpf" --json "$(chain "$n" "[pcap $work/trace.pcap]")" | jq '.elapsed_s * 1000' >>"$work/$n.times"
		done
	done
	report "ns a packet"
	rm "$work/trace.pcap"
done

[ "$(id -u)" = 0 ] || { echo "xdp: needs root"; exit 0; }
"$build/bench/bench_chain" "$build/tests/objects/ipv4.o" "$rounds"
ns=ffpf-bench-$$
ip netns add $ns-rx && ip netns add $ns-tx
trap 'ip netns del $ns-rx; ip netns del $ns-tx; rm -rf "$work"' EXIT
ip -n $ns-rx link add v0 type veth peer name v1 netns $ns-tx
ip -n $ns-rx link set v0 up && ip -n $ns-tx link set v1 up
echo "xdp, a veth, 60 bytes"
rm -f "$work"/*.times
for _ in $(seq "$rounds"); do
	for n in $(seq "$most"); do
		ip netns exec $ns-rx "$build/bin/ffpf" -q -d 30 "$(chain "$n" '[dev v0 take=yes]')" &
		pid=$!
		sleep 0.5
		ip netns exec $ns-tx "$build/tests/blast" -i v1 -n 1000000 -s 60 | sed -n 's/.*pps=\([0-9]*\).*/\1/p' | awk '{ print 1e9 / $1 }' >>"$work/$n.times"
		kill -TERM $pid
		wait $pid || true
	done
done
report "ns a packet"
