# shellcheck shell=bash
# Sourced by equal.sh, and by its counterpart in the virtual machine: live graphs of all classes against the same graphs
# on a savefile. equal.py has the classes' arguments, what can't be equal, and why.
#
#   EQUAL_LEVELS  the levels, lowest first, by their first letters: xtu (default), k is kmod
#   EQUAL_AT      classes at these of them only
#   EQUAL_SLOTS   so large are the graphs
EQUAL=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
need_commands python3 taskset
equal() { python3 "$EQUAL/equal.py" "$@" || die "equal.py $1"; }
# One sender's processor: packets stay in order.
tx() { taskset -c 0 ip netns exec "$TX" "$@"; }

"$FFPF" classes --json >"$TMP/classes"
echo 198.18.1.0/25 >"$TMP/list"
# The same program for the context of tc, where a VLAN tag is not in the bytes.
sed 's/^program udp xdp/program udp tc/; s/ldxw r2, \[r1+4\]/ldxw r2, [r1+80]/; s/ldxw r6, \[r1+0\]/ldxw r6, [r1+76]/
	s/jgt r3, r2, +18/jgt r3, r2, +20/; s/^\tldxh r3, \[r6+12\]/\tldxw r3, [r1+20]\n\tjne r3, 0, +18\n&/' \
	"$EQUAL/../objects/udp.asm" >"$TMP/udp_tc.asm"
"$TOOLS/mkobject" "$TMP/udp_tc.o" <"$TMP/udp_tc.asm" || die "mkobject"
DEFINES=(-D "OBJ=$TOOLS/objects/udp.o" -D "OBJ_TC=$TMP/udp_tc.o" -D "LIST=$TMP/list" -D "SIGNATURES=$EQUAL/../../fpl/classes/systems.fp")

# equal_batches MOST SAVEFILE…: at most so many packets of each
equal_batches() {
	local n batch batches g
	n=$(equal capture "$TMP/in.pcap" "$@")
	mkdir "$TMP/g"
	equal graphs "$TMP/classes" "$TMP/g" "$TMP/in.pcap" | tee "$TMP/said"
	batches=$(awk '/^batches/ { print $2 }' "$TMP/said")
	for ((batch = 0; batch < batches; batch++)); do
		g=$TMP/g/$batch
		say "$(grep -o 'name=[A-Za-z0-9]*_s)' "$g.file" | sed 's/name=//; s/_s)//' | paste -sd' ')"
		"$FFPF" run --json -q "${DEFINES[@]}" -f "$g.file" >"$g.file.json" 2>"$TMP/err" || die "the savefile"
		launch "${DEFINES[@]}" -f "$g.live"
		send -r "$TMP/in.pcap"
		stop
		check "exit status, packets sent" "$STATUS $SENT" "0 $n"
		cp "$TMP/out.json" "$g.live.json"
		accounts
		lossless
		equal compare "$g.file.json" "$g.live.json" >"$TMP/compared"
		grep '^differs' "$TMP/compared"
		check "equal to the savefile's" "$(sed -n 's/^compared=[0-9]* //p' "$TMP/compared")" "differ=0 missing=0 seen=1"
		tail -n 1 "$TMP/compared"
	done
}
