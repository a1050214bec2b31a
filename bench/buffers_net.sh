#!/usr/bin/env bash
# ./do bench buffers_net [ROUNDS [SECONDS]]: how large should a PBuf be, over the kernel path? Ring sizes x traffic x packet sizes,
# from a veth into (write,"/dev/null"), whose reader has to be given a processor in time.
#
#   steady   300,000 packets a second, in groups of 64
#   flood    as many as the sender's processor can send and the device's program can take
#
# Loss is the worst round's; kpps is the median. Memory is what the rings take for all processors.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-3} SECONDS_EACH=${2:-0.7}
RINGS="256k 1M 4M 16M 64M"
SIZES="60 1400"
TRAFFIC="steady flood"

for ((round = 0; round < ROUNDS; round++)); do
	for size in $SIZES; do
		for traffic in $TRAFFIC; do
			for ring in $RINGS; do
				start v0 --buffer "$ring" '[dev v0 take=yes]>(write,"/dev/null")'
				rate=max
				[ "$traffic" = flood ] || rate=300000
				load $rate "$SECONDS_EACH" -s "$size"
				stop
				echo "$PPS $(json '.lost') $(json '.functions[0].packets_in')" >>"$TMP/$size.$traffic.$ring"
			done
		done
	done
done

echo "medians of $ROUNDS rounds of $SECONDS_EACH s, $(nproc) processors, load average $(cut -d' ' -f1 /proc/loadavg)"
printf '%6s %-7s | %6s %9s | %9s %9s\n' size traffic ring 'memory' kpps 'lost %'
for size in $SIZES; do
	for traffic in $TRAFFIC; do
		smallest=none
		for ring in $RINGS; do
			f="$TMP/$size.$traffic.$ring"
			cut -d' ' -f1 "$f" >"$TMP/column"
			lost=$(awk '{ l = $3 ? 100 * $2 / $3 : 0; if (l > m) m = l } END { printf "%.3f", m }' "$f")
			if [ "$lost" != 0.000 ]; then smallest=none; elif [ $smallest = none ]; then smallest=$ring; fi
			memory=$("$FFPF" explain --buffer "$ring" '[dev lo]>(write,"/dev/null")' | sed -n 's/^buffers: \(.*\) for.*/\1/p')
			printf '%6s %-7s | %6s %9s | %9.0f %9s\n' "$size" "$traffic" "$ring" "$memory" "$(awk -v p="$(median "$TMP/column")" 'BEGIN { print p / 1000 }')" "$lost"
		done
		echo "       the smallest ring from which on nothing was lost: $smallest"
	done
done
echo "Each processor that may receive has a ring of 1.25 x --buffer. The default is 4M: larger ones are for bursts of large"
echo "packets that have to be kept while the reader waits for its processor (--buffer 16M, 64M)."
