#!/usr/bin/env bash
# What a replayed level hands up is the file's packets, whole and in the file's order: long ones that the test runner does not take,
# short ones, and times that go backwards.
. "$(dirname "$0")/common.bash"
[ "$(id -u)" = 0 ] || { echo "skipped: replaying needs root"; exit 77; }

make() { # make FILE LENGTH…
	python3 - "$@" <<-'PY'
	import sys
	le = lambda n, size: n.to_bytes(size, "little")
	with open(sys.argv[1], "wb") as out:
	    out.write(le(0xa1b2c3d4, 4) + le(2, 2) + le(4, 2) + le(0, 8) + le(262144, 4) + le(1, 4))
	    for i, n in enumerate(map(int, sys.argv[2:])):
	        packet = bytes((i * 31 + k * 7 + (k >> 8)) & 0xff for k in range(n))
	        out.write(le(1000000 - i * 3 % 100, 4) + le(i, 4) + le(n, 4) * 2 + packet)
	PY
}

compare() { # compare FILE OPTION…: --replay writes what was read
	local file=$1
	shift
	rm -f "$tmp/out.pcap"
	run 0 --replay --json "$@" "(pcap,\"$file\") > (BPF,\"greater 0\")@xdp > (write,\"$tmp/out.pcap\")"
	json '.lost == 0'
	is "$(cmp "$file" "$tmp/out.pcap" 2>&1)" "" "what came out of --replay $*"
}

make "$tmp/long.pcap" 70000 200000 262144 60 65535 65536 65537 100 131072
compare "$tmp/long.pcap"
make "$tmp/mixed.pcap" $(for i in $(seq 300); do echo 60 5 61 6 1500 3000 9000; done)
compare "$tmp/mixed.pcap"
compare "$tmp/mixed.pcap" --buffer 64k
compare "$tmp/mixed.pcap" --cpu $(($(nproc) - 1))
finish
