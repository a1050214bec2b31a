#!/usr/bin/env bash
# A tap whose sink nobody reads: what its buffers have no room for is lost to it, counted to the packet, and to nobody else.
# Buffers that are large enough hold all of it.
. "$(dirname "$0")/lib.sh"
topology
need_commands tcpdump
came() { [ "$(figure v)" = "$1" ]; }
part() { sed "s/.*[ :]$2 \([0-9]*\).*/\1/" <<<"$1"; }
of_tap() { ctl list --json | jq ".taps[0].$1"; }

# blocked BUFFER: a tap of v into a pipe that holds 64 kB; 4,000 packets of 1,000 bytes; then it is read
blocked() {
	local before
	before=$(figure v)
	rm -f "$TMP/pipe"
	mkfifo "$TMP/pipe"
	exec 6<>"$TMP/pipe"
	id=$(ctl tap v write "$TMP/pipe" --buffer "$1")
	send -m udp -n 4000 -s 1000 -R 8000
	wait_for 10 came $((before + SENT)) || true
	check "packets of the device" "$(figure v)" $((before + SENT))
	lost=$(of_tap lost)
	room=$(of_tap buffer)
	cat <"$TMP/pipe" >"$TMP/read.pcap" 6>&- &
	reading=$!
	sleep 0.2
	told=$(ctl untap "$id")
	exec 6>&-
	wait $reading
	echo "$told; lost before the end: $lost; buffers of $room bytes"
	check "in" "$(part "$told" in)" "$SENT"
	check "in - written - lost - left" $(($(part "$told" in) - $(part "$told" written) - $(part "$told" lost) - $(part "$told" left))) 0
	check "packets in the file" "$(count_frames "$TMP/read.pcap")" "$(part "$told" written)"
	[ "$lost" -le "$(part "$told" lost)" ] || { echo "FAIL: $lost were lost before"; FAILED=1; }
}

# slow LEVEL
slow() {
	say "at $1"
	launch --taps "[dev v0 name=v]@$1>(BPF,udp,name=u)@$1>(pktcount,name=n)@$1"
	blocked 10k
	check "the least" "$room" 65536
	check "the run tells of losses before the tap ends" "$([ "$lost" -gt 1000 ] && echo yes)" yes
	check "of two buffers and a pipe no more is written" "$([ "$(part "$told" written)" -lt 600 ] && echo yes)" yes
	blocked 8M
	if [ "$room" = 8388608 ]; then
		check "lost" "$(part "$told" lost)" 0
	else
		echo "skipped: the kernel gives no more than $room bytes for each processor"
	fi
	stop
	check "exit status" "$STATUS" 0
	lossless
	accounts
}
slow xdp
slow tc

say "in userspace"
launch "[dev v0 name=v]>(BPF,udp,name=u)@user>(hist,name=h)@user"
id=$(ctl tap u write "$TMP/least.pcap" --buffer 1)
check "the least" "$(of_tap buffer)" 65536
ctl untap "$id" >/dev/null
id=$(ctl tap u write "$TMP/run.pcap")
check "the run's" "$(of_tap buffer)" 4194304
ctl stats --buffer 1M && { echo "FAIL: a buffer of stats"; FAILED=1; }
stop
finish
