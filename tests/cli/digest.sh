#!/usr/bin/env bash
# digest: the classes that packets get are those that a model gives them, in userspace and above a barrier; a packet is
# known again behind a router.
. "$(dirname "$0")/common.bash"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi

check() { # check FILE ALGORITHM OF
	local level
	python3 "$source/tests/cli/natives.py" digest "$@" >"$tmp/expected" || { fail "no model of $1"; return; }
	for level in "${levels[@]}"; do
		run 0 $level --json --rows 1000000 "[pcap $1]>(pktcount)>(digest,$2,of=$3,name=d)>(FPL,{ seen[class]++ },name=f)"
		json '.lost == 0 and (.functions | all(.packets_in == .packets_out + .filtered + .lost))'
		jq -r '[.functions[] | select(.name == "d")][0] as $d | "\($d.state.digests) \($d.state.bytes)"' "$tmp/out" >"$tmp/found"
		jq -r '.functions[] | select(.name == "f") | .tables.seen[] | "\(.class) \(.count)"' "$tmp/out" | sort -n >>"$tmp/found"
		diff "$tmp/expected" "$tmp/found" >"$tmp/diff" || { fail "$* $level"; head -5 "$tmp/diff"; }
	done
}
"$build/tests/gencap" -n 800 "$tmp/cap.pcap"
"$build/tests/gencap" -n 200 -l raw -c 90 -e big "$tmp/raw.pcap"
"$build/tests/genflows" -n 10 "$tmp/flows.pcap" "$tmp/flows.json" || fail "genflows"
for of in packet payload invariant; do
	for algorithm in sha256 sha1 md5; do
		check "$tmp/cap.pcap" $algorithm $of
	done
	check "$tmp/raw.pcap" crc32c $of
	check "$tmp/flows.pcap" sha256 $of
done
over_captures check md5 invariant

run 2 check "[pcap $tmp/cap.pcap]>(digest,sha3)"
err_has 'value-choice'
run 2 check "[pcap $tmp/cap.pcap]>(digest,of=header)"
err_has 'value-choice'
run 2 check '[dev lo]>(digest)@xdp'
err_has 'pin-refused'
finish
