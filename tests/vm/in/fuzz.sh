#!/usr/bin/env bash
# Calls at random for half a minute, while packets come.
. "$(dirname "$0")/lib.sh"
topology
module
pair w0 w1
seed=${FFPF_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
(while :; do tx "$TOOLS/sendpcap" -i v1 -n 500 -s 100; tx "$TOOLS/sendpcap" -i w1 -n 500 -s 700; done) >"$TMP/load" 2>&1 9>&- &
load=$!
rx "$TOOLS/vm_kmod_fuzz" "${FFPF_FUZZ_SECONDS:-30}" "$seed" v0 v0 w0
check "fuzzing (seed $seed)" "$?" 0
kill $load
wait $load 2>/dev/null
check "packets came" "$([ "$(wc -l <"$TMP/load")" -gt 4 ] && echo yes)" yes
check "nobody holds it" "$(users)" 0
rmmod ffpf
check "it unloads" "$?" 0
ip -n "$RX" link del v0 && ip -n "$RX" link del w0
check "devices go" "$?" 0
finish
