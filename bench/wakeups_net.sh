#!/usr/bin/env bash
# ./do bench wakeups_net [ROUNDS [SECONDS]]: how should a reader wait, over the kernel path? Offered rates x ways of waiting,
# packets from a veth to a function that looks at the clock (bench/classes/latency.c).
#
#   each      armed for one packet          packets   armed for 1,024, or 1 ms
#   busy      looks all the time            sleep     sleeps 1 ms, then looks
#   yield     the same, but yields          adaptive  by the rate (lib/run/wait.c)
#
# Environment: WAYS and RATES choose some. Medians; rounds are interleaved. The sender's processor also runs the program and the wake-ups: at max its rate shows what they cost.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-3} SECONDS_EACH=${2:-1}
WAYS=${WAYS:-"each busy yield sleep packets adaptive"}
RATES=${RATES:-"1000 10000 100000 300000 max"}
for ((round = 0; round < ROUNDS; round++)); do
	for rate in $RATES; do
		for way in $WAYS; do
			start v0 --wakeup "$way" --class-path "$BENCH_DIR/classes" '[dev v0 take=yes]>(latency,name=age)'
			sleep 0.1
			usage_before "$FFPF_PID"
			begin=$(date +%s%N)
			offer "$rate" "$SECONDS_EACH"
			usage_after "$FFPF_PID"
			time_us=$((($(date +%s%N) - begin) / 1000))
			stop
			echo "$PPS $(json .lost) $((SLEEPS * 1000000 / time_us)) $((CPU_US * 1000 / time_us)) $(of age state.p50) $(of age state.p99)" >>"$TMP/$way.$rate"
		done
	done
done

column() { cut -d' ' -f"$3" "$TMP/$1.$2" >"$TMP/column"; median "$TMP/column"; }
echo "60-byte packets, medians of $ROUNDS rounds of $SECONDS_EACH s; processor time of all of ffpf's threads"
printf '%8s %-9s | %9s %9s | %9s %7s | %9s %9s\n' offered way kpps lost sleeps/s 'cpu %' 'p50 us' 'p99 us'
for rate in $RATES; do
	for way in $WAYS; do
		printf '%8s %-9s | %9.1f %9.0f | %9.0f %7.1f | %9.1f %9.1f\n' "$rate" "$way" \
			"$(awk -v p="$(column "$way" "$rate" 1)" 'BEGIN { print p / 1000 }')" "$(column "$way" "$rate" 2)" "$(column "$way" "$rate" 3)" \
			"$(awk -v p="$(column "$way" "$rate" 4)" 'BEGIN { print p / 10 }')" \
			"$(awk -v p="$(column "$way" "$rate" 5)" 'BEGIN { print p / 1000 }')" "$(awk -v p="$(column "$way" "$rate" 6)" 'BEGIN { print p / 1000 }')"
	done
done
