#!/usr/bin/env bash
# Resident memory on a large savefile: under 16 MB and the buffers that explain states. Printed; asserted where nothing instruments memory.
. "$(dirname "$0")/common.bash"
"$build/tests/gencap" -n 60000 -s 700 -m tcp=2,udp "$tmp/big.pcap"
big=$(($(stat -c %s "$tmp/big.pcap") >> 20))
[ $big -ge 32 ] || fail "the savefile is only $big MB"
instrumented=
grep -q __asan_init "$ffpf" && instrumented=yes

# bounded NAME ARGS…: the last is the graph
bounded() {
	local name=$1 buffers used
	shift
	buffers=$("$ffpf" explain --json --no-probe "$@" | jq '(.buffer_bytes + 1023) / 1024 | floor')
	used=$("$build/tests/peak" "$ffpf" "$@") || fail "$name: exit status $?"
	echo "$name: $used KiB resident, of these $buffers KiB buffers at most; the file has $big MB"
	[ -n "$instrumented" ] || [ "$used" -lt $((16384 + buffers)) ] || fail "$name: $used KiB are more than 16 MB and $buffers KiB"
}
f="[pcap $tmp/big.pcap]"
bounded count "$f>(BPF,\"tcp port 80\")>(pktcount)"
bounded sinks "$f>[(write,/dev/null)|(print,/dev/null)|(zip,1)|(hist)]"
bounded functions "$f>[$(printf '(BPF,"udp port %d")|' $(seq 200))(pass)]>(pktcount)"
bounded sources "[$(printf "$f|%.0s" $(seq 20))$f]>(pktcount)"
[ "$(id -u)" != 0 ] || ! "$ffpf" --replay "$f>(head,1)>(pktcount)" >/dev/null 2>&1 || bounded replay --replay "$f>(BPF,\"tcp\")>(print,/dev/null)"
finish
