#!/usr/bin/env bash
# Events of live packets: those of a few packets arrive soon and with the time of day; under a flood what was written is
# what arrived and what was lost.
. "$(dirname "$0")/lib.sh"
topology
alarm=(--class-path "$BUILD/tests/modules/alarm")

lines() { [ "$(wc -l <"$TMP/events")" -ge "$1" ]; }

say "a few packets"
start v0 --events "$TMP/events" "${alarm[@]}" '[dev v0] > (alarm,name=bell) > (pktcount)'
before=$(date +%s%N)
send -m udp -n 300 -s 100
wait_for 2 lines "$SENT" || die "events did not arrive while it runs"
after=$(date +%s%N)
stop
check "exit status" "$STATUS" 0
check "where it ran" "$(of bell flowspace)" xdp
check "events" "$(of bell 'state."seen.events"')" "$SENT"
check "events lost" "$(of bell 'state."seen.events_lost"')" 0
check "lines" "$(wc -l <"$TMP/events")" "$SENT"
check "times of day" "$(jq -s "map(select(.time_ns >= $before - 1000000 and .time_ns <= $after)) | length" "$TMP/events")" "$SENT"
check "lengths" "$(jq -s 'map(.values.len) | unique | join(" ")' -r "$TMP/events")" 100
accounts

say "a flood of 20 events a packet"
start v0 --events "$TMP/events" "${alarm[@]}" '[dev v0] > (alarm,20,name=bell) > (pktcount,name=n)'
blast -n 100000
stop
events=$(of bell 'state."seen.events"')
check "events" "$events" $(($(of n state.packets) * 20))
check "events = delivered + lost" "$(($(wc -l <"$TMP/events") + $(of bell 'state."seen.events_lost"')))" "$events"
check "some are lost" "$(json '[.functions[] | select(.name == "bell")][0].state."seen.events_lost" > 0')" true
accounts

say "at user level, above a barrier"
start v0 --events "$TMP/events" "${alarm[@]}" '[dev v0] > (alarm,name=bell)@user'
before=$(date +%s%N)
send -m udp -n 300 -s 100
stop
after=$(date +%s%N)
check "where it ran" "$(of bell flowspace)" user
check "lines" "$(wc -l <"$TMP/events")" "$SENT"
check "times of day" "$(jq -s "map(select(.time_ns >= $before - 1000000 and .time_ns <= $after)) | length" "$TMP/events")" "$SENT"
finish
