#!/usr/bin/env bash
# One meaning, many levels, on the wire: every class at every level that offers it, fed from each level below and
# followed by a counter at each level above, gives the figures, tables and packets that the same graph gives for the
# savefile. equal.py has the classes' arguments, what can't be equal, and why.
. "$(dirname "$0")/lib.sh"
topology
need_commands python3 taskset
need_tcx
HERE=$(dirname "$0")
equal() { python3 "$HERE/equal.py" "$@" || die "equal.py $1"; }
# One sender's processor: packets stay in order.
tx() { taskset -c 0 ip netns exec "$TX" "$@"; }

"$FFPF" classes --json >"$TMP/classes"
echo 198.18.1.0/25 >"$TMP/list"
# The same program for the context of tc, where a VLAN tag is not in the bytes.
sed 's/^program udp xdp/program udp tc/; s/ldxw r2, \[r1+4\]/ldxw r2, [r1+80]/; s/ldxw r6, \[r1+0\]/ldxw r6, [r1+76]/
	s/jgt r3, r2, +18/jgt r3, r2, +20/; s/^\tldxh r3, \[r6+12\]/\tldxw r3, [r1+20]\n\tjne r3, 0, +18\n&/' \
	"$HERE/../objects/udp.asm" >"$TMP/udp_tc.asm"
"$TOOLS/mkobject" "$TMP/udp_tc.o" <"$TMP/udp_tc.asm" || die "mkobject"
DEFINES=(-D "OBJ=$TOOLS/objects/udp.o" -D "OBJ_TC=$TMP/udp_tc.o" -D "LIST=$TMP/list" -D "SIGNATURES=$HERE/../../fpl/classes/systems.fp")

"$TOOLS/gencap" -n 1500 -s internet -m tcp=6,udp=3,icmp,ipv6,vlan -F 60 -S 7 "$TMP/made.pcap"
SAVEFILES=("$TMP/made.pcap")
SHARED=$HERE/../../../shared/data/pcap
if [ -d "$SHARED" ]; then
	SAVEFILES+=("$SHARED"/*.pcap)
else
	echo "note: no savefiles in $SHARED: only made ones are sent"
fi
equal capture "$TMP/in.pcap" 1500 "${SAVEFILES[@]}" >"$TMP/n"
N=$(cat "$TMP/n")
mkdir "$TMP/g"
equal graphs "$TMP/classes" "$TMP/g" "$TMP/in.pcap" | tee "$TMP/said"
BATCHES=$(awk '/^batches/ { print $2 }' "$TMP/said")
for ((batch = 0; batch < BATCHES; batch++)); do
	g=$TMP/g/$batch
	say "$(grep -o 'name=[A-Za-z0-9]*_s)' "$g.file" | sed 's/name=//; s/_s)//' | paste -sd' ')"
	"$FFPF" run --json -q "${DEFINES[@]}" -f "$g.file" >"$g.file.json" 2>"$TMP/err" || die "the savefile"
	launch "${DEFINES[@]}" -f "$g.live"
	send -r "$TMP/in.pcap"
	stop
	check "exit status, packets sent" "$STATUS $SENT" "0 $N"
	cp "$TMP/out.json" "$g.live.json"
	accounts
	lossless
	equal compare "$g.file.json" "$g.live.json" >"$TMP/compared"
	grep '^differs' "$TMP/compared"
	check "equal to the savefile's" "$(sed -n 's/^compared=[0-9]* //p' "$TMP/compared")" "differ=0 missing=0 seen=1"
	tail -n 1 "$TMP/compared"
done

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
