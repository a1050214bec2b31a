#!/usr/bin/env bash
# New versions of users' programs on a device under load, hundreds of them: every packet is seen by one version, none by
# two, none by nobody; what the programs count goes on from version to version; and a function above the barrier gets
# every packet or knows that it did not.
. "$(dirname "$0")/lib.sh"
topology
objects=$TOOLS/objects

# of FUNCTION WHAT
of() { sed -n "s/^$1 .*[ ]$2=\([^ ]*\).*/\1/p" "$TMP/replaced"; }
# replace_under PACKETS GRAPH FUNCTION FILES…: blasts as many packets while the function is replaced; SENT
replace_under() {
	local packets=$1 pid
	shift
	rm -f "$TMP/end"
	mkfifo "$TMP/end"
	ip netns exec "$RX" timeout "$LIMIT" "$TOOLS/replacing" -d -n 100 "$@" <"$TMP/end" >"$TMP/replaced" 2>"$TMP/err" &
	pid=$!
	exec 9>"$TMP/end"
	wait_for 30 grep -q ready "$TMP/replaced" || die "replacing did not begin"
	blast -n "$packets" -s 60
	sleep 0.3
	exec 9>&-
	wait "$pid"
	check "exit status" $? 0
	cat "$TMP/replaced"
}

say "the same version, at the lowest level and with a reader above"
replace_under 2000000 "[dev v0 take=yes name=v]>[(ebpf,\"$objects/several.o\",program=all,name=e)>(pktcount,name=n)|(BPF,ip)>(hist,name=h)@user]" \
	e "$objects/several.o"
check "packets of the device" "$(of v in)" "$SENT"
check "seen by the program" "$(of e in)" "$SENT"
check "counted by the program" "$(of e calls)" "$SENT"
check "behind it" "$(of n packets)" "$SENT"
check "above: came, or known to be lost" "$(of h in)" "$SENT"
check_text "how often" "$TMP/replaced" '^replaced=[1-9][0-9]{2,} refused=0'

say "two versions, in pieces of programs, fragments too"
replace_under 1000000 "[dev v0 take=yes name=v]>[(ebpf,\"$objects/udp.o\",name=e)>(pktcount,name=n)|(pktcount,name=all)]" \
	e "$objects/later.o" "$objects/udp.o"
check "packets of the device" "$(of v in)" "$SENT"
check "in = out + filtered" $(($(of e out) + $(of e filtered))) "$SENT"
check "beside it" "$(of all packets)" "$SENT"
check_text "said" "$TMP/err" "notice: e: map 'protocols' begins afresh"
check "the device is free" "$(prog_id v0)" ""

say "a program on a device: its state, and nothing stays behind"
start v0 "[dev v0]>(ebpf,\"$objects/udp.o\",name=e)>(pktcount,name=n)"
send -m udp -n 300
udp=$SENT
send -m tcp -n 200
stop
check "exit status" "$STATUS" 0
check "where" "$(json '.functions[] | select(.name == "e") | .flowspace')" xdp
check "matched" "$(json '.functions[] | select(.name == "n") | .state.packets')" "$udp"
check "seen" "$(json '.functions[] | select(.name == "e") | .state.seen')" $((udp + SENT))
accounts
lossless
start v0 "[dev v0]>(ebpf,\"$objects/udp.o\",name=e)"
kill -KILL "$FFPF_PID"
wait "$FFPF_PID" 2>/dev/null
FFPF_PID=
wait_for 5 detached v0 || die "a killed ffpf left its program"
finish
