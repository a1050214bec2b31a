#!/usr/bin/env bash
# Loopback has no driver mode: generic mode, with one notice, and the counts are exact.
. "$(dirname "$0")/lib.sh"
topology

start lo '[dev lo] > (BPF,"udp") > (pktcount,name=n)'
line=$(rx "$TOOLS/sendpcap" -i lo -n 1000 -m udp)
sent_of "$line"
check "explain while it runs in generic mode" "$(rx "$FFPF" explain '[dev lo] > (pktcount)' 2>/dev/null | grep -ciE 'generic|super-packets' | sed 's/[1-9][0-9]*/yes/')" yes
stop
check "exit status" "$STATUS" 0
check "counted" "$(of n state.packets)" "$SENT"
check "notices in JSON" "$(json '[.notices[] | select(test("generic mode"))] | length')" 1
check "notices" "$(grep -c 'generic mode' "$TMP/err")" 1
check_text "the notice" "$TMP/err" 'lo: driver mode refused \(.*\); generic mode: sees super-packets after GRO'
accounts
say "explain tells before it runs, and in JSON, and attaches nothing"
run explain '[dev lo] > (pktcount)'
# From Linux 6.3 on a driver declares what it has; before, only a program that attaches finds out, and explain says both.
declared=no lo_sees='wire frames \(super-packets in generic mode after GRO\)' v0_sees='wire frames \(super-packets in generic mode after GRO\)'
if [ "$(printf '6.3\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.3 ]; then
	declared=yes lo_sees='super-packets after GRO \(generic mode\)' v0_sees='wire frames \(driver mode\)'
	check_text "text" "$TMP/out.json" '^notice: lo: the driver has no XDP: generic mode'
else
	check "text: no notice of what it can't know" "$(grep -c '^notice' "$TMP/out.json")" 0
fi
check_text "what it sees" "$TMP/out.json" "^xdp +$lo_sees"
run explain --json '[dev lo] > (pktcount)'
check "JSON" "$(json '[.notices[] | select(test("lo: the driver has no XDP"))] | length')" "$([ $declared = yes ] && echo 1 || echo 0)"
run explain '[dev v0] > (pktcount)'
check "notices for a device with driver mode" "$(grep -c '^notice' "$TMP/out.json")" 0
check_text "what it sees" "$TMP/out.json" "^xdp +$v0_sees"
check "nothing is attached" "$(prog_id v0)$(prog_id lo)" ""
say "a device in driver mode needs no notice"
start v0 '[dev v0] > (pktcount,name=n)'
stop
check "lines on stderr" "$(grep -c . "$TMP/err")" 0
finish
