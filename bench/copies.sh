#!/usr/bin/env bash
# ./do bench copies [ROUNDS [SECONDS [SIZE]]]: where packets' bytes are stored, and when (--copy), between xdp, tc and user.
# All packets match at xdp and go up to tc, which lets a share of them out to user; there 0, 1 or 2 functions look at all
# of their bytes. Processor time for each packet that was sent:
#
#   xdp+tc   run time of the programs, by the kernel's own statistics
#   reader   of ffpf's process, whatever it did
#
# With 0 accesses a function that would look at bytes is there, and nothing reaches it; index is the way where there is
# none, too. Ways take turns; figures are medians.
. "$(dirname "$0")/net.bash"
topology
ROUNDS=${1:-5} SECONDS_EACH=${2:-0.5} SIZE=${3:-1000}
RATE=150000
SHARES="1 10 50 100"

# graph ACCESSES SHARE INDEX: functions at user
graph() {
	local above='(pktcount,name=n)@user'
	[ -n "${3:-}" ] || above+=' | (BPF,"udp")@user > (digest,algo=crc32c,of=packet,name=none)'
	[ "$1" -lt 1 ] || above+=' | (digest,algo=crc32c,of=packet,name=d1)@user'
	[ "$1" -lt 2 ] || above+=' | (digest,algo=crc32c,of=packet,name=d2)@user'
	echo "[(dev,v0)@xdp]>(BPF,\"tcp\",name=f)@xdp>[(drop)@tc|(sample,$((100 / $2)),name=s)@tc>[$above]]"
}

# measure COPY ACCESSES SHARE
measure() {
	local file="$TMP/$1.$2.$3" index=
	[ "$1" != index ] || index=1
	launch --copy "$1" --buffer 16M "$(graph "$2" "$3" $index)"
	spent $RATE "$SECONDS_EACH" -p tcp -s "$SIZE"
	stop
	[ "$STATUS" = 0 ] || die "exit status $STATUS"
	echo "$PROGRAM_NS" >>"$file.program"
	echo "$READER_NS" >>"$file.reader"
	json .lost >>"$file.lost"
}

ways() { echo once demand $([ "$1" != 0 ] || echo index); } # ACCESSES
for ((round = 0; round < ROUNDS; round++)); do
	for accesses in 0 1 2; do
		for share in $SHARES; do
			for copy in $(ways $accesses); do measure "$copy" $accesses "$share"; done
		done
	done
done

echo "TCP packets of $SIZE bytes from a veth at $RATE a second, medians of $ROUNDS rounds of $SECONDS_EACH s; ns a packet sent"
printf '%8s %9s  %-7s %8s %8s %8s %8s %6s\n' accesses accepted copy xdp+tc reader both 'x once' lost
for accesses in 0 1 2; do
	for share in $SHARES; do
		once=
		for copy in $(ways $accesses); do
			file="$TMP/$copy.$accesses.$share"
			program=$(median "$file.program") reader=$(median "$file.reader")
			both=$(awk -v a="$program" -v b="$reader" 'BEGIN { print a + b }')
			printf '%8s %8s%%  %-7s %8.0f %8.0f %8.0f %8s %6.0f\n' $accesses "$share" "$copy" "$program" "$reader" "$both" \
				"$([ -z "$once" ] || ratio "$both" "$once")" "$(median "$file.lost")"
			once=${once:-$both}
		done
	done
done
