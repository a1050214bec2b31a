#!/usr/bin/env bash
# docs/CLASSES.md is what the table of classes says, and every class's example runs: in user, and by --replay in xdp
# where the class offers that, with the same results. (tests/net/examples.sh runs them on a device.)
# FFPF_BLESS=1 writes the page.
. "$(dirname "$0")/../cli/common.bash"
page=$source/docs/CLASSES.md

run 0 classes --markdown
err_empty
if [ -n "${FFPF_BLESS:-}" ]; then
	cp "$tmp/out" "$page"
else
	diff -u "$page" "$tmp/out" || fail "docs/CLASSES.md is not what 'ffpf classes --markdown' prints: ./do bless"
fi
"$ffpf" classes --json >"$tmp/classes"
for name in $(jq -r '.classes[].name' "$tmp/classes"); do
	for file in "$page" "$source/README.md"; do
		grep -q "^| \[\`$name\`\]" "$file" || fail "$(basename "$file") does not list the class $name"
	done
done
for name in $(sed -n 's/^| \[`\([A-Za-z0-9_]*\)`\](docs\/CLASSES.md#.*/\1/p' "$source/README.md"); do
	jq -e --arg name "$name" '.classes | any(.name == $name)' "$tmp/classes" >/dev/null || fail "README.md lists a class $name"
done

"$build/tests/gencap" -n 3000 "$tmp/trace.pcap"
results() { # of a JSON document: all that is counted, whatever the level
	jq -S '.functions | map({name, packets_in, packets_out, filtered, lost, bytes_in, state})' "$1"
}
object=$build/tests/objects/udp.o
echo 198.18.1.0/25 >"$tmp/list"
replays=yes
run 0 explain --replay "[pcap $tmp/trace.pcap]>(pktcount)"
status=0
"$ffpf" --replay -q "[pcap $tmp/trace.pcap]>(pktcount)" 2>"$tmp/err" || status=$?
case $status in
0) ;;
3) replays= && echo "skipped: --replay: $(head -n 1 "$tmp/err")" ;;
*) fail "--replay: exit status $status" && cat "$tmp/err" ;;
esac

n=0
while IFS=$'\t' read -r name level example; do
	n=$((n + 1))
	[ -n "$example" ] || { fail "$name has no example"; continue; }
	[ "$name" != dev ] || continue # on a device only
	example=$(sed 's/\[dev \$DEV\]\|(dev,\$DEV)/[pcap $FILE]/' <<<"$example")
	run 0 --json -D "FILE=$tmp/trace.pcap" -D "OUT=$tmp/out-$name" -D "OBJ=$object" -D "LIST=$tmp/list" -D "SIGNATURES=$source/fpl/classes/systems.fp" "$example"
	err_empty "$name"
	json ".functions | any(.class == \"$name\" and .flowspace == \"user\")"
	json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
	# head ends the reading when it has had enough
	json '.lost == 0 and (.functions[0].packets_in == 3000 or any(.functions[]; .class == "head"))'
	results "$tmp/out" >"$tmp/user"
	[ -n "$replays" ] || continue
	run 0 --json --replay -D "FILE=$tmp/trace.pcap" -D "OUT=$tmp/out-$name" -D "OBJ=$object" -D "LIST=$tmp/list" -D "SIGNATURES=$source/fpl/classes/systems.fp" "$example"
	if [ "$level" = any ]; then
		json ".functions | map(select(.class == \"$name\") | .flowspace) == [\"xdp\"]"
	fi
	results "$tmp/out" | diff "$tmp/user" - || fail "$name: user and --replay differ"
done < <(jq -r '.classes[] | [.name, .level, .example // ""] | @tsv' "$tmp/classes")
[ $n -ge 14 ] || fail "only $n classes"
finish
