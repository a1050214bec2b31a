#!/usr/bin/env bash
# Looking does not touch: without take=yes all packets reach the stack, with it those that reach the end of the flow do not.
. "$(dirname "$0")/lib.sh"
topology

# try GRAPH: sends 2,000 TCP and 1,000 UDP packets; REACHED is how many the stack got
try() {
	local before
	start v0 "$1"
	before=$(received)
	send -m tcp -n 2000
	tcp=$SENT
	send -m udp -n 1000
	udp=$SENT
	stop
	REACHED=$(($(received) - before))
	check "exit status" "$STATUS" 0
	accounts
}

say "without take"
try '[dev v0] > (pktcount,name=n)'
check "counted" "$(of n state.packets)" $((tcp + udp))
check "reached the stack" "$REACHED" $((tcp + udp))
say "take=yes, a flow of everything"
try '[dev v0 take=yes] > (pktcount,name=n)'
check "counted" "$(of n state.packets)" $((tcp + udp))
check "reached the stack" "$REACHED" 0
say "take=yes, a flow of UDP: TCP leaves the flow and goes on"
try '[dev v0 take=yes] > (BPF,"udp") > (pktcount,name=n)'
check "counted" "$(of n state.packets)" "$udp"
check "reached the stack" "$REACHED" "$tcp"
say "take=yes, a flow that crosses to userspace"
try "[dev v0 take=yes] > (BPF,\"udp\") > (write,$TMP/taken.pcap)"
check "written" "$(count_frames "$TMP/taken.pcap")" "$udp"
check "reached the stack" "$REACHED" "$tcp"
finish
