#!/usr/bin/env bash
# A tun device carries bare IP: filters and files know it.
. "$(dirname "$0")/lib.sh"
topology
rx ip tuntap add t0 mode tun 2>"$TMP/why" || skip "no tun device: $(cat "$TMP/why")"
rx ip link set t0 up

"$TOOLS/gencap" -n 2000 -l raw -m tcp=2,udp=3,icmp,ipv6 -S 5 "$TMP/raw.pcap"
start t0 "[dev t0] > [(BPF,\"udp\") > (pktcount,name=udp) | (BPF,\"dst port 53\") > (pktcount,name=dns) | (pktcount,name=all) | (write,$TMP/got.pcap)]"
rx "$TOOLS/sendpcap" -T -i t0 -r "$TMP/raw.pcap" || die "sendpcap"
stop
check "exit status" "$STATUS" 0
check "udp" "$(of udp state.packets)" "$(count_frames "$TMP/raw.pcap" udp)"
check "port 53" "$(of dns state.packets)" "$(count_frames "$TMP/raw.pcap" 'dst port 53')"
check "all" "$(of all state.packets)" 2000
check "the file's packets" "$(frames "$TMP/got.pcap" | md5sum)" "$(frames "$TMP/raw.pcap" | md5sum)"
check "the file's link type" "$(tcpdump -nn -r "$TMP/got.pcap" 2>&1 >/dev/null | grep -o 'RAW')" RAW
accounts
finish
