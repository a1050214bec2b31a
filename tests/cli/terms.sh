#!/usr/bin/env bash
# Filters of many terms, and graphs of many filters: the userspace machine and XDP (replayed) count what tcpdump counts, with
# the constant tables of both. Expressions are read from files.
. "$(dirname "$0")/common.bash"
levels=user
[ "$(id -u)" != 0 ] || levels="user xdp"
export LC_ALL=C

"$build/tests/gencap" -n 4000 -F 400 -S 3 -m tcp=6,udp=3,icmp,ipv6,vlan "$tmp/all.pcap" || fail "gencap"
"$build/tests/gencap" -n 1000 -F 100 -S 4 -c 36 "$tmp/cut.pcap" || fail "gencap"
tcpdump -nn -r "$tmp/all.pcap" ip 2>/dev/null | grep -oE '([0-9]+\.){3}[0-9]+' | sort -u >"$tmp/addresses"
tcpdump -nn -r "$tmp/all.pcap" ip6 2>/dev/null | awk '$2 == "IP6" { sub(/\.[0-9]+$/, "", $3); print $3 }' | sort -u | head -60 >"$tmp/addresses6"
[ -s "$tmp/addresses" ] || fail "no addresses"

# join WORD PREFIX: lines of standard input as terms of one expression
join() { sed "s/^/$2/" | paste -sd' ' | sed "s/ $2/ $1 $2/g"; }

# count FILE EXPRESSION: the same everywhere
count() {
	local file=$1 expected level
	expected=$(tcpdump -O -nn -r "$file" -- "$2" 2>/dev/null | wc -l)
	printf '(pcap,"%s") > (BPF,"%s") > (pktcount)\n' "$file" "$2" >"$tmp/graph.ffpf"
	for level in $levels; do
		if [ $level = xdp ]; then
			run 0 --replay --json -f "$tmp/graph.ffpf"
			json ".functions[-1].flowspace == \"xdp\""
		else
			run 0 --json -f "$tmp/graph.ffpf"
		fi
		is "$(jq '.functions[-1].state.packets' "$tmp/out")" "$expected" "$level: ${2:0:60}…"
	done
}

some=$(head -40 "$tmp/addresses")
for file in "$tmp/all.pcap" "$tmp/cut.pcap"; do
	count "$file" "$(echo "$some" | join or 'host ')"
	count "$file" "$(echo "$some" | join and 'not host ')"
	count "$file" "$(echo "$some" | sed 's/\.[0-9]*$/.0\/24/' | join or 'net ')"
	count "$file" "$(seq 1 30 | join or 'port ') or $(echo "$some" | join or 'src host ')"
	count "$file" "$(echo "$some" | sed 's/$/ and dst port 443)/' | join or '(src host ')"
	count "$file" "$(seq 100 20 700 | sed 's/.*/&-&9/' | join or 'portrange ')"
done
count "$tmp/all.pcap" "$(join or 'host ' <"$tmp/addresses6")"

# Too many for tcpdump: every second address of all, the others made up.
{ sed -n 'p;n' "$tmp/addresses" | head -500; for i in $(seq 700); do echo "198.19.$((i / 250)).$((i % 250))"; done; } >"$tmp/many"
expected=$(tcpdump -nn -r "$tmp/all.pcap" ip 2>/dev/null |
	awk 'NR == FNR { listed[$1] = 1; next } { split($3, a, "."); split($5, b, "."); sub(/:$/, "", b[4]);
		if ((a[1] "." a[2] "." a[3] "." a[4]) in listed || (b[1] "." b[2] "." b[3] "." b[4]) in listed) n++ } END { print n + 0 }' "$tmp/many" -)
printf '(pcap,"%s") > (BPF,"ip and (%s)") > (pktcount)\n' "$tmp/all.pcap" "$(join or 'host ' <"$tmp/many")" >"$tmp/graph.ffpf"
for level in $levels; do
	run 0 $([ $level = user ] || echo --replay) --json -f "$tmp/graph.ffpf"
	is "$(jq '.functions[-1].state.packets' "$tmp/out")" "$expected" "$level: 1,200 hosts"
done

# One function for each address: the counters add up, and each is what it would be alone.
{
	echo -n "(pcap,\"$tmp/all.pcap\") > ["
	sed 's/.*/(BPF,"dst host &")>(pktcount)/' "$tmp/addresses" | head -300 | paste -sd'|'
	echo "]"
} >"$tmp/graph.ffpf"
for level in $levels; do
	run 0 $([ $level = user ] || echo --replay) --json -f "$tmp/graph.ffpf"
	cp "$tmp/out" "$tmp/$level.json"
	i=0
	for address in $(head -300 "$tmp/addresses" | sed -n '1p;50p;150p;290p'); do
		n=$(head -300 "$tmp/addresses" | grep -nxF "$address" | cut -d: -f1)
		is "$(jq "[.functions[] | select(.class == \"pktcount\")][$((n - 1))].state.packets" "$tmp/out")" \
			"$(tcpdump -nn -r "$tmp/all.pcap" "dst host $address" 2>/dev/null | wc -l)" "$level: dst host $address"
	done
done
[ "$levels" = user ] || is "$(jq -c '[.functions[] | .state.packets, .packets_in, .packets_out, .filtered]' "$tmp/user.json")" \
	"$(jq -c '[.functions[] | .state.packets, .packets_in, .packets_out, .filtered]' "$tmp/xdp.json")" "the same at both levels"

# Long lists are shown in short.
run 0 explain --ir "(pcap,\"$tmp/all.pcap\") > (BPF,\"$(join or 'host ' <"$tmp/many")\") > (pktcount)"
out_has 'lookup t0, v'
out_has '^t0: [0-9]* keys: .* more), '
out_lacks '198.19.2.200'
finish
