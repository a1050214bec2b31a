#!/usr/bin/env bash
# Moments that functions keep are times of day for whoever reads them, whatever clock their level has, and spans are spans:
# in tables, in single state, in events, and in what functions read of each other.
. "$(dirname "$0")/lib.sh"
topology
cat >"$TMP/keeps.fpl" <<'FPL'
hash of[length: u32]: { packets: counter, at: time, gap: time } size 64;
scalar newest: time;
max longest: time;
scalar never: time;
min least: time;
if (len > 10000) least = now;
if (len > 10000) never = now;
let entry = of.add(len);
if (entry) {
	if (!entry.new) {
		entry.gap = now - entry.at;
		longest = now - entry.at;
		emit seen { at: entry.at, gap: now - entry.at };
	}
	entry.packets++;
	entry.at = now;
}
newest = now;
FPL
cat >"$TMP/reads.fpl" <<'FPL'
counter near "packets at about the time of what the other saw last";
counter far;
if (x.newest && (now - x.newest < 100s || x.newest - now < 100s)) near++;
else far++;
counter none "packets for which the other has no least value";
if (x.least == 0xffffffffffffffff) none++;
if (x.newest && now > x.newest) emit behind { age: now - x.newest }
FPL
keeps() { echo "(FPL,file=\"$TMP/keeps.fpl\",name=$1)@$2"; }

launch --events "$TMP/events" --interval 60 "[dev v0] > [$(keeps x xdp) | $(keeps t tc) | $(keeps u user) | (FPL,file=\"$TMP/reads.fpl\",name=r)@user | (FPL,file=\"$TMP/reads.fpl\",name=q)@tc]"
before=$(date +%s%N)
send -m udp -n 3 -s 100
sleep 0.3
send -m udp -n 4 -s 100
after=$(date +%s%N)
ctl --json read x of >"$TMP/read"
ctl read x >"$TMP/told"
sleep 0.2
stop
check "exit status" "$STATUS" 0
json '.' >/dev/null || die "no results"

# row NAME MEMBER: of the function's table
row() { json ".functions[] | select(.name == \"$1\").tables.of[0].$2"; }
# within NAME VALUE: is it a moment of this test?
within() { check "$1 is a time of day" "$(jq -n "$2 >= $before - 1000000 and $2 <= $after")" true; }
near() { check "$1" "$(jq -n "($2) - ($3) | . < 500000000 and . > -500000000")" true; }
for f in x t u; do
	check "$f: packets" "$(row $f packets)" 7
	within "$f: the last packet's moment" "$(row $f at)"
	within "$f: the newest" "$(of $f state.newest)"
	check "$f: one that never was" "$(of $f state.never)" 0
	check "$f: the longest pause" "$(jq -n "$(of $f state.longest) | . > 250000000 and . < 60000000000")" true
done
near "who reads the map of the running graph is told the same" "$(jq .maps[0].entries[0].value.at "$TMP/read")" "$(row x at)"
check_text "and in text, of state" "$TMP/told" '^x.newest +[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}$'
check_text "of a map" "$TMP/told" '^ +100 +7 +[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6} +[0-9.]+ [num]?s$'
near "xdp and tc tell of the same moment" "$(row x at)" "$(row t at)"
near "xdp and user, too" "$(row x at)" "$(row u at)"
near "and of the same pause" "$(of x state.longest)" "$(of u state.longest)"
for f in x t u; do check "$f: events" "$(jq -s "map(select(.function == \"$f\")) | length" "$TMP/events")" 6; done
check "their moments are times of day" "$(jq -s "map(select(.event == \"seen\") | select(.values.at < $before - 1000000 or .values.at > $after)) | length" "$TMP/events")" 0
check "their spans are spans" "$(jq -s 'map(select(.values.gap > 60000000000)) | length' "$TMP/events")" 0
check "how long ago another function's moment was is a span" "$(jq -s 'map(select(.values.age > 60000000000)) | length' "$TMP/events")" 0
check "of which there are some, at tc and at user" "$(jq -rs '[.[] | select(.event == "behind").function] | unique | join(" ")' "$TMP/events")" "q r"
for f in q r; do check "$f: a least value that there is not" "$(of $f state.none)" "$(of $f packets_in)"; done
check "a function at user reads a moment of one at xdp" "$(of r state.far)" "$((7 - $(of r state.near)))"
check "and knows how long ago it was, about" "$(jq -n "$(of r state.near) >= 4")" true
accounts

say "as text"
rx timeout 20 "$FFPF" run --no-progress -d "$((MOMENT * 2))s" --events "$TMP/none" "[dev v0] > $(keeps x xdp)" >"$TMP/text" 2>"$TMP/err" &
pid=$!
wait_for 10 attached v0
send -m udp -n 3 -s 100
wait $pid
check_text "a moment and a span in a table" "$TMP/text" ' 3  [0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}  [0-9.]+ [num]?s( |$)'
check_text "in state" "$TMP/text" 'newest=[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}  longest=[0-9.]+ [num]?s  never=-'

say "savefiles: the time of capture, also when the kernel's test runner is asked"
"$TOOLS/gencap" -n 200 -s 100 -m udp -S 5 "$TMP/in.pcap" >/dev/null
for how in "" --replay; do
	run run --json --no-progress $how "[pcap \"$TMP/in.pcap\"] > $(keeps x "$([ -n "$how" ] && echo xdp || echo user)")"
	check "exit status" "$STATUS" 0
	jq -S '.functions[] | select(.name == "x") | [.state, .tables]' "$TMP/out.json" >"$TMP/kept$how"
	last=$(tcpdump -tt -nn -r "$TMP/in.pcap" 2>/dev/null | tail -n 1 | cut -d ' ' -f 1)
	check "the newest" "$(jq -n "$(of x state.newest) / 1000000 | floor")" "$(jq -n "$last * 1000 | floor")"
done
check "both keep the same" "$(cmp "$TMP/kept" "$TMP/kept--replay" && echo same)" same
finish
