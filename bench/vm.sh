#!/usr/bin/env bash
# ./do bench vm [FILE]: filters on packets in the cache, libpcap's interpreter against the userspace machine. See
# bench_vm.c. Without a file: traffic with sizes as on the Internet, made for the purpose.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=${1:-$work/traffic.pcap}
[ $# -gt 0 ] || "$(dirname "$BENCH_DIR")/tests/gencap" -n 4096 -s internet -m tcp=6,udp=3,icmp,ipv6 -F 1000 -S 1 "$file"
"$BENCH_DIR/bench_vm" "$file"
