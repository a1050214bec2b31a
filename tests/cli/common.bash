# Sourced by the tests of the command: $1 is the build folder.
set -u
export LC_ALL=C.UTF-8
unset NO_COLOR
# The debug build's bad accesses and leaks must not look like one of ffpf's own exit statuses.
export ASAN_OPTIONS=exitcode=99${ASAN_OPTIONS:+:$ASAN_OPTIONS}
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ffpf=$build/bin/ffpf
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=0

fail() { echo "FAIL: $*"; failures=$((failures + 1)); }
# run STATUS ARGS…: runs ffpf, keeps $tmp/out and $tmp/err, and checks the exit status.
run() {
	local expected=$1 status=0
	shift
	"$ffpf" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ $status = "$expected" ] || { fail "ffpf $*: exit status $status, not $expected"; sed 's/^/    /' "$tmp/err"; }
}
out_has() { grep -qe "$1" "$tmp/out" || { fail "stdout has no '$1'${2:+ ($2)}"; sed 's/^/    /' "$tmp/out" | head -20 | cat -v; }; }
err_has() { grep -qe "$1" "$tmp/err" || { fail "stderr has no '$1'${2:+ ($2)}"; sed 's/^/    /' "$tmp/err" | head -20 | cat -v; }; }
out_lacks() { ! grep -qe "$1" "$tmp/out" || fail "stdout has '$1'${2:+ ($2)}"; }
err_lacks() { ! grep -qe "$1" "$tmp/err" || fail "stderr has '$1'${2:+ ($2)}"; }
out_empty() { [ ! -s "$tmp/out" ] || { fail "stdout is not empty${1:+ ($1)}"; head -5 "$tmp/out" | cut -c1-200 | cat -v; }; }
err_empty() { [ ! -s "$tmp/err" ] || { fail "stderr is not empty${1:+ ($1)}"; head -5 "$tmp/err" | cut -c1-200 | cat -v; }; }
json() { jq -e "$1" "$tmp/out" >/dev/null || { fail "JSON: not true: $1"; head -c 1500 "$tmp/out"; }; } # json FILTER
is() { [ "$1" = "$2" ] || fail "${3:-value}: '$1', not '$2'"; }
# over_captures CHECK ARGS…: CHECK FILE ARGS… of savefiles that others took, in userspace: of all in the folder FFPF_CAPTURES,
# else of one in twenty of those beside the source tree. Files come as they are read, for some are broken.
over_captures() {
	local check=$1 folder=${FFPF_CAPTURES:-$source/../shared/data/pcap} step=1 number=0 used=0 file levels=("")
	shift
	[ -n "${FFPF_CAPTURES:-}" ] || step=20
	[ -d "$folder" ] || { echo "skipped: captures of others: there is no folder of savefiles beside the source tree"; return; }
	for file in "$folder"/*.pcap*; do
		[ $((number++ % step)) = 0 ] || continue
		"$ffpf" -q "[pcap $file]>(write,$tmp/read.pcap)" >/dev/null 2>&1 || continue
		"$check" "$tmp/read.pcap" "$@"
		used=$((used + 1))
	done
	[ $used -gt 0 ] || fail "no savefile of $folder was read"
}
finish() { [ $failures = 0 ] || { echo "$failures failures"; exit 1; }; }

# savefile FILE TCP UDP: that many TCP (to port 80) and UDP (to port 53) packets of 60 bytes over Ethernet, a millisecond apart.
savefile() {
	python3 - "$@" <<-'PY'
	import sys
	name, tcp, udp = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
	le = lambda n, size: n.to_bytes(size, "little")
	be = lambda n, size: n.to_bytes(size, "big")
	def packet(proto, port):
	    ip = b"\x45\0" + be(46, 2) + b"\0\0\0\0\x40" + bytes([proto]) + b"\0\0" + bytes([198, 18, 0, 1]) + bytes([198, 18, 0, 2])
	    l4 = be(40000, 2) + be(port, 2) + b"\0" * 22
	    return b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + ip + l4
	with open(name, "wb") as out:
	    out.write(le(0xa1b2c3d4, 4) + le(2, 2) + le(4, 2) + le(0, 8) + le(65535, 4) + le(1, 4))
	    for i in range(tcp + udp):
	        p = packet(6, 80) if i < tcp else packet(17, 53)
	        out.write(le(1700000000 + i // 1000, 4) + le(i % 1000 * 1000, 4) + le(len(p), 4) * 2 + p)
	PY
}
