#!/usr/bin/env bash
# Kinds of state made of cells, live at xdp: from the same packets the same as from a savefile, whatever processors they
# come in on. What is said of the heaviest keys encloses the truth.
. "$(dirname "$0")/lib.sh"
topology
cat >"$TMP/kinds.fpl" <<'FPL'
topk heavy[src: IPv4] 20;
hyperloglog sources precision 12;
countmin counts[src: IPv4];
bloom seen[src: IPv4] size 10000;
hist sizes log2;
heavy.add(ip.src);
sources.add(ip.src);
counts.add(ip.src);
if (seen.add(ip.src)) emit first { src: ip.src };
sizes.add(len);
min shortest; min never;
shortest = len;
if (len > 60000) never = len;
FPL
tx "$TOOLS/gencap" -n 20000 -m tcp,udp -S 3 "$TMP/mix.pcap" >/dev/null || die "no capture"

start v0 --events "$TMP/events" "[dev v0]>(FPL,file=\"$TMP/kinds.fpl\",name=k)"
send -r "$TMP/mix.pcap"
stop
check "exit status" "$STATUS" 0
check "where it ran" "$(of k flowspace)" xdp
check "packets" "$(of k packets_in)" "$SENT"
accounts
lossless
shown='.functions[1].state | [.sources, .counts, .["counts.error"], .seen, .["seen.false_positives"], .sizes, .["first.events"], .["first.events_lost"], .shortest, .never]'
live=$(json "$shown | tojson")
check "the shortest packet, and a minimum that nothing has reached" \
	"$(json '.functions[1].state | [.shortest > 13, .shortest < 1600, has("never"), .never] | tojson')" '[true,true,true,null]'
json '.functions[1].tables.heavy[] | "\(.src) \(.count) \(.most)"' >"$TMP/rows"
jq -r .values.src "$TMP/events" | sort >"$TMP/live"

"$FFPF" run --json --events "$TMP/file-events" "[pcap $TMP/mix.pcap]>(FPL,file=\"$TMP/kinds.fpl\",name=k)" >"$TMP/out.json" 2>"$TMP/err" ||
	die "the savefile"
if [ "$SENT" = 20000 ]; then
	check "live as from the savefile" "$live" "$(json "$shown | tojson")"
	jq -r .values.src "$TMP/file-events" | sort >"$TMP/saved"
	check "the same addresses are first" "$(cmp "$TMP/live" "$TMP/saved" && echo yes)" yes
	tcpdump -nr "$TMP/mix.pcap" ip 2>/dev/null | awk '{ split($3, a, "."); print a[1] "." a[2] "." a[3] "." a[4] }' |
		sort | uniq -c | awk '{ print $2, $1 }' >"$TMP/truth"
	check "rows" "$(wc -l <"$TMP/rows")" 20
	check "rows that do not enclose the truth" \
		"$(awk 'NR == FNR { n[$1] = $2; next } !($2 <= n[$1] && n[$1] <= $3)' "$TMP/truth" "$TMP/rows" | wc -l)" 0
else
	echo "note: the device dropped packets: nothing to compare with"
fi
finish
