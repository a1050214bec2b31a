#!/usr/bin/env bash
# A device that already runs an XDP program: the error names it, and the holder does not notice anything.
. "$(dirname "$0")/lib.sh"
topology

for how in "-m driver" "-m generic" "-m driver -l" "-m generic -l"; do
	say "held with xdphold $how"
	# shellcheck disable=SC2086
	hold v0 $how
	id=$(sed -n 's/ready id=//p' "$TMP/held")
	run run --json '[dev v0] > (pktcount)'
	check "exit status" "$STATUS" 1
	check_text "names device, program and id" "$TMP/err" "v0 already runs an XDP program: 'xdphold' \(id $id, (driver|generic) mode"
	case $how in
	*generic\ -l) check_text "how to detach it" "$TMP/err" 'ip link set dev v0 xdpgeneric off' ;;
	*-l) check_text "how to detach it" "$TMP/err" 'ip link set dev v0 xdpdrv off' ;;
	*) check_text "how to detach it" "$TMP/err" 'bpftool link' ;;
	esac
	run explain '[dev v0] > (pktcount)'
	check "exit status of explain" "$STATUS" 0
	check_text "explain names the program" "$TMP/out.json" "^notice: it would not run: v0 already runs an XDP program: 'xdphold' \(id $id, (driver|generic) mode"
	run explain --json '[dev v0] > (pktcount)'
	check "as a notice of the document" "$(json "[.notices[] | select(test(\"'xdphold' .id $id,\"))] | length")" 1
	run explain --no-probe '[dev v0] > (pktcount)'
	check "notices of --no-probe" "$(grep -c '^notice' "$TMP/out.json")" 0
	check "the holder's program" "$(prog_id v0)" "$id"
	send -n 200
	unhold
	check "the holder's count" "$HELD" "packets=$SENT tagged=0"
done
say "two ffpf on one device"
start v0 '[dev v0] > (pktcount,name=n)'
first=$FFPF_PID
rx timeout 60 "$FFPF" run '[dev v0] > (pktcount)' >/dev/null 2>"$TMP/second"
check "exit status of the second" "$?" 1
check_text "the second says why" "$TMP/second" 'v0 already runs an XDP program'
FFPF_PID=$first
send -n 300
stop
check "the first counts on" "$(of n state.packets)" "$SENT"
finish
