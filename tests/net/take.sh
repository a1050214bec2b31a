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

say "who leaves packets out above xdp would have the stack lose them"
for graph in '[dev v0 take=yes] > (BPF,"udp")@user > (pktcount)' '[dev v0 take=yes] > (print,/dev/null) > (head,5)'; do
	rx "$FFPF" "$graph" >"$TMP/out" 2>"$TMP/err"
	check "refused" $? 2
	check "and said" "$(grep -c 'error\[place-take\]' "$TMP/err")" 1
done

say "one device in several branches is one source"
start v0 '[dev v0] > (BPF,"tcp") > (pktcount,name=tcp) | [dev v0] > (BPF,"udp") > (pktcount,name=udp)'
send -m tcp -n 2000
tcp=$SENT
send -m udp -n 1000
udp=$SENT
stop
check "exit status" "$STATUS" 0
check "tcp" "$(of tcp state.packets)" "$tcp"
check "udp" "$(of udp state.packets)" "$udp"
check "sources" "$(json '[.functions[] | select(.class == "dev")] | length')" 1
accounts
rx "$FFPF" '[dev v0] > (pktcount) | [dev v0 promisc=yes] > (pktcount)' >"$TMP/out" 2>"$TMP/err"
check "with other parameters: refused" $? 2
check "and said" "$(grep -c 'error\[device-twice\]' "$TMP/err")" 1
finish
