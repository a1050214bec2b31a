#!/usr/bin/env bash
# ./do bench pin [ROUNDS [SECONDS]]: where should the reader run? On the processor that receives, on another, or where the
# scheduler puts it. The sender, and with it the receiving device's program, is pinned to processor 0.
. "$(dirname "$0")/net.bash"
[ "$(nproc)" -ge 2 ] || { echo "bench pin: one processor: nothing to choose" >&2; exit 3; }
topology
ROUNDS=${1:-5} SECONDS_EACH=${2:-1}
GRAPHS=('[dev v0 take=yes]>(write,"/dev/null")' '[dev v0 take=yes]>(zip,1)')
declare -A PLACES=([same]="--cpu 0" [other]="--cpu 1" [free]="")
RATES="100000 max"

for ((round = 0; round < ROUNDS; round++)); do
	for i in "${!GRAPHS[@]}"; do
		for rate in $RATES; do
			for place in same other free; do
				# shellcheck disable=SC2086
				start v0 ${PLACES[$place]} "${GRAPHS[i]}"
				usage_before "$FFPF_PID"
				load "$rate" "$SECONDS_EACH" -s 200
				usage_after "$FFPF_PID"
				stop
				echo "$PPS $(json .lost) $(json '.functions[0].packets_in') $CPU_US" >>"$TMP/$i.$rate.$place"
			done
		done
	done
done

column() { awk "{ print $2 }" "$1" >"$TMP/column"; median "$TMP/column"; }
echo "200-byte packets, medians of $ROUNDS rounds of $SECONDS_EACH s; read: what the reader got; cpu: ns of it for a packet read"
printf '%-42s %8s %-6s | %9s %9s %8s %8s\n' "" offered reader 'sent kpps' 'read kpps' 'lost %' 'cpu ns'
for i in "${!GRAPHS[@]}"; do
	for rate in $RATES; do
		for place in same other free; do
			f="$TMP/$i.$rate.$place"
			printf '%-42s %8s %-6s | %9.0f %9.0f %8.2f %8.0f\n' "${GRAPHS[i]}" "$rate" "$place" "$(column "$f" '$1 / 1000')" \
				"$(column "$f" '$1 * (1 - $2 / $3) / 1000')" "$(column "$f" '100 * $2 / $3')" "$(column "$f" '$4 * 1000 / ($3 - $2)')"
		done
	done
done
