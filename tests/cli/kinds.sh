#!/usr/bin/env bash
# Kinds of state made of cells, events and others' results as FPL has them: the same in userspace and replayed at xdp.
. "$(dirname "$0")/common.bash"
"$build/tests/gencap" -n 20000 "$tmp/a.pcap" >/dev/null || fail "no capture"
cat >"$tmp/kinds.fpl" <<'FPL'
topk heavy[src: IPv4, proto: u8] 5 "who sends most";
hyperloglog sources precision 10;
countmin counts[src: IPv4];
bloom seen[src: IPv4, dport: u16] size 10000;
meter speed 10ms;
hist sizes linear 100 from 60 buckets 20;
counter fast;
heavy.add(ip.src, ip.proto, len);
sources.add(ip.src);
if (counts.add(ip.src) == 1) emit first { src: ip.src, len: len };
seen.add(ip.src, udp.dport);
speed.add(len);
sizes.add(len);
if (other.packets > 5000) fast++;
FPL
graph="[pcap $tmp/a.pcap]>[(FPL,file=\"$tmp/kinds.fpl\",name=k)|(pktcount,name=other)]"

run 0 --json --events "$tmp/events" "$graph"
jq -c '.functions[1] | .state, .tables' "$tmp/out" >"$tmp/state"
addresses=$(tcpdump -nr "$tmp/a.pcap" ip 2>/dev/null | awk '{ split($3, a, "."); print a[1] "." a[2] "." a[3] "." a[4] }' | sort -u | wc -l)
jq -se --argjson n "$addresses" '.[0] | (.sources - $n | fabs) < 0.1 * $n' "$tmp/state" >/dev/null || fail "sources: not $addresses: $(cat "$tmp/state")"
is "$(jq -s '.[0]["first.events"]' "$tmp/state")" "$addresses" "events"
is "$(wc -l <"$tmp/events")" "$addresses" "lines"
is "$(jq -r .values.src "$tmp/events" | sort -u | wc -l)" "$addresses" "addresses in events"
is "$(jq -s '.[0].fast' "$tmp/state")" $((20000 - 5120)) "packets while the other one had counted more than 5000"
is "$(jq -s '.[1].heavy | length' "$tmp/state")" 5 "rows"
is "$(jq -s '.[1].heavy | map(.count) == (map(.count) | sort | reverse) and all(.count <= .most)' "$tmp/state")" true "the rows"
is "$(jq -s '.[0].sizes | map(.count) | add' "$tmp/state")" "$(jq -s '.[0]["speed.packets"]' "$tmp/state")" "sizes"
run 0 "$graph"
out_has 'k.heavy, who sends most'
out_has '^src  *proto  *count  *most$'
err_has '^k: first src=198.18.[0-9.]* len=[0-9]*$'

if [ "$(id -u)" = 0 ]; then
	run 0 --replay --json --events "$tmp/replayed" "$graph"
	is "$(jq -c '.functions[1] | .state, .tables' "$tmp/out")" "$(cat "$tmp/state")" "what is replayed"
	cmp "$tmp/events" "$tmp/replayed" || fail "the events differ"
	json '.functions[1].flowspace == "xdp"'
else
	echo "skipped: --replay needs root"
fi
# cells of all functions together have a bound, and what is in it can be had
many() { for i in $(seq "$1"); do printf '%s(FPL,{ bloom b[n: u32] size 16Mi; b.add(len); })' "${2:-}" && set -- "$1" '|'; done; }
run 0 --json "[pcap $tmp/a.pcap]>[$(many 2)]"
json '.functions[2].packets_in == 20000'
run 2 "[pcap $tmp/a.pcap]>[$(many 33)]"
err_has 'error.graph-big.: the functions up to this one keep more than 1 GB'
err_has "'FPL3[0-9]' alone keeps 32 MB"
finish
