#!/usr/bin/env bash
# Tables that functions keep, as the command shows them: for people, as JSON, through the control socket and shipped by
# the class export; at user and, with --replay, at xdp.
. "$(dirname "$0")/common.bash"
cd "$tmp" || exit 1
savefile trace.pcap 300 20
"$build/tests/gencap" -n 2000 -m tcp=3,udp -S 5 many.pcap
levels=user
[ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null && levels="user xdp" || echo "note: --replay can't be had here"
classes="--class-path $build/tests/modules/tables"

for level in $levels; do
	option=; [ $level = user ] || option=--replay

	run 0 $classes $option '[pcap trace.pcap]>(tflows)'
	out_has '^tflows0 .* flows=2$' "entries beside the function, $level"
	out_has '^tflows0.flows, the flows seen$'
	out_has '^src  *dst  *sport  *dport  *proto  *packets  *bytes$'
	out_has '^198.18.0.1  *198.18.0.2  *40000  *80  *6  *300  *18000$'
	is "$(grep -A 3 '^tflows0.flows' "$tmp/out" | tail -n 1 | tr -s ' ')" "198.18.0.1 198.18.0.2 40000 53 17 20 1200" "sorted, $level"
	out_lacks more

	run 0 --json $classes $option '[pcap trace.pcap]>(tflows)'
	is "$(jq -c '.functions[1] | [.flowspace, .state.flows, .state.full, .tables]' "$tmp/out")" \
		"[\"$level\",2,0,{\"flows\":[{\"src\":\"198.18.0.1\",\"dst\":\"198.18.0.2\",\"sport\":40000,\"dport\":80,\"proto\":6,\"packets\":300,\"bytes\":18000},{\"src\":\"198.18.0.1\",\"dst\":\"198.18.0.2\",\"sport\":40000,\"dport\":53,\"proto\":17,\"packets\":20,\"bytes\":1200}]}]" "JSON, $level"

	# more rows than are shown: the greatest, and how many are left
	run 0 --json $classes $option --rows 100000 '[pcap many.pcap]>(tflows)'
	cp out all.json
	n=$(jq '.functions[1].state.flows' all.json)
	[ "$n" -gt 20 ] || fail "only $n flows"
	is "$(jq '.functions[1].tables.flows | length' all.json)" "$n" "all rows, $level"
	is "$(jq '.functions[1].tables.flows | map(.packets) | add' all.json)" "$(jq '.functions[1].packets_in' all.json)" "all packets, $level"
	jq -e '.functions[1].tables.flows | map(-.packets) | . == sort' all.json >/dev/null || fail "rows are not in order, $level"
	run 0 --json $classes $option --rows 7 '[pcap many.pcap]>(tflows)'
	is "$(jq -c '.functions[1].tables.flows' out)" "$(jq -c '.functions[1].tables.flows[:7]' all.json)" "the first seven, $level"
	is "$(jq '.functions[1].state.flows' out)" "$n" "how many there are, $level"
	run 0 $classes $option '[pcap many.pcap]>(tflows)'
	out_has "^… $((n - 10)) more$"
	is "$(sed -n '/^tflows0.flows/,/more$/p' out | wc -l)" 13 "rows for people, $level"

	# a full one
	run 0 --json $classes $option '[pcap many.pcap]>(tflows,5)'
	is "$(jq -c '.functions[1] | [.state.flows, (.tables.flows | map(.packets) | add) + .state.full == .packets_in]' out)" '[5,true]' "full, $level"

	# filled: prefixes are written as such
	run 0 --json $classes $option '[pcap trace.pcap]>(tnets,4)>(pktcount)'
	is "$(jq -c '.functions[1] | [.packets_out, .state.nets, (.tables.nets | map(.net))]' out)" \
		'[320,4,["198.18.0.0/32","198.18.0.1/32","198.18.0.2/32","198.18.0.3/32"]]' "prefixes, $level"
	run 0 --json $classes $option '[pcap trace.pcap]>(tnets,2)>(pktcount)'
	is "$(jq -c '.functions[1] | [.packets_out, .state.nets]' out)" '[0,2]' "no such prefix, $level"

	# many: in seconds
	run 0 --json $classes $option '[pcap trace.pcap]>(tnets,1M,hash=yes)>(pktcount)'
	is "$(jq -c '.functions[1] | [.flowspace, .packets_out, .state.nets]' out)" "[\"$level\",320,1000000]" "a million, $level"

	# shipped
	run 0 -q $classes $option '[pcap trace.pcap]>(tflows,name=f)>(export,f,file=flows.json)'
	is "$(tail -n 1 flows.json | jq -c '[.function, .map, (.entries | map(.value.packets))]')" '["f","flows",[20,300]]' "shipped, $level"
	run 0 -q $classes $option '[pcap trace.pcap]>(tnets,2,name=f)>(export,f,map=nets,file=nets.json)'
done

# through the control socket
mkfifo pipe
"$ffpf" $classes -q --json --control ctl '[pcap pipe]>[(tflows,name=f)|(tnets,4,name=n)]' >out 2>err &
pid=$!
exec 9>pipe
cat trace.pcap >&9
for _ in $(seq 100); do
	[ -S ctl ] && [ "$("$ffpf" ctl --json ctl read f flows 2>/dev/null | jq '.maps[0].total')" = 2 ] && break
	sleep 0.1
done
is "$("$ffpf" ctl --json ctl list | jq -c '.functions[] | select(.name == "f") | .maps | map([.name, .kind, .key_size, .value_size, .values])')" '[["flows","hash",13,16,1]]' "list"
is "$("$ffpf" ctl --json ctl read f flows | jq -c '.maps[0].entries | map([.key.dport, .value.packets]) | sort')" '[[53,20],[80,300]]' "read"
is "$("$ffpf" ctl --json ctl read n nets | jq -c '.maps[0].entries | map(.key)')" '["198.18.0.0/32","198.18.0.1/32","198.18.0.2/32","198.18.0.3/32"]' "prefixes read"
"$ffpf" ctl ctl read f flows >text || fail "ctl read: exit status $?"
grep -q '198.18.0.1  *198.18.0.2  *40000  *80  *6  *300  *18000' text || fail "ctl read for people: $(cat text)"
exec 9>&-
wait $pid || fail "exit status $?"

# what a class announces
run 0 $classes classes tlimit
out_has '^  sources\[src\]: {until, refused}  lru_hash of 65536$'
run 0 $classes --json classes twall
json '.classes[0].tables | map([.name, .kind, .entries]) == [["inside","lpm_trie",1],["connections","lru_hash",65536]]'
run 0 $classes classes --markdown
out_has '^| `sources` | src | until, refused |  (lru_hash of 65536) |$'

# too large for the machine: said, with the size; and nothing is half made
run 1 $classes '[pcap trace.pcap]>(tflows,4G)'
err_has "the table 'flows' of 'tflows0' (4000000000 entries of 29 bytes) can't be made"
if [ "$levels" != user ]; then # from the kernel it goes up, where it does not fit either
	run 1 $classes --replay '[pcap trace.pcap]>(tflows,4G)'
	err_has "takes more than half of this machine's memory"
	err_has "4000000000 entries of 29 bytes"
	run 2 $classes --replay '[pcap trace.pcap]>(tflows,4G)@xdp'
	err_has "takes more than half of this machine's memory"
fi
run 2 $classes --rows 0 '[pcap trace.pcap]>(tflows)'
run 2 $classes '[pcap trace.pcap]>(tflows,0)'
finish
