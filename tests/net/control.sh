#!/usr/bin/env bash
# The control socket of a run on a device, whose privileges are down to what it needs: maps of a program in the kernel are
# read, and it gets new versions under load, by ffpf ctl and by SIGHUP, without losing a packet or its state.
. "$(dirname "$0")/lib.sh"
topology
objects=$TOOLS/objects
socket=$TMP/control
ctl() { "$FFPF" ctl "$socket" "$@" 2>>"$TMP/ctl.err"; }

say "maps in the kernel"
cp "$objects/udp.o" "$TMP/web.o"
start v0 --control "$socket" "[dev v0 name=v]>(ebpf,\"$TMP/web.o\",name=e)>(pktcount,name=n)"
check "where" "$(ctl list --json | jq -r '.functions[] | select(.name == "e") | .flowspace')" xdp
check "maps" "$(ctl list --json | jq -c '.functions[] | select(.name == "e") | [.maps[].name] | sort')" '[".bss","protocols","senders"]'
send -m udp -n 300
udp=$SENT
send -m tcp -n 200
tcp=$SENT
seen() { ctl read e .bss --json | jq '.maps[0].entries[0].value.seen'; }
is_seen() { [ "$(seen)" = "$1" ]; }
wait_for 10 is_seen $((udp + tcp)) || die "the program saw $(seen) packets of $((udp + tcp))"
check "a variable" "$(seen)" $((udp + tcp))
check "an entry" "$(ctl read e protocols --json | jq -r '.maps[0].entries[17] | "\(.key) \(.value)"')" "17 $(printf '%016x' "$udp" | fold -w2 | tac | tr -d '\n')"
check "entries of a hash table" "$(ctl read e senders --json | jq '.maps[0].total')" "$(ctl read e senders --json | jq '.maps[0].entries | length')"

say "new versions under load"
before=$(ctl stats | jq '.functions[] | select(.name == "v") | .packets_in')
{
	for _ in $(seq 20); do
		ctl replace e "$objects/udp.o" || echo failed
		kill -HUP "$FFPF_PID"
		sleep 0.05
	done
} >"$TMP/replacing" 2>&1 &
replacing=$!
blast -n 300000 -s 60
wait $replacing
check "refused" "$(cat "$TMP/replacing")" ""
wait_for 10 is_seen $((udp + tcp + SENT)) || true
check "state goes on" "$(seen)" $((udp + tcp + SENT))
check "packets of the device" "$(ctl stats | jq '.functions[] | select(.name == "v") | .packets_in')" $((before + SENT))
check_text "SIGHUP" "$TMP/err" 'notice: e: its file was read again'
ctl stop
reap
check "exit status" "$STATUS" 0
check "the socket" "$(ls "$socket" 2>&1 | grep -c 'No such file')" 1
check "the device is free" "$(prog_id v0)" ""
accounts
lossless
[ ! -s "$TMP/ctl.err" ] || { cat "$TMP/ctl.err"; FAILED=1; }
finish
