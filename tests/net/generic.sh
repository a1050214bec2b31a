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
check_text "text" "$TMP/out.json" '^notice: lo: the driver has no XDP: generic mode'
check_text "what it sees" "$TMP/out.json" '^xdp +super-packets after GRO \(generic mode\)'
run explain --json '[dev lo] > (pktcount)'
check "JSON" "$(json '[.notices[] | select(test("lo: the driver has no XDP"))] | length')" 1
run explain '[dev v0] > (pktcount)'
check "notices for a device with driver mode" "$(grep -c '^notice' "$TMP/out.json")" 0
check_text "what it sees" "$TMP/out.json" '^xdp +wire frames \(driver mode\)'
check "nothing is attached" "$(prog_id v0)$(prog_id lo)" ""
say "a device in driver mode needs no notice"
start v0 '[dev v0] > (pktcount,name=n)'
stop
check "lines on stderr" "$(grep -c . "$TMP/err")" 0
finish
