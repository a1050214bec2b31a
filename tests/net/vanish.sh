#!/usr/bin/env bash
# The device goes away while ffpf runs: it says so, prints what it has, and ends with status 1.
. "$(dirname "$0")/lib.sh"
topology

start v0 '[dev v0] > (pktcount,name=n)'
send -n 1000
sleep 0.3
ip -n "$TX" link del v1
wait_for 20 ended || die "ffpf still runs 20 s after its device has gone"
reap
check "exit status" "$STATUS" 1
check_text "the message" "$TMP/err" 'v0.*(gone|removed|disappeared|vanished|deleted)'
check "counted until then" "$(of n state.packets)" "$SENT"
accounts

say "one of two devices goes: the message names that one"
pair v0 v1
pair w0 w1
start v0 '[(dev,v0) | (dev,w0)] > (pktcount,name=n)'
ip -n "$TX" link del w1
wait_for 20 ended || die "ffpf still runs 20 s after one of its devices has gone"
reap
check "exit status" "$STATUS" 1
check_text "the message" "$TMP/err" 'w0'
check "v0 is free" "$(wait_for 5 detached v0; prog_id v0)" ""
finish
