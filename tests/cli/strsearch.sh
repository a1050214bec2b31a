#!/usr/bin/env bash
# strsearch: what it finds is what a model finds, in userspace and above a barrier; its patterns' mistakes are placed.
. "$(dirname "$0")/common.bash"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi
model() { python3 "$source/tests/cli/natives.py" "$@"; }

# check FILE NOCASE IN PATTERN HEX…: PATTERN as in {…}, HEX as many patterns for the model
check() {
	local file=$1 nocase=$2 in=$3 pattern=$4 level arms='' i
	shift 4
	model strsearch "$file" "$nocase" "$in" "$@" >"$tmp/expected" || { fail "no model of $file"; return; }
	for ((i = 1; i <= $#; i++)); do arms+="${arms:+|}$i:(pktcount,name=c$i)"; done
	for level in "${levels[@]}"; do
		run 0 $level --json --rows 100 "[pcap $file]>(pktcount)>(strsearch,{$pattern},nocase=$nocase,in=$in,name=s)>[$arms]"
		json '.lost == 0 and (.functions | all(.packets_in == .packets_out + .filtered + .lost))'
		jq -r '[.functions[] | select(.name == "s")][0] as $s
			| "\($s.packets_in) \($s.state.bytes) \($s.state.matched)",
			($s.tables.patterns | map(.packets) | join(" ")),
			([.functions[] | select(.name | test("^c[0-9]")) | select(.packets_in > 0) | "\(.name[1:]):\(.packets_in)"] | join(" "))' \
			"$tmp/out" >"$tmp/found"
		diff "$tmp/expected" "$tmp/found" >"$tmp/diff" || { fail "$file {$pattern} nocase=$nocase in=$in $level"; cat "$tmp/diff"; }
	done
}

"$build/tests/gencap" -n 3000 "$tmp/cap.pcap"
"$build/tests/gencap" -n 500 -l raw -c 90 -e big "$tmp/raw.pcap"
"$build/tests/gencap" -n 500 -l sll "$tmp/sll.pcap"
"$build/tests/genflows" -n 40 "$tmp/flows.pcap" "$tmp/flows.json" || fail "genflows"
for file in "$tmp"/{cap,raw,sll,flows}.pcap; do
	check "$file" no payload 'GET |POST |a' 47455420 504f535420 61
	check "$file" yes payload 'get |HoST:|\x00\x01|\|' 47455420 486f73743a 0001 7c
	check "$file" no packet '\x00\x00\x00|E|example|\r\n\r\n' 000000 45 6578616d706c65 0d0a0d0a
	check "$file" no packet 'nowhere to be found' 6e6f776865726520746f20626520666f756e64
done
over_captures check no payload 'GET |\x00\x01|a\x00|example' 47455420 0001 6100 6578616d706c65

# ---- what is found --------------------------------------------------------------------------------------------------------
savefile "$tmp/ten.pcap" 6 4
run 0 --json "[pcap $tmp/ten.pcap]>(strsearch,\"\\\\x00\\\\x35\",in=packet)"
json '.functions[1].packets_out == 4 and .functions[1].tables.patterns == [{"pattern":1,"text":"\\x005","packets":4}]'
run 0 --json "[pcap $tmp/ten.pcap]>(strsearch,{\\x00\\x35},in=packet)"
json '.functions[1].packets_out == 4'
# headers are no payload
run 0 --json "[pcap $tmp/ten.pcap]>(strsearch,{\\x00\\x35})"
json '.functions[1].packets_out == 0 and .functions[1].filtered == 10'
# several threads search at once
run 0 --json "a = (strsearch,{\\x00\\x35|\\x00\\x50},in=packet); [pcap $tmp/ten.pcap]>a; [pcap $tmp/cap.pcap]>a"
json '.functions[] | select(.class == "strsearch") | .packets_in == 3010 and .packets_out == .state.matched'

# ---- mistakes -------------------------------------------------------------------------------------------------------------
# mistake 'COLUMN ID' VALUE: where in the value
mistake() {
	local graph="[pcap $tmp/ten.pcap]>(strsearch," place
	run 2 check "$graph$2)"
	place=$(sed -nE 's/^[^ :]*:1:([0-9]+): error\[([a-z-]*)\].*/\1 \2/p' "$tmp/err")
	is "$((${place%% *} - ${#graph})) ${place#* }" "$1" "$2"
}
mistake "3 string-escape" '{a\qb}'
err_has 'knows no such escape'
err_has '  *| *^~$'
err_has 'hint: those that it knows'
mistake "4 string-escape" '"ab\\qb"'
mistake "3 string-escape" '{a\xg0}'
err_has 'two hexadecimal digits'
mistake "3 string-escape" '"a\\"'
err_has 'ends with a single'
mistake "4 value-range" '{a||b}'
err_has 'no bytes'
mistake "2 value-range" '""'
mistake "2 value-range" "{$(printf 'a%.0s' {1..257})}"
err_has 'at most 256 bytes'
mistake "130 value-range" "{$(printf 'a|%.0s' {1..64})b}"
err_has 'at most 64 patterns'
err_has 'hint: two functions'
run 2 check "[pcap $tmp/ten.pcap]>(strsearch)"
err_has 'param-missing'
run 2 check "[pcap $tmp/ten.pcap]>(strsearch,a,in=header)"
err_has 'value-choice'
run 2 check "[dev lo]>(strsearch,a)@xdp"
err_has 'pin-refused'
finish
