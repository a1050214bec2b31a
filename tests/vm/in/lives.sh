#!/usr/bin/env bash
# Whoever uses the module dies in each state; the device leaves while packets come; the module is to be unloaded while
# it is at work. Nothing stays.
. "$(dirname "$0")/lib.sh"
topology
module

# released: nobody holds the module any more
released() { [ "$(users)" = 0 ]; }

say "killed in each state"
for state in 0 1 2 3 9; do
	live -S $state
	rmmod ffpf 2>/dev/null && die "the module went while it was in use"
	check "state $state: users" "$(users)" 1
	[ $state != 9 ] || tx "$TOOLS/sendpcap" -i v1 -n 200 -s 100 >/dev/null
	kill -KILL "$FFPF_PID"
	wait "$FFPF_PID" 2>/dev/null
	FFPF_PID=
	exec 9>&-
	check "state $state: released" "$(wait_for 10 released && echo yes)" yes
done

say "unloading under load"
live
(while :; do tx "$TOOLS/sendpcap" -i v1 -n 1000 -s 100; done) >"$TMP/load" 2>&1 9>&- &
load=$!
wait_for 10 test -s "$TMP/load"
for _ in 1 2 3 4 5; do
	rmmod ffpf 2>"$TMP/why"
	check "refused" "$?" 1
done
check "still there" "$(users)" 1
rest
check "it counted" "$([ "$(got records)" -gt 0 ] && [ "$(got records)" = "$(got packets)" ] && echo yes)" yes
rmmod ffpf
check "unloads when nobody has it, packets or not" "$?" 0
module
live
sleep 0.5
kill -KILL "$FFPF_PID"
wait "$FFPF_PID" 2>/dev/null
FFPF_PID=
exec 9>&-
wait_for 10 released
rmmod ffpf
check "unloads behind a killed process, under load" "$?" 0
module

say "the device leaves while packets come"
live
sleep 0.5
ip -n "$RX" link del v0
check "the device goes at once" "$(ip -n "$RX" link show v0 2>&1 | grep -c 'does not exist')" 1
wait_for 10 ended
wait "$FFPF_PID"
check "the program was told, and ends by itself" "$?" 0
FFPF_PID=
exec 9>&-
check "it saw some" "$([ "$(got records)" -gt 0 ] && echo yes)" yes
check "the source is gone" "$(got flags)" 1
kill $load
wait $load 2>/dev/null

say "the namespace leaves under it"
pair v0 v1
live -g
ip netns del "$TX"
sleep 0.5
check "the device is gone" "$(ip -n "$RX" link show v0 2>&1 | grep -c 'does not exist')" 1
rest
check "exit status" "$STATUS" 0
check "the source is gone" "$(got flags)" 1
check "released" "$(wait_for 10 released && echo yes)" yes
rmmod ffpf
check "it unloads" "$?" 0
finish
