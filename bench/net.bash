# shellcheck shell=bash
# Sourced by the benchmarks of live traffic: the namespaces of tests/net (lib.sh draws them), load at a rate, medians.
# BENCH_DIR is the build's bench folder. The sender has processor 0 to itself as far as the scheduler allows: it is also
# where the receiving device's program runs, so that a slow program slows the sender down instead of losing packets.
set -- "$(dirname "${BENCH_DIR:-build/bench}")" "$@"
# shellcheck source=tests/net/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/net/lib.sh"
shift

# load RATE SECONDS [ARGS…]: blast at packets a second, or as fast as possible ("max"); sets SENT, PPS. What v0 had no room for is not in SENT.
load() {
	local rate=() line
	[ "$1" = max ] || rate=(-R "$1")
	line=$(taskset -c 0 ip netns exec "$TX" "$TOOLS/blast" -i v1 -t "$2" "${rate[@]}" "${@:3}") || die "blast failed"
	sent_of "$line" >/dev/null
	PPS=$(sed 's/.*pps=//' <<<"$line")
}

# median FILE: of the first column's numbers
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# per RATIO: a/b with two digits
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }

# cpu_ticks PID: processor time of a process, in clock ticks of 10 ms
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# of_tcpdump: the process of tcpdump in rx
tcpdump_pid() {
	local p
	for p in $(ip netns pids "$RX"); do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" != tcpdump ] || echo "$p"
	done
}

# tcpdump_start ARGS…; tcpdump_stop sets CAPTURED and DROPPED
tcpdump_start() {
	ip netns exec "$RX" env --default-signal=INT tcpdump -i v0 "$@" >/dev/null 2>"$TMP/tcpdump" &
	TCPDUMP=$!
	wait_for 5 grep -q 'listening on' "$TMP/tcpdump" || die "tcpdump: $(cat "$TMP/tcpdump")"
	sleep 0.1
}
tcpdump_stop() {
	sleep 0.3
	kill -INT "$TCPDUMP"
	wait "$TCPDUMP"
	CAPTURED=$(awk '/packets captured/ { print $1 }' "$TMP/tcpdump")
	DROPPED=$(awk '/dropped by kernel/ { print $1 }' "$TMP/tcpdump")
}

# offer RATE SECONDS: sendpcap where packets go one by one, blast where they are many; sets SENT, PPS
offer() {
	local line
	if [ "$1" != max ] && [ "$1" -lt 50000 ]; then
		line=$(taskset -c 0 ip netns exec "$TX" "$TOOLS/sendpcap" -i v1 -n $(($1 * $2)) -R "$1") || die "sendpcap failed"
		sent_of "$line" >/dev/null
		PPS=$1
	else
		load "$1" "$2"
	fi
}

# usage_before PID, usage_after PID: sets CPU_MS (processor time) and SLEEPS (times that a thread of it gave the processor away) of the time between
switches() { cat /proc/"$1"/task/*/status 2>/dev/null | awk '/^voluntary_ctxt/ { n += $2 } END { print n }'; }
runtime() { cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk '{ n += $1 } END { printf "%d", n / 1000 }'; } # microseconds
usage_before() {
	SLEEPS=$(switches "$1")
	CPU_US=$(runtime "$1")
}
usage_after() {
	SLEEPS=$(($(switches "$1") - SLEEPS))
	CPU_US=$(($(runtime "$1") - CPU_US))
}

# spent LOAD_ARGS…: under this load, with the kernel's statistics of run time, which read clocks: sets PROGRAM_NS, what the
# programs of the ffpf that runs took for a packet that was sent, and READER_NS, what its process did
spent() {
	local stats
	rm -f "$TMP/enabled" "$TMP/stats"
	mkfifo "$TMP/stats"
	"$BENCH_DIR/bench_levels" <"$TMP/stats" >"$TMP/enabled" 2>&1 &
	stats=$!
	exec 8>"$TMP/stats"
	wait_for 5 grep -q . "$TMP/enabled"
	grep -q ready "$TMP/enabled" || die "$(cat "$TMP/enabled")"
	usage_before "$FFPF_PID"
	load "$@"
	sleep 0.1
	usage_after "$FFPF_PID"
	exec 8>&-
	wait $stats
	PROGRAM_NS=$(awk -v sent="$SENT" '$2 == "ffpf" { ns += $4 } END { print ns / sent }' "$TMP/enabled")
	READER_NS=$(awk -v sent="$SENT" -v us="$CPU_US" 'BEGIN { print us * 1000 / sent }')
}
