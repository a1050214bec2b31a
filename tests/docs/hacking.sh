#!/usr/bin/env bash
# The class of docs/HACKING.md, built as a user would build his own, loaded with --class-path and run.
. "$(dirname "$0")/../cli/common.bash"
mkdir "$tmp/classes"
cc -shared -fPIC -std=c11 -Wall -Wextra -Werror -Wno-unused-parameter -I"$source/lib/include" -o "$tmp/classes/longcount.so" "$source/docs/longcount.c" ||
	fail "longcount.c"
savefile "$tmp/a.pcap" 30 20
run 0 --class-path "$tmp/classes" classes longcount
out_has '^  above'
run 0 --class-path "$tmp/classes" --json "[pcap $tmp/a.pcap]>[(longcount,59)|(longcount,60)]"
json '[.functions[] | select(.class == "longcount") | .state.packets] == [50, 0]'
"$ffpf" --class-path "$tmp/classes" completion bash | grep -q longcount || fail "not in the completion"
# what the page quotes is what the file has
while IFS= read -r line; do
	grep -qF -- "$line" "$source/docs/longcount.c" || fail "HACKING.md quotes a line that is not in longcount.c: $line"
done < <(sed -n '/^## [234]/,/^## 5/s/^    \(.*[;{,]\)\( .*\)*$/\1/p' "$source/docs/HACKING.md" | sed 's/^[ \t]*//; s/;   .*/;/' | grep -v '^$')
finish
