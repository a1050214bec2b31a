#!/usr/bin/env bash
# New versions of users' programs on a device under load, hundreds of them: every packet is seen by one version, none by
# two, none by nobody; what the programs count goes on from version to version; and a function above the barrier gets
# every packet or knows that it did not.
. "$(dirname "$0")/lib.sh"
topology 9000
objects=$TOOLS/objects

# of FUNCTION WHAT
of() { sed -n "s/^$1 .*[ ]$2=\([^ ]*\).*/\1/p" "$TMP/replaced"; }
# send_small, send_large: PACKETS into the device; SENT
send_small() { blast -n "$1" -s 60; }
send_large() { # in fragments: another program of the same graph has them
	[ -e "$TMP/large.pcap" ] || "$TOOLS/gencap" -n 1000 -s 9000 -m tcp,udp -S 3 "$TMP/large.pcap"
	send -r "$TMP/large.pcap" -R 30000 -l $(($1 / 1000))
}
# replace_under SEND PACKETS GRAPH FUNCTION FILES…: blasts as many packets while the function is replaced; SENT
replace_under() {
	local sending=$1 packets=$2 pid
	shift 2
	rm -f "$TMP/end"
	mkfifo "$TMP/end"
	: >"$TMP/replaced"
	ip netns exec "$RX" timeout "$LIMIT" "$TOOLS/replacing" -d -n "${TIMES:-100}" "$@" <"$TMP/end" >"$TMP/replaced" 2>"$TMP/err" &
	pid=$!
	exec 9>"$TMP/end"
	wait_for 30 grep -q ready "$TMP/replaced" || die "replacing did not begin"
	$sending "$packets"
	sleep 0.3
	exec 9>&-
	wait "$pid"
	check "exit status" $? 0
	cat "$TMP/replaced"
}

say "the same version, at the lowest level and with a reader above"
replace_under send_small 2000000 "[dev v0 take=yes name=v]>[(ebpf,\"$objects/several.o\",program=all,name=e)>(pktcount,name=n)|(BPF,ip)>(hist,name=h)@user]" \
	e "$objects/several.o"
check "packets of the device" "$(of v in)" "$SENT"
check "seen by the program" "$(of e in)" "$SENT"
check "counted by the program" "$(of e calls)" "$SENT"
check "behind it" "$(of n packets)" "$SENT"
check "above: came, or known to be lost" "$(of h in)" "$SENT"
check_text "how often" "$TMP/replaced" '^replaced=[1-9][0-9]{2,} refused=0'

say "two versions"
replace_under send_small 1000000 "[dev v0 take=yes name=v]>[(ebpf,\"$objects/udp.o\",name=e)>(pktcount,name=n)|(pktcount,name=all)]" \
	e "$objects/later.o" "$objects/udp.o"
check "packets of the device" "$(of v in)" "$SENT"
check "in = out + filtered" $(($(of e out) + $(of e filtered))) "$SENT"
check "beside it" "$(of all packets)" "$SENT"
check_text "said" "$TMP/err" "notice: e: map 'protocols' begins afresh"
check "the device is free" "$(prog_id v0)" ""

say "in many pieces of programs, and packets in fragments"
many=$(for i in $(seq 410); do printf '|(BPF,"src port %d")' "$i"; done)
TIMES=3 replace_under send_large 20000 "[dev v0 take=yes name=v]>[(ebpf,\"$objects/several.o\",program=all,name=e)>(pktcount,name=n)$many|(ebpf,\"$objects/several.o\",program=long,name=f)>(pktcount,name=m)]" \
	e "$objects/several.o"
check "seen by the programs" "$(of e in),$(of f in)" "$SENT,$SENT"
check "counted by them" "$(of e calls),$(of f calls)" "$SENT,$((2 * SENT))"
check "behind them" "$(of n packets),$(of m packets)" "$SENT,$SENT"

say "a program that writes, on the network"
start v0 "[dev v0]>(ebpf,\"$objects/writes.o\",writes=yes,name=e)>(BPF,\"ether[11] = 0x77\",name=behind)"
ip netns exec "$RX" tcpdump -i v0 -Q in -c 100 -w "$TMP/written.pcap" 2>/dev/null &
pid=$!
sleep 1
send -m tcp -n 300
wait $pid
stop
check "behind it" "$(json '.functions[] | select(.name == "behind") | .packets_out')" "$SENT"
check "what the stack got" "$(count_frames "$TMP/written.pcap" 'ether[11] = 0x77')" 100

say "SIGHUP, after privileges were given up"
cp "$objects/udp.o" "$TMP/prog.o"
start v0 --control "$TMP/control" "[dev v0]>(ebpf,\"$TMP/prog.o\",name=e)>(pktcount,name=n)"
send -m tcp -n 200
tcp=$SENT
before=$(prog_id v0)
cp "$objects/later.o" "$TMP/new.o" && mv "$TMP/new.o" "$TMP/prog.o"
kill -HUP "$FFPF_PID"
replaced() { [ "$(prog_id v0)" != "$before" ]; }
wait_for 10 replaced || die "SIGHUP exchanged nothing"
send -m tcp -n 300
stop
check "matched by the new version only" "$(json '.functions[] | select(.name == "n") | .state.packets')" "$SENT"
check "seen by both" "$(json '.functions[] | select(.name == "e") | .state.seen')" $((tcp + SENT))
check_text "said" "$TMP/err" 'e: its file was read again'
lossless

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
kill_it
wait_for 5 detached v0 || die "a killed ffpf left its program"
finish
