#!/usr/bin/env bash
# ffpf trace of live packets: their way over xdp, tc and user step by step, what arrived behind each barrier, what was
# dropped and where; and packets that are not followed go their way as always.
. "$(dirname "$0")/lib.sh"
topology
tc_ways

# follow ARGS…: ffpf trace in rx, in the background, until it is attached
follow() {
	ip netns exec "$RX" env --default-signal=INT "$FFPF" trace --json -d "$LIMIT" "$@" >"$TMP/ways" 2>"$TMP/err" &
	FFPF_PID=$!
	wait_for 30 attached_or_ended v0 || die "ffpf trace attached nothing in 30 s"
	! ended || die "ffpf trace ended at once"
	sleep 0.1
}
# over: it ends by itself, because all packets that were asked for have been followed
over() {
	wait_for 20 ended || die "ffpf trace did not end"
	reap
}
# way N: the N-th packet's steps in a line
way() {
	jq -r "select(.packet == $1) | [(.steps[] | if .function then \"\(.function)@\(.flowspace)=\(.result)\" else \"\(.from)>\(.to):\(.stub)\(if .arrived then \"\" else \"!\" end)\" end), .verdict, (.let_go_by // \"-\")] | join(\" \")" "$TMP/ways"
}
one() { send -m "$1" -n 1; }

say "each kind of barrier: metadata, an index, bytes"
follow -c 3 "[(dev,v0)@xdp] > (BPF,\"udp or tcp\",name=f)@xdp > [(BPF,\"udp\",class=5,name=g)@tc > (pktcount,name=n)@user | (pktcount,name=low)@xdp]"
one udp
one tcp
one icmp
over
check "exit status" "$STATUS" 0
check "a line for each" "$(jq -r .packet "$TMP/ways" | paste -sd' ')" "1 2 3"
check "UDP" "$(way 1)" "dev0@xdp=1 f@xdp=1 low@xdp=1 xdp>tc:meta g@tc=5 tc>user:ibuf n@user=5 pass -"
check "TCP" "$(way 2)" "dev0@xdp=1 f@xdp=1 low@xdp=1 xdp>tc:meta g@tc=0 pass g"
check "ICMP" "$(way 3)" "dev0@xdp=1 f@xdp=0 pass f"
check "the device is free" "$(prog_id v0)" ""

follow -c 1 "[(dev,v0)@xdp] > (BPF,\"udp\",name=f)@xdp > (BPF,\"udp\",name=g)@tc > (write,$TMP/a.pcap,name=w)@user"
one udp
over
check "bytes" "$(way 1)" "dev0@xdp=1 f@xdp=1 xdp>tc:meta g@tc=1 tc>user:pbuf w@user=1 pass -"
check "they were written" "$(count_frames "$TMP/a.pcap")" 1

say "past a level: from xdp to user, carried by tc where something is there"
follow -c 1 "[(dev,v0)@xdp] > (BPF,\"udp\",name=f)@xdp > (pktcount,name=n)@user"
one udp
over
check "without tc" "$(way 1)" "dev0@xdp=1 f@xdp=1 xdp>user:ibuf n@user=1 pass -"
follow -c 1 "[(dev,v0)@xdp] > (BPF,\"udp\",name=f)@xdp > [(pktcount,name=n)@user | (BPF,\"tcp\",name=g)@tc > (pktcount,name=m)@tc]"
one udp
over
check "with tc" "$(way 1)" "dev0@xdp=1 f@xdp=1 xdp>tc:meta g@tc=0 tc>user:ibuf n@user=1 pass g"

say "dropped at tc"
before=$(received)
follow -c 2 "[(dev,v0)@xdp] > (BPF,\"udp or tcp\",name=f)@xdp > (BPF,\"udp\",name=g)@tc > (drop,name=d)@tc"
one udp
one tcp
over
check "UDP" "$(way 1)" "dev0@xdp=1 f@xdp=1 xdp>tc:meta g@tc=1 d@tc=1 drop -"
check "TCP" "$(way 2)" "dev0@xdp=1 f@xdp=1 xdp>tc:meta g@tc=0 pass g"
check "the stack got one" "$(($(received) - before))" 1

say "dropped at xdp"
follow -c 1 '[(dev,v0)@xdp] > (BPF,"udp",name=f)@xdp > (drop,name=d)@xdp'
one udp
over
check "UDP" "$(way 1)" "dev0@xdp=1 f@xdp=1 d@xdp=1 drop -"

say "only what matches is followed, everything goes its way"
before=$(received)
follow -c 2 --match 'tcp' "[(dev,v0)@xdp] > (BPF,\"udp or tcp\",name=f)@xdp > (pass,name=p)@tc > (write,$TMP/b.pcap,name=w)@user"
send -m udp -n 500
send -m tcp -n 1
send -m udp -n 300
kill -TERM "$FFPF_PID"
reap
check "exit status" "$STATUS" 0
check "followed" "$(jq -r .text "$TMP/ways" | grep -c ' tcp ')/$(wc -l <"$TMP/ways")" 1/1
check "its way" "$(way 1)" "dev0@xdp=1 f@xdp=1 xdp>tc:meta p@tc=1 tc>user:pbuf w@user=1 pass -"
check "all were written, and reached the stack" "$(count_frames "$TMP/b.pcap") $(($(received) - before))" "801 801"
check_text "how many were asked for" "$TMP/err" '1 packet followed, of 2 asked for'
finish
