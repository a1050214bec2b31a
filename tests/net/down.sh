#!/usr/bin/env bash
# A device that is down brings nothing: that is said, once, when the run begins and by explain.
. "$(dirname "$0")/lib.sh"
topology
rx ip link set v0 down
expected='v0 is down: no packets until it is up: ip link set v0 up'

run --json -d 0.5 '[dev v0]>(pktcount,name=n)'
check "exit status" "$STATUS" 0
check "counted" "$(of n state.packets)" 0
check "notices in the document" "$(json '.notices | join("|")')" "$expected"
check "notices on stderr" "$(cat "$TMP/err")" "ffpf: notice: $expected"
run explain --json '[dev v0]>(pktcount)'
check "explain" "$(json '.notices | join("|")')" "$expected"

say "it comes up while the run lasts"
start v0 '[dev v0]>(pktcount,name=n)'
rx ip link set v0 up
wait_for 5 carrier v0 || die "v0 has no carrier"
send -n 100 -s 100
stop
check "counted" "$(of n state.packets)" "$SENT"

say "up from the beginning"
run --json -d 0.5 '[dev v0]>(pktcount,name=n)'
check "notices" "$(json '.notices | join("|")')" ""
finish
