#!/usr/bin/env bash
# A function reads another one's result, whatever its level: on savefiles always between the same packets.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 600 400
learner=(--class-path "$build/tests/modules/learner")
source="[pcap $tmp/a.pcap]"
levels=("" --replay)
[ "$(id -u)" = 0 ] || { echo "skipped: --replay needs root"; levels=(""); }

# 1000 packets; packet number k (from 0) sees what was counted up to the last multiple of 256
sum=$((256 * 256 + 512 * 256 + 768 * 232))
for replay in "${levels[@]}"; do
	run 0 $replay "${learner[@]}" --json "$source>[(pktcount,name=n)|(learner,n,above=500,name=l)]"
	json ".functions[2].state == {greatest: 768, sum: $sum}"
	json '.functions[2] | .packets_in == 1000 and .packets_out == 488'
done

# across levels, in both directions; derived results; figures that every function has
for replay in "${levels[@]}"; do
	pins=("" @user)
	[ -z "$replay" ] || pins=("" @user @xdp)
	for pin in "${pins[@]}"; do
		for reader in "${pins[@]}"; do
			run 0 $replay "${learner[@]}" --json "$source>[(BPF,\"udp\",name=u)$pin>(rate,10ms,name=r)|(learner,u,result=filtered,name=a)$reader|(learner,r,result=pps,name=b)$reader|(learner,r,result=packets_in,name=c)$reader]"
			jq -c '[.functions[] | select(.class == "learner") | .state, .packets_out]' "$tmp/out" >"$tmp/one"
			[ -e "$tmp/first" ] || cp "$tmp/one" "$tmp/first"
			cmp -s "$tmp/first" "$tmp/one" || fail "$replay $pin $reader: $(cat "$tmp/one"), not $(cat "$tmp/first")"
		done
	done
done
# the filter has let nothing through before packet 600; 1000 packets a second after that
is "$(jq '.[0].greatest' "$tmp/first")" 600 "greatest number filtered"
is "$(jq '.[4].greatest' "$tmp/first")" 168 "greatest number of packets"
is "$(jq '.[2].greatest' "$tmp/first")" 1000 "greatest rate"

# results of C code, of sources, and of itself
for reads in 'print0,result=printed' 'pcap0,result=packets_out' 'l,result=packets_in'; do
	run 0 --quiet --json "${learner[@]}" "$source>[(print,\"/dev/null\",name=print0)|(learner,$reads,name=l)]"
	json '.functions[] | select(.name == "l") | .state.greatest > 0'
done

# bytes of a histogram are no number, and what is not there is not there
wrong() {
	run 2 "${learner[@]}" "$source>[(hist,name=sizes)|(pktcount,name=total)|(learner,$1)]"
	err_has 'error\[result-unknown\]'
	err_has "$2"
	[ -z "${3:-}" ] || err_has "hint: did you mean '$3'"
}
wrong 'totl,result=packets' "no function 'totl'" total
wrong 'total,result=packet' "'total' has no result 'packet' that is a number" packets
wrong 'total,result=filterd' "'total' has no result 'filterd'" filtered
wrong 'sizes,result=lengths' "'sizes' has no result 'lengths' that is a number"
wrong 'xyzzy,result=packets' "no function 'xyzzy'"
err_has '\^~~~'
# explain tells who reads what
run 0 explain --no-probe "${learner[@]}" "$source>[(rate,name=r)|(learner,r,result=pps,name=l)]"
out_has '^reader  *in  *reads  *from$'
out_has '^l  *user  *r.pps  *user$'
run 0 explain --json --no-probe "${learner[@]}" "$source>[(rate,name=r)|(learner,r,result=pps,name=l)]"
json '.functions[2].reads == [{function: "r", result: "pps"}]'
json '.functions[1] | has("reads") | not'
finish
