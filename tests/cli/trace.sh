#!/usr/bin/env bash
# ffpf trace: the same ways at every level, and what the way of a packet says agrees with what the run counts.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 6 4
graph="[pcap $tmp/a.pcap]>(BPF,\"tcp\",name=f)>[(head,3,name=s)>(write,$tmp/out.pcap,name=w)|(hash,1,name=h)>[7:(pktcount,name=never)]]"
levels=("" --replay)
[ "$(id -u)" = 0 ] || { echo "skipped: --replay needs root"; levels=(""); }

for replay in "${levels[@]}"; do
	run 0 trace $replay --json -c 100 "$graph"
	err_has '10 packets followed, of 100 asked for'
	is "$(wc -l <"$tmp/out")" 10 "lines"
	is "$(jq -r '[.packet] | @csv' "$tmp/out" | paste -sd' ')" "1 2 3 4 5 6 7 8 9 10" "numbers"
	# as many as the run counts, for each function
	jq -sc '[.[].steps[] | select(.function)] | group_by(.function)[] | {(.[0].function): [length, (map(select(.result > 0)) | length)]}' \
		"$tmp/out" | jq -sSc add >"$tmp/followed"
	run 0 $replay --json "$graph"
	jq -Sc '[.functions[] | select(.packets_in > 0) | {(.name): [.packets_in, .packets_out]}] | add' "$tmp/out" >"$tmp/counted"
	cmp "$tmp/followed" "$tmp/counted" || fail "$replay: $(cat "$tmp/followed"), not $(cat "$tmp/counted")"
	run 0 trace $replay --json -c 100 "$graph"
	jq -Sc 'select(.packet <= 2) | del(.text, .time_ns) | .steps |= (map(select(.function) | del(.flowspace)) | sort_by(.function))' "$tmp/out" >"$tmp/ways${replay:+.replay}"
	is "$(jq -r 'select(.packet == 10).let_go_by' "$tmp/out")" f "who let the last one go"
	is "$(jq -r 'select(.packet == 1) | .steps[] | select(.function == "h") | .ends' "$tmp/out")" true "a result that no edge takes"
	is "$(jq -r 'select(.packet == 10) | .text' "$tmp/out" | cut -c1-38)" "IP 198.18.0.1:40000 > 198.18.0.2:53 ud" "what it is"
	is "$(jq -r 'select(.packet == 10) | .time_ns' "$tmp/out")" 1700000000009000000 "when it was"
done
[ ! -e "$tmp/ways.replay" ] || cmp "$tmp/ways" "$tmp/ways.replay" || fail "ways differ"
if [ "${#levels[@]}" = 2 ]; then
	run 0 trace --replay --json "[pcap $tmp/a.pcap]>(BPF,\"udp\",name=f)>(pass,name=p)@user"
	jq -s . "$tmp/out" >"$tmp/list" && mv "$tmp/list" "$tmp/out"
	json '.[9] | .steps[2] == {from: "xdp", to: "user", stub: "ibuf", arrived: true} and .steps[3].function == "p"'
	json '.[0].steps | length == 2'
fi

# --match, -c, what there is to read
run 0 trace -c 2 --match "port 53" "[pcap $tmp/a.pcap]>(BPF,\"tcp\",name=f)"
err_empty
out_has '^packet 1 .*60 bytes  IP 198.18.0.1:40000 > 198.18.0.2:53 udp'
out_has '^user *f  *1  *0  let go$'
out_has '^not dropped; f was the first to let it go$'
out_has '^packet 2 '
out_lacks '^packet 3 '
run 0 trace --quiet -c 1 "[pcap $tmp/a.pcap]>[(BPF,\"tcp\")>(pktcount)|(drop)]"
out_has '^dropped from the network; no function let it go$'
run 2 trace --match "tcp port" "[pcap $tmp/a.pcap]>(pktcount)"
err_has 'match:1:1: error\[filter\]'
run 2 trace -c 200000 "[pcap $tmp/a.pcap]>(pktcount)"
err_has 'at most 100000 packets'
run 2 trace -c 0 "[pcap $tmp/a.pcap]>(pktcount)"
many=$(printf '|(pktcount)%.0s' $(seq 400))
run 2 trace -c 100000 "[pcap $tmp/a.pcap]>[${many#|}]"
err_has 'follow fewer'
run 2 run -c 5 "[pcap $tmp/a.pcap]>(pktcount)"
finish
