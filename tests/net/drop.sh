#!/usr/bin/env bash
# (drop) keeps its packets from the stack, and other branches still see them first.
. "$(dirname "$0")/lib.sh"
topology

say "UDP is dropped, TCP is not, both are counted"
start v0 '[dev v0] > [(BPF,"udp") > (drop,name=dropped) | (pktcount,name=all)]'
before=$(received)
send -m tcp -n 3000
tcp=$SENT
send -m udp -n 2000
udp=$SENT
stop
check "exit status" "$STATUS" 0
check "counted" "$(of all state.packets)" $((tcp + udp))
check "given to drop" "$(of dropped packets_in)" "$udp"
check "reached the stack" $(($(received) - before)) "$tcp"
accounts

say "a packet that is dropped and written is in the file"
start v0 "[dev v0] > (BPF,\"udp\") > [(drop) | (write,$TMP/dropped.pcap)]"
before=$(received)
send -m udp -n 1000
stop
check "written" "$(count_frames "$TMP/dropped.pcap")" "$SENT"
check "reached the stack" $(($(received) - before)) 0
accounts
say "what a class of FPL refuses is dropped, the rest is not"
printf "198.18.1.0/26\n" >"$TMP/list"
for refusing in "blocklist,\"$TMP/list\"" "ratelimit,1,burst=1"; do
	start v0 "[dev v0] > ($refusing,denied=2,name=f) > [2: (drop,name=dropped)]"
	before=$(received)
	send -m udp -n 1000
	stop
	check "$refusing: where it ran" "$(of f flowspace)" xdp
	check "$refusing: nothing leaves the flow there" "$(of f filtered)" 0
	check "$refusing: some are dropped, some are not" "$([ "$(of dropped packets_in)" -gt 0 ] && [ "$(of dropped packets_in)" -lt "$SENT" ] && echo yes)" yes
	check "$refusing: reached the stack" $(($(received) - before)) $((SENT - $(of dropped packets_in)))
	accounts
done
say "drop beats pass"
start v0 '[dev v0] > [(BPF,"udp") > (drop) | (pass)]'
before=$(received)
send -m udp -n 500
stop
check "reached the stack" $(($(received) - before)) 0
finish
