#!/usr/bin/env bash
# Events of functions: lines on stderr, or JSON Lines in the file of --events.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 30 20
alarm=(--class-path "$build/tests/modules/alarm")
graph="[pcap $tmp/a.pcap]>(alarm,2,name=bell)"

run 0 "${alarm[@]}" "$graph"
is "$(grep -c '^bell: seen len=60 nth=[0-9]*$' "$tmp/err")" 100 "lines on stderr"
is "$(sed -n 's/^bell: seen .*nth=//p' "$tmp/err" | paste -sd' ')" "$(seq 0 99 | paste -sd' ')" "their order"
out_has 'seen.events=100  seen.events_lost=0'

# quiet: they are counted, and not shown
run 0 --quiet "${alarm[@]}" "$graph"
err_empty
run 0 --quiet --json "${alarm[@]}" "$graph"
err_empty
json '.functions[1].state == {"seen.events": 100, "seen.events_lost": 0}'

# a file: what was in it is replaced
echo 'what was there' >"$tmp/events"
run 0 --events "$tmp/events" "${alarm[@]}" "$graph"
err_empty
is "$(wc -l <"$tmp/events")" 100 "lines in the file"
is "$(jq -c 'select(.values.nth == 2)' "$tmp/events")" \
	'{"function":"bell","event":"seen","time_ns":1700000000001000000,"values":{"len":60,"nth":2}}' "a line"
is "$(jq -s 'map(.time_ns) == (map(.time_ns) | sort) and (map(.values.nth) == [range(100)])' "$tmp/events")" true "all lines"
# a run without events leaves an empty one; one that fails to begin leaves it as it was
run 0 --events "$tmp/events" "[pcap $tmp/a.pcap]>(BPF,\"port 1\")>(pktcount)"
[ -e "$tmp/events" ] && [ ! -s "$tmp/events" ] || fail "the file is not empty"
echo 'what was there' >"$tmp/events"
run 1 --events "$tmp/events" "[pcap $tmp/a.pcap]>(write,/nonexistent/folder/file)"
is "$(cat "$tmp/events")" 'what was there' "after a run that did not begin"

# standard output, and who else may write there
run 0 --events - "${alarm[@]}" "$graph"
is "$(jq -s length "$tmp/out")" 100 "lines on stdout"
err_has 'seen.events=100'
run 2 --events - --json "${alarm[@]}" "$graph"
err_has 'results of --json go already to standard output'
run 2 --events - "${alarm[@]}" "$graph>(print)"
err_has 'a function of the graph writes already to standard output'
run 1 --events /nonexistent/folder/file "${alarm[@]}" "$graph"
err_has '/nonexistent/folder/file: No such file'
if [ -w /dev/full ]; then
	run 1 --events /dev/full "${alarm[@]}" "$graph"
	err_has 'events /dev/full: No space left'
fi

# more than fits between two batches is lost, and counted
run 0 --events "$tmp/events" --json "${alarm[@]}" "[pcap $tmp/a.pcap]>(alarm,100,name=bell)"
json ".functions[1].state.\"seen.events\" == 5000"
json ".functions[1].state.\"seen.events_lost\" == 5000 - $(wc -l <"$tmp/events")"
json '.functions[1].state."seen.events_lost" > 0'
finish
