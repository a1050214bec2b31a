#!/usr/bin/env bash
# Programs with many variables that live long: more than there are registers, across calls and branches. What they compute is what
# Python computes, in userspace and, as root, at xdp.
. "$(dirname "$0")/../cli/common.bash"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi
python3 - "$tmp/t.pcap" >"$tmp/packet" <<'PY'
import random, struct, sys
data = bytes(random.Random(5).randrange(256) for _ in range(120))
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    out.write(struct.pack("<IIII", 1, 0, len(data), len(data)) + data)
print(data.hex())
PY
for seed in $(seq 40); do
	python3 "$source/tests/fpl/locals.py" "$seed" "$(cat "$tmp/packet")" >"$tmp/program.fpl"
	tail -1 "$tmp/program.fpl" | tr ' ' '\n' | grep = | sort >"$tmp/expected"
	for level in "${levels[@]}"; do
		run 0 $level --json "[pcap $tmp/t.pcap]>(FPL,file=$tmp/program.fpl)"
		jq -r '.functions[1].state | to_entries[] | select(.key | test("^s[0-9]+$")) | "\(.key)=\(.value)"' "$tmp/out" | sort >"$tmp/found"
		diff "$tmp/expected" "$tmp/found" >"$tmp/diff" || { fail "seed $seed ${level:-user}: $(grep -c '^<' "$tmp/diff") values"; head -4 "$tmp/diff"; }
	done
done
finish
