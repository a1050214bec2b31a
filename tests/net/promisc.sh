#!/usr/bin/env bash
# promisc=yes is set while ffpf runs, and only then, also after SIGKILL.
. "$(dirname "$0")/lib.sh"
topology

promiscuity() { ip -n "$RX" -j -d link show v0 | jq -r '.[0].promiscuity'; }
quiet() { [ "$(promiscuity)" = 0 ]; }

check "before" "$(promiscuity)" 0
start v0 '[dev v0] > (pktcount)'
check "default" "$(promiscuity)" 0
stop
start v0 '[dev v0 promisc=yes] > (pktcount,name=n)'
check "while running" "$(promiscuity)" 1
send -n 100
stop
check "counted" "$(of n state.packets)" "$SENT"
check "afterwards" "$(promiscuity)" 0
start v0 '[dev v0 promisc=yes] > (pktcount)'
check "while running" "$(promiscuity)" 1
kill_it
check "after SIGKILL" "$(wait_for 5 quiet && promiscuity)" 0
finish
