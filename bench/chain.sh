#!/usr/bin/env bash
# ./do bench chain: what one more filter program costs in a chain of 1 to 10, at xdp and on savefiles of two kinds. The
# program is tests/objects/ip.asm: Ethernet and IPv4 or not. See bench_chain.c.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=$(dirname "$BENCH_DIR")/tests
object=$tools/objects/ip.o
"$tools/gencap" -n 2000000 -s 60 -m tcp=6,udp=3,icmp -F 1000 -S 1 "$work/small.pcap"
echo "2 million packets of 60 bytes"
"$BENCH_DIR/bench_chain" "$object" "$work/small.pcap"
rm "$work/small.pcap"
"$tools/gencap" -n 1000000 -s internet -m tcp=6,udp=3,icmp -F 1000 -S 1 "$work/internet.pcap"
echo "1 million packets with sizes as on the Internet"
"$BENCH_DIR/bench_chain" "$object" "$work/internet.pcap"
