#!/usr/bin/env bash
# Frames of 9,000 bytes: the program attaches in driver mode, counts, filters deep in the packet and keeps every byte.
. "$(dirname "$0")/lib.sh"
topology 9000

"$TOOLS/gencap" -n 500 -s 9000 -m tcp,udp -S 3 "$TMP/big.pcap"
"$TOOLS/gencap" -n 500 -s internet -m tcp,udp -S 4 "$TMP/small.pcap"
deep='ip[5000] == 0x20 and ip[8000] != 0'
start v0 "[dev v0 vlan=data] > [(BPF,\"$deep\") > (pktcount,name=deep) | (bytecount,name=bytes) | (write,$TMP/got.pcap)]"
check "notices" "$(grep -c . "$TMP/err")" 0
send -r "$TMP/big.pcap" -R 20000
send -r "$TMP/small.pcap" -R 20000
stop
check "exit status" "$STATUS" 0
check "deep filter" "$(of deep state.packets)" "$(count_frames "$TMP/big.pcap" "$deep")"
check "bytes" "$(of bytes state.bytes)" "$((500 * 9000 + $(tcpdump -nn -r "$TMP/small.pcap" -w - 2>/dev/null | wc -c) - 24 - 500 * 16))"
check "the file's packets" "$(frames "$TMP/got.pcap" | md5sum)" "$( (frames "$TMP/big.pcap"; frames "$TMP/small.pcap") | md5sum)"
accounts
lossless
finish
