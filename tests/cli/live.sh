#!/usr/bin/env bash
# ffpf run on a source that does not end by itself, a pipe: -d, -i, SIGINT, SIGTERM, SIGHUP, also before it has begun.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 30 20
graph='[pcap -]>(pktcount)'
# The packets, and then a writer that stays.
endless() { cat "$tmp/a.pcap"; exec sleep 60; }
# stoppable ARGS…: starts ffpf on an endless pipe; $pid. Waits until packets have been read, as an interval shows.
start() {
	rm -f "$tmp/pipe"
	: >"$tmp/out" # now, not when the background job gets to it: what is there is taken for its output
	mkfifo "$tmp/pipe"
	endless >"$tmp/pipe" &
	writer=$!
	# A shell's background jobs ignore SIGINT, and ffpf keeps what it was given.
	env --default-signal=INT --default-signal=HUP "$ffpf" "$@" <"$tmp/pipe" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
}
stop() { # stop STATUS: waits for ffpf and checks how it ended
	local status=0
	wait $pid || status=$?
	kill $writer 2>/dev/null
	wait $writer 2>/dev/null
	is $status "$1" "exit status of ffpf $2"
}

start -d 0.5 --json "$graph"
stop 0 -d
json '.functions[1].state.packets == 50 and .elapsed_s >= 0.4 and .elapsed_s < 20'

start -d 700ms -i 0.2 --json "$graph"
stop 0 '-i --json'
lines=$(wc -l <"$tmp/out")
[ "$lines" -ge 3 ] && [ "$lines" -le 5 ] || fail "-i 0.2 -d 0.7: $lines lines"
jq -es 'all(has("functions") and has("lost")) and (map(.elapsed_s) | . == sort) and (last.functions[1].state.packets == 50)' "$tmp/out" >/dev/null ||
	fail "JSON Lines of -i"
while read -r line; do jq -e . <<<"$line" >/dev/null || fail "a line that is no document"; done <"$tmp/out"

start -d 500ms -i 0.2 "$graph"
stop 0 '-i'
[ "$(grep -c '^pktcount0' "$tmp/out")" -ge 2 ] || fail "-i: no table for each interval"

# A run ends by itself when every path has had all it will get, and not before.
start -d 30 --json '[pcap -]>(head,5)>(pktcount)'
stop 0 head
json '.elapsed_s < 20 and .functions[2].state.packets == 5'
start -d 30 --json '[pcap -]>[(head,5)|(BPF,"tcp")>(head,3)]>(pktcount)'
stop 0 'head, twice'
json '.elapsed_s < 20 and (.functions | map(select(.class == "head").packets_out) | add) == 8'
start -d 0.7 --json '[pcap -]>[(head,5)|(pktcount)]'
stop 0 'head, and a path that goes on'
json '.elapsed_s >= 0.6 and (.functions[] | select(.class == "pktcount").state.packets) == 50'

for signal in INT TERM HUP; do
	start -i 0.1 --json "$graph"
	for i in $(seq 100); do [ -s "$tmp/out" ] && break; sleep 0.1; done
	kill -$signal $pid
	stop 0 "SIG$signal"
	tail -n 1 "$tmp/out" | jq -e '.elapsed_s < 30' >/dev/null || fail "SIG$signal did not end the run"
	err_empty "SIG$signal"
	tail -n 1 "$tmp/out" | jq -e '.functions[1].state.packets == 50' >/dev/null || fail "no results after SIG$signal"
done
# One that the caller has ignored (nohup) stays ignored.
rm -f "$tmp/pipe"
mkfifo "$tmp/pipe"
endless >"$tmp/pipe" &
writer=$!
env --ignore-signal=HUP "$ffpf" -d 1.5 --json "$graph" <"$tmp/pipe" >"$tmp/out" 2>"$tmp/err" &
pid=$!
sleep 0.5
kill -HUP $pid
stop 0 'an ignored SIGHUP'
json '.elapsed_s >= 1.4 and .functions[1].state.packets == 50'

# Before the pipe's header has come, or anybody has opened the pipe, there is nothing to show; but it ends.
silent() { # silent SIGNAL SOURCE ARGS…
	local signal=$1 source=$2 status=0 begin
	shift 2
	rm -f "$tmp/pipe" "$tmp/other"
	mkfifo "$tmp/pipe" "$tmp/other"
	sleep 60 >"$tmp/pipe" &
	writer=$!
	begin=$(date +%s%N)
	env --default-signal=INT --default-signal=HUP "$ffpf" "$@" "[pcap $source]>(pktcount)" <"$tmp/pipe" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	[ -z "$signal" ] || { sleep 0.5; kill -"$signal" $pid; }
	stop 1 "waiting for $source, $signal $*"
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 20000 ] || fail "$signal $* did not end the wait for $source"
	err_has "error\[file-open\]" "waiting for $source, $signal $*"
	out_empty
}
silent "" - -d 0.7
silent "" "$tmp/other" -d 0.7
silent INT -
silent TERM "$tmp/other"
silent HUP - --json -d 30
finish
