#!/usr/bin/env bash
# From text over a wire to a count: N TCP and M UDP packets are counted exactly, at xdp, and nothing else is.
. "$(dirname "$0")/lib.sh"
topology

say "counts of tcp, udp and everything, from one device"
start v0 '[dev v0] > [(BPF,"tcp") > (pktcount,name=tcp) | (BPF,"udp") > (pktcount,name=udp) | (pktcount,name=all) | (bytecount,name=bytes)]'
check "a program is attached" "$(attached v0 && echo yes)" yes
send -m tcp -n 12345 -s 100
tcp=$SENT
send -m udp -n 6789 -s 100
udp=$SENT
stop
check "exit status" "$STATUS" 0
check "tcp" "$(of tcp state.packets)" "$tcp"
check "udp" "$(of udp state.packets)" "$udp"
check "all" "$(of all state.packets)" $((tcp + udp))
check "bytes" "$(of bytes state.bytes)" $((100 * (tcp + udp)))
check "packets that the filters saw" "$(json '[.functions[] | select(.class == "BPF") | .packets_in] | unique | join(" ")')" $((tcp + udp))
check "where all of it ran" "$(json '[.functions[].flowspace] | unique | join(" ")')" xdp
check "barriers crossed" "$(json '[.barriers[].packets] | add // 0')" 0
accounts
lossless
check "the program is gone" "$(prog_id v0)" ""

say "a function sees a packet once, however many edges deliver it"
start v0 '[dev v0] > [(BPF,"udp") | (BPF,"dst port 53 or src port 53")] > (pktcount,name=n)'
tx "$TOOLS/gencap" -n 2000 -m tcp,udp,icmp -S 7 "$TMP/mix.pcap"
send -r "$TMP/mix.pcap"
stop
check "set union" "$(of n state.packets)" "$(count_frames "$TMP/mix.pcap" 'udp or (dst port 53 or src port 53)')"
accounts
finish
