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
check "notices" "$(grep -c 'generic mode' "$TMP/err")" 1
check_text "the notice" "$TMP/err" 'lo: driver mode refused \(.*\); generic mode: sees super-packets after GRO'
accounts
say "a device in driver mode needs no notice"
start v0 '[dev v0] > (pktcount,name=n)'
stop
check "lines on stderr" "$(grep -c . "$TMP/err")" 0
finish
