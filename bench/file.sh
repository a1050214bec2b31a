#!/usr/bin/env bash
# ./do bench file [ROUNDS]: a savefile of 2 million packets with sizes as on the Internet (1.2 GB, made in $TMPDIR and
# removed), and 5 million of 60 bytes, through a filter: ffpf against a bare loop of libpcap. See bench_file.c.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rounds=${1:-9}
tools=$(dirname "$BENCH_DIR")/tests
"$tools/gencap" -n 2000000 -s internet -m tcp=6,udp=3,icmp -F 1000 -S 1 "$work/internet.pcap"
echo "2 million packets with sizes as on the Internet, $(($(stat -c %s "$work/internet.pcap") / 1000000)) MB, in the page cache; medians of $rounds rounds"
for filter in 'tcp port 80' 'udp' 'host 198.18.0.1 and tcp[13] & 2 != 0'; do
	"$BENCH_DIR/bench_file" "$work/internet.pcap" "$filter" "$rounds"
done
rm "$work/internet.pcap"
"$tools/gencap" -n 5000000 -s 60 -m tcp=6,udp=3,icmp -F 1000 -S 1 "$work/small.pcap"
echo "5 million packets of 60 bytes"
"$BENCH_DIR/bench_file" "$work/small.pcap" 'tcp port 80' "$rounds"
