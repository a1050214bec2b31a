#!/usr/bin/env bash
# One meaning, many levels, on the wire: every class at every level that offers it, fed from each level below and
# followed by a counter at each level above, gives the figures, tables and packets that the same graph gives for the
# savefile. equal.py has the classes' arguments, what can't be equal, and why.
. "$(dirname "$0")/lib.sh"
topology
need_commands python3 taskset
FFPF_LAUNCH_SECONDS=90 # many programs, in a build with sanitizers
tc_ways
. "$(dirname "$0")/equal.bash"
"$TOOLS/gencap" -n 1500 -s internet -m tcp=6,udp=3,icmp,ipv6,vlan -F 60 -S 7 "$TMP/made.pcap"
SAVEFILES=("$TMP/made.pcap")
SHARED=$EQUAL/../../../shared/data/pcap
if [ -d "$SHARED" ]; then
	SAVEFILES+=("$SHARED"/*.pcap)
else
	echo "note: no savefiles in $SHARED: only made ones are sent"
fi
equal_batches 1500 "${SAVEFILES[@]}"

# Functions that decide about packets, or end the run, by themselves: the same figures, and the same packets left for the
# stack, at every level that has them.
figures() { jq -c '[.functions[] | select(.class != "pcap" and .class != "dev") | [.name, .packets_in, .packets_out, .filtered, .state]]' "$1"; }
# alone FUNCTION REACH LEVEL…: REACH packets of the capture reach the stack's IPv4, "" where it does not matter
alone() {
	local level function=$1 reach=$2 before
	shift 2
	"$FFPF" run --json -q "[pcap $TMP/v4.pcap] > (BPF,\"udp\",name=f) > ($function,name=x)" >"$TMP/alone.json" 2>"$TMP/err" || die "the savefile"
	for level in "$@"; do
		say "$function at $level"
		before=$(received)
		launch "[(dev,v0)@xdp] > (BPF,\"udp\",name=f)@xdp > ($function,name=x)@$level"
		send -r "$TMP/v4.pcap"
		stop
		check "exit status, figures" "$STATUS $(figures "$TMP/out.json")" "0 $(figures "$TMP/alone.json")"
		check "where" "$(of x flowspace)" "$level"
		[ -z "$reach" ] || check "reached the stack" $(($(received) - before)) "$reach"
		accounts
	done
}
"$TOOLS/gencap" -n 800 -m tcp=3,udp=2 -S 9 "$TMP/v4.pcap"
udp=$(count_frames "$TMP/v4.pcap" udp)
alone drop $((800 - udp)) xdp tc
alone vlanpop 800 tc
alone vlanpush,5 $((800 - udp)) tc # nobody has that VLAN here
check "classes that decide about packets" "$(jq -r '[.classes[] | select(.properties | index("verdict")) | .name] | sort | join(" ")' "$TMP/classes")" "drop vlanpop vlanpush"
say "head: it ends the run"
for level in xdp tc user; do
	launch "[(dev,v0)@xdp] > (BPF,\"udp\")@xdp > (head,50,name=x)@$level > (pktcount,name=n)@user"
	send -r "$TMP/v4.pcap"
	wait_for 10 ended || die "head at $level did not end the run"
	reap
	check "at $level" "$STATUS $(of x packets_out) $(of n state.packets)" "0 50 50"
	accounts
done
finish
