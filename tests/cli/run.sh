#!/usr/bin/env bash
# ffpf run on savefiles: results as table and as JSON, intervals, signals, where output goes, exit statuses.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 300 200
graph="[pcap $tmp/a.pcap]>(BPF,\"tcp\")>(pktcount)"

# the table
run 0 "$graph"
err_empty
out_has '^function  *class .* lost .* state$'
out_has '^pktcount.* 300 .*packets=300'
out_has 'nothing lost'
out_lacks $'\033' "colours without a terminal"
run 0 run "$graph"
out_has 'packets=300'
run 0 --color=always "$graph"
out_has $'\033'
run 0 --color=always --no-color "$graph"
out_lacks $'\033'
run 0 -q "$graph"
out_empty
err_empty

# files, standard input, definitions
echo "$graph" >"$tmp/graph.ffpf"
run 0 -f "$tmp/graph.ffpf"
out_has 'packets=300'
"$ffpf" -f - <"$tmp/graph.ffpf" >"$tmp/out" || fail "-f -"
out_has 'packets=300'
run 0 -D "FILE=$tmp/a.pcap" -DP=udp '[pcap "$FILE"]>(BPF,"$P")>(pktcount)'
out_has 'packets=200'

# the JSON document
run 0 --json "$graph"
err_empty
json '.elapsed_s >= 0 and .lost == 0 and (.barriers | type) == "array" and (.functions | length) == 3'
json '.functions | map(.class) == ["pcap","BPF","pktcount"]'
json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
json '.functions[0] | .packets_out == 500 and .flowspace == "user"'
json '.functions[1] | .packets_in == 500 and .packets_out == 300 and .filtered == 200 and .lost == 0 and .bytes_in == 30000'
json '.functions[2] | .name == "pktcount0" and .state.packets == 300 and (.state.packets | tostring) == "300"'
json '.functions | all(has("name") and has("class") and has("flowspace") and has("packets_in") and has("packets_out") and has("filtered")
	and has("lost") and has("bytes_in") and (.state | type) == "object")'
run 0 --json -q "$graph"
json '.functions | length == 3'

# what is wrong with the request: status 2, the place, nothing on stdout
run 2 "[pcap $tmp/a.pcap]>(pktcout)"
out_empty
err_has 'pktcout'
err_has "did you mean 'pktcount'"
# what only compiling the filter for the source's link type tells; located in the string, and said once
for level in "" "@user"; do
	run 2 "[pcap $tmp/a.pcap]>(BPF,\"tcp prt 80\")$level>[(pktcount)|(bytecount)]"
	out_empty
	err_has 'error\[filter\]'
	err_has '^  *| *\^~~'
	is "$(grep -c 'error\[' "$tmp/err")" 1 "errors for one bad filter"
done
run 2 check --json "[pcap $tmp/a.pcap]>(BPF,\"tcp prt 80\")"
json '.diagnostics | map(.id) == ["filter"]'
run 2 --json "[pcap $tmp/a.pcap]>(pktcout)"
out_empty
run 2 '[pcap /nonexistent/file.pcap]>(pktcount)'
err_has '/nonexistent/file.pcap'
run 2 ''
run 0 check "$graph"
out_empty
run 2 check '(pktcount'
out_empty
run 2 check --json '(pktcount'
json '.ok == false and (.diagnostics | length) > 0 and (.diagnostics[0] | .severity == "error" and .line == 1 and .column >= 1)'
err_empty
run 0 check --json "$graph"
json '.ok == true'
run 0 explain "$graph"
out_has 'pktcount'
run 0 explain --json "$graph"
json '.functions | length == 3'
run 0 explain --dot "$graph"
out_has '^digraph'

# packets on stdout: the table goes to stderr, and only packets to stdout
run 0 "[pcap $tmp/a.pcap]>(BPF,\"udp\")>(write,-)"
err_has '^function'
cp "$tmp/out" "$tmp/udp.pcap"
run 0 "[pcap $tmp/udp.pcap]>(pktcount)"
out_has 'packets=200' "of the packets written to stdout"
run 2 --json "[pcap $tmp/a.pcap]>(write,-)"
out_empty
err_has 'standard output'
run 0 "[pcap $tmp/a.pcap]>(BPF,\"udp\")>(print)"
err_has '^function'
is "$(wc -l <"$tmp/out")" 200 "lines of print"

# failures while running: status 1, the message, and the results all the same
if [ -e /dev/full ]; then
	run 1 "[pcap $tmp/a.pcap]>(write,/dev/full)"
	err_has '^ffpf: .*/dev/full\|^ffpf: .*[Nn]o space'
	"$ffpf" "$graph" >/dev/full 2>"$tmp/err" && fail "results to a full device: exit status 0"
	err_has 'cannot write'
fi
savefile "$tmp/many.pcap" 2000 0
(ulimit -f 8 && "$ffpf" "[pcap $tmp/many.pcap]>(write,$tmp/limited.pcap)" 2>&1 | cat >"$tmp/out"; exit "${PIPESTATUS[0]}")
is $? 1 "exit status when a file reaches its limit"
out_has '^ffpf: .*limited.pcap'
out_has '^write0 .* packets_written='
head -c 10000 "$tmp/a.pcap" >"$tmp/cut.pcap"
run 1 "[pcap $tmp/cut.pcap]>(pktcount)"
err_has '^ffpf: '
out_has '^pktcount0'

# a reader that goes away is no crash
"$ffpf" --json "$graph" 2>"$tmp/err" | true
[ "${PIPESTATUS[0]}" -le 1 ] || fail "closed pipe: exit status ${PIPESTATUS[0]}"
finish
