#!/usr/bin/env bash
# A minimum that nothing has reached has no value, and no number is shown for it: `-` for people, null in JSON, at every
# level, among the results, through the control socket, and while the graph runs. What it has a value for is shown as ever,
# also 0 and the largest numbers but one. A function that reads it (NAME.RESULT) reads the largest number of 64 bits.
. "$(dirname "$0")/common.bash"
cd "$tmp" || exit 1
savefile trace.pcap 30 20
savefile none.pcap 0 0
levels=user
[ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null && levels="user xdp tc" || echo "skipped: replaying needs root"
cat >shortest.fpl <<'END'
class shortest "the shortest packet of a port";
example "[pcap $FILE] > (shortest, 53)";
param port: count = 80 in 0..65535 "whose packets are looked at";
min length unit bytes "the shortest packet";
if (dport == port) length = len;
return;
END
program='{ min never; min long unit ns; min zero; min port; min most; max top;
	if (len > 9000) { never = len; long = len; }
	zero = len - 60; port = dport; most = u64(0) - 2; top = len; if (never == u64(0) - 1) itself++ }'

for level in $levels; do
	option=; [ $level = user ] || option=--replay

	run 0 $option --json "[pcap trace.pcap]>(FPL,$program,name=f)@$level"
	is "$(jq -c '.functions[1] | [.flowspace, (.state | [.never, .long, .zero, .port, .itself])]' out)" "[\"$level\",[null,null,0,53,50]]" "JSON, $level"
	json '.functions[1].state | has("never") and .most > 18446744073709549000'
	run 0 $option "[pcap trace.pcap]>(FPL,$program,name=f)@$level"
	out_has '  *never=-  long=-  zero=0  port=53  most=18446744073709551614  ' "text, $level"
	out_lacks 18446744073709551615

	# no packet at all, and one that is called
	run 0 $option --json "[pcap none.pcap]>(FPL,$program,name=f)@$level"
	is "$(jq -c '.functions[1].state | [.never, .zero, .port, .top]' out)" '[null,null,null,0]' "no packet, $level"
	run 0 $option --json --class-path . "[pcap trace.pcap]>(FPL,{ if (shortest(53)) n++; if (shortest(54)) n++ },name=f)@$level"
	is "$(jq -c '.functions[1].state | to_entries | map(select(.key | test("length")).value)' out)" '[60,null]' "called, $level"

	# others read what the program itself reads
	run 0 $option --json "[pcap trace.pcap]>(FPL,$program,name=f)@$level>(FPL,{ if (f.never == 0xffffffffffffffff) none++; if (f.port < 1000) some++ },name=g)"
	is "$(jq -c '.functions[2].state.none > 0' out)" true "read by another function, $level"
done

# while it runs: through the socket, and every so often
mkfifo pipe
"$ffpf" -i 100ms --json --control ctl "[pcap pipe]>(FPL,$program,name=f)" >live.json 2>err &
pid=$!
exec 9>pipe
cat trace.pcap >&9
for _ in $(seq 100); do
	[ -S ctl ] && "$ffpf" ctl ctl stats 2>/dev/null | jq -e '.functions[1].packets_in == 50' >/dev/null && break
	sleep 0.1
done
is "$("$ffpf" ctl ctl stats | jq -c '.functions[1].state | [.never, .port]')" '[null,53]' "ctl stats"
is "$("$ffpf" ctl --json ctl read f | jq -c '.state | [.never, .zero, .port]')" '[null,0,53]' "ctl read --json"
"$ffpf" ctl ctl read f >out || fail "ctl read: exit status $?"
out_has '^f.never  *-$' "ctl read"
out_has '^f.port  *53$'
for _ in $(seq 100); do
	jq -s -e 'any(.functions[1].packets_in == 50)' live.json >/dev/null 2>&1 && break
	sleep 0.1
done
exec 9>&-
wait $pid || fail "exit status $?"
is "$(jq -s -c 'map(.functions[1] | select(.packets_in == 50) | [.state.never, .state.port]) | unique' live.json)" '[[null,53]]' "-i"
mkfifo pipe2
# until_seen PATTERN: it stands among what was printed
until_seen() {
	for _ in $(seq 200); do
		grep -q -- "$1" live && return
		sleep 0.05
	done
	fail "-i for people has no '$1': $(head -5 live)"
}
"$ffpf" -i 100ms "[pcap pipe2]>(FPL,$program,name=f)" >live 2>err &
pid=$!
exec 9>pipe2
head -c 24 trace.pcap >&9
until_seen 'never=-  long=-  zero=-  port=-  most=-  top=0'
tail -c +25 trace.pcap >&9
until_seen 'never=-  long=-  zero=0  port=53'
exec 9>&-
wait $pid || fail "exit status $?"
finish
