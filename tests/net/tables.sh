#!/usr/bin/env bash
# Tables of functions on a device: every packet is in its flow's row, at xdp and above a barrier, with packets in fragments,
# from two devices, and while a program beside them is replaced.
. "$(dirname "$0")/lib.sh"
topology 9000
classes="--class-path $TOOLS/modules/tables"
objects=$TOOLS/objects

# sums NAME MEMBER: over all rows of its flows
sums() { json ".functions[] | select(.name == \"$1\") | .tables.flows | map(.$2) | add // 0"; }

say "at the lowest level, and the same above"
start v0 $classes --rows 100000 '[dev v0]>[(tflows,name=low)|(tflows,name=high)@user]'
tx "$TOOLS/gencap" -n 3000 -m tcp=2,udp,icmp -S 9 "$TMP/mix.pcap"
send -r "$TMP/mix.pcap"
stop
check "exit status" "$STATUS" 0
check "where" "$(json '[.functions[] | select(.class == "tflows") | .flowspace] | join(" ")')" "xdp user"
check "packets in the rows" "$(sums low packets)" "$(count_frames "$TMP/mix.pcap" 'ip and greater 38')"
check "bytes in the rows" "$(sums low bytes)" "$(sums high bytes)"
check "the same rows above" "$(json '[.functions[] | select(.class == "tflows") | .tables.flows | sort] | .[0] == .[1]')" true
accounts
lossless

say "two devices, one table"
pair w0 w1 9000
start v0 $classes --rows 100000 '[[dev v0]|[dev w0]]>(tflows,name=f)'
wait_for 5 attached w0 || die "nothing on w0"
send -r "$TMP/mix.pcap"
send -i w1 -r "$TMP/mix.pcap"
stop
check "packets in the rows" "$(sums f packets)" "$((2 * $(count_frames "$TMP/mix.pcap" 'ip and greater 38')))"
lossless

say "packets in fragments"
start v0 $classes '[dev v0]>(tflows,name=f)'
tx "$TOOLS/gencap" -n 500 -s 9000 -m tcp,udp -S 3 "$TMP/large.pcap"
send -r "$TMP/large.pcap"
stop
check "packets in the rows" "$(sums f packets)" "$SENT"
lossless

say "while a program beside it is replaced, many times"
cp "$objects/udp.o" "$TMP/prog.o"
start v0 $classes --control "$TMP/control" --rows 100000 "[dev v0 take=yes]>[(tflows,name=f)|(ebpf,\"$TMP/prog.o\",name=e)>(pktcount,name=n)]"
(for _ in $(seq 30); do rx "$FFPF" ctl "$TMP/control" replace e >/dev/null || echo "not replaced"; done >"$TMP/replacing" 2>&1) &
replacing=$!
blast -n 300000 -s 60
wait $replacing
check "refused" "$(wc -l <"$TMP/replacing" | tr -d ' ')" 0
stop
check "packets of the device" "$(json '.functions[0].packets_in')" "$SENT"
check "packets in the rows" "$(sums f packets)" "$SENT"
check "the program beside it" "$(json '.functions[] | select(.name == "e") | .packets_in')" "$SENT"

check "the program is gone" "$(prog_id v0)" ""
finish
