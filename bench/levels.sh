#!/usr/bin/env bash
# ./do bench levels [ROUNDS [SECONDS [SIZE]]]: the funnel: what the same function costs a packet at xdp, tc and user, each
# with what is below it only passing packets on. Packets end there ((drop) at
# the kernel's level), and all of them match.
#
#   program ns  run time of the level's program and of those below, by the kernel's own statistics, which are on in
#               runs of their own, for they read clocks: (pktcount) shows what is the same for all
#   reader ns   processor time of ffpf, where packets come up to it; what it does beside that (a tenth of a second's
#               ticks) is in it
#   kpps        packets a second without loss. The sender shares its processor with the receiving side of the veth, so
#               what costs more there slows it down; the reader has the other one.
#
# Ways take turns; figures are medians.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-5} SECONDS_EACH=${2:-0.6} SIZE=${3:-200}
RATES="max 1500000 1200000 1000000 800000 600000 400000 200000 100000"
FUNCTIONS=(pktcount filter flows strsearch)
declare -A WHAT=([pktcount]='(pktcount)' [filter]='(BPF,"tcp port 80")' [flows]='(flows)' [strsearch]='(strsearch,"GET |POST ")')
declare -A LEVELS=([pktcount]="xdp tc user" [filter]="xdp tc user" [flows]="xdp tc user" [strsearch]="user")

graph() { # FUNCTION LEVEL
	local device=xdp
	[ "$2" != tc ] || device=tc
	echo "[(dev,v0)@$device]>[(drop)@$device|${WHAT[$1]}@$2>(pktcount,name=n)@$2]"
}
begin() {
	# Without an XDP program a veth receives what was redirected only with GRO.
	rx ethtool -K v0 gro "$([ "$2" = tc ] && echo on || echo off)" 2>/dev/null
	launch "$(graph "$1" "$2")"
}
end() {
	stop
	[ "$STATUS" = 0 ] || die "exit status $STATUS"
	CAME=$(of n state.packets)
}

# lossless_rate FUNCTION LEVEL: the highest rate at which nothing was lost, into a file; what did not do in an earlier
# round is not tried again
lossless_rate() {
	local file="$TMP/$1.$2.kpps" from=${FROM[$1.$2]:-0} i rates
	read -ra rates <<<"$RATES"
	for ((i = from; i < ${#rates[@]}; i++)); do
		begin "$1" "$2"
		load "${rates[i]}" "$SECONDS_EACH" -p tcp -s "$SIZE"
		end
		[ "$CAME" != "$SENT" ] || break
	done
	[ "$i" -lt "${#rates[@]}" ] || die "$1 at $2 loses packets at every rate: $CAME of $SENT came"
	FROM[$1.$2]=$i
	awk -v p="$PPS" 'BEGIN { print p / 1000 }' >>"$file"
}

# cost FUNCTION LEVEL: at a rate that all can
cost() {
	begin "$1" "$2" # first: whoever inherits the pipe keeps it open
	spent 100000 "$SECONDS_EACH" -p tcp -s "$SIZE"
	end
	echo "$PROGRAM_NS" >>"$TMP/$1.$2.program"
	[ "$2" = user ] || READER_NS=0 # no packet comes to the process: it only waits and reads results
	echo "$READER_NS" >>"$TMP/$1.$2.reader"
}

declare -A FROM
for ((round = 0; round < ROUNDS; round++)); do
	for f in "${FUNCTIONS[@]}"; do
		for level in ${LEVELS[$f]}; do
			cost "$f" "$level"
			lossless_rate "$f" "$level"
		done
	done
done

figure() { median "$TMP/$1.$2.$3"; }
echo "TCP packets of $SIZE bytes from a veth, medians of $ROUNDS rounds of $SECONDS_EACH s; x: against the level below, program and reader"
printf '%-30s %-5s %11s %10s %8s %8s %6s\n' function level "program ns" "reader ns" "both" kpps x
for f in "${FUNCTIONS[@]}"; do
	below=
	for level in ${LEVELS[$f]}; do
		program=$(figure "$f" "$level" program) reader=$(figure "$f" "$level" reader)
		both=$(awk -v a="$program" -v b="$reader" 'BEGIN { print a + b }')
		printf '%-30s %-5s %11.0f %10.0f %8.0f %8.0f %6s\n' "${WHAT[$f]}" "$level" "$program" "$reader" "$both" \
			"$(figure "$f" "$level" kpps)" "$([ -z "$below" ] || ratio "$both" "$below")"
		below=$both
	done
done
