#!/usr/bin/env bash
# What crosses to userspace is what was sent: every byte, every packet, at sane times; and the books balance.
. "$(dirname "$0")/lib.sh"
topology

"$TOOLS/gencap" -n 5000 -s internet -m tcp=5,udp=3,icmp,ipv6,vlan -S 21 "$TMP/sent.pcap"
begin=$(date +%s)
start v0 "[dev v0] > (write,$TMP/got.pcap,name=file)"
send -r "$TMP/sent.pcap" -R 20000
stop
end=$(date +%s)
check "exit status" "$STATUS" 0
check "packets" "$(count_frames "$TMP/got.pcap")" "$SENT"
check "every byte" "$(frames "$TMP/got.pcap" | md5sum)" "$(frames "$TMP/sent.pcap" | md5sum)"
check "packets outside the time of the test" "$(tcpdump -nn -tt -r "$TMP/got.pcap" 2>/dev/null | grep '^[0-9]' |
	awk -v a=$((begin - 1)) -v b=$((end + 1)) '$1 < a || $1 > b' | wc -l)" 0
check "packets before their predecessor" "$(tcpdump -nn -tt -r "$TMP/got.pcap" 2>/dev/null | grep '^[0-9]' |
	awk '$1 < last { n++ } { last = $1 } END { print n + 0 }')" 0
check "packets over the barrier" "$(json '.barriers[] | select(.from == "xdp") | .packets')" "$SENT"
check "lost at the barrier" "$(json '.barriers[] | select(.from == "xdp") | .lost')" 0
check "given to write" "$(of file packets_in)" "$SENT"
accounts
lossless

say "only the flow crosses"
start v0 "[dev v0] > (BPF,\"udp\") > (write,$TMP/udp.pcap,name=file)"
send -r "$TMP/sent.pcap" -R 20000
stop
check "every byte" "$(frames "$TMP/udp.pcap" | md5sum)" "$(frames "$TMP/sent.pcap" udp | md5sum)"
check "packets over the barrier" "$(json '.barriers[] | select(.from == "xdp") | .packets')" "$(count_frames "$TMP/sent.pcap" udp)"
check "filtered" "$(json '.functions[] | select(.class == "BPF") | .filtered')" $((SENT - $(count_frames "$TMP/sent.pcap" udp)))
accounts

say "a graph that counts sends nothing up"
start v0 '[dev v0] > (pktcount)'
send -n 1000
stop
check "packets over barriers" "$(json '[.barriers[].packets] | add // 0')" 0
finish
