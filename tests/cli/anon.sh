#!/usr/bin/env bash
# anon: other addresses behind it, and nothing else changed but checksums; the packets as they were beside it; in
# userspace and above a barrier.
. "$(dirname "$0")/common.bash"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi
key='a key for this test'

check() { # check FILE
	local level
	for level in "${levels[@]}"; do
		run 0 $level --json "[pcap $1]>(pktcount)>[(anon,\"$key\",name=a)>[(write,$tmp/after.pcap)|(bytecount,name=behind)]|(write,$tmp/before.pcap)]"
		json '.lost == 0 and (.functions | all(.packets_in == .packets_out + .filtered + .lost))'
		json '[.functions[] | select(.name == "a" or .name == "behind" or .name == "write0") | [.packets_in, .bytes_in]] | unique | length == 1'
		python3 "$source/tests/cli/natives.py" anon "$tmp/before.pcap" "$tmp/after.pcap" >"$tmp/said" 2>&1 || { fail "$1 $level"; tail -2 "$tmp/said"; }
	done
}
"$build/tests/gencap" -n 2000 "$tmp/cap.pcap"
"$build/tests/gencap" -n 500 -l raw -c 90 "$tmp/raw.pcap"
"$build/tests/gencap" -n 500 -l sll -m tcp,udp,icmp,ipv6,vlan "$tmp/sll.pcap"
"$build/tests/genflows" -n 30 "$tmp/flows.pcap" "$tmp/flows.json" || fail "genflows"
for file in "$tmp"/{cap,raw,sll,flows}.pcap; do check "$file"; done
over_captures check

# ---- whose packet -------------------------------------------------------------------------------------------------------
# What is behind sees other addresses, what is beside the old ones, whatever the order; and so on behind the next.
savefile "$tmp/ten.pcap" 6 4
net='(BPF,"net 198.18.0.0/15")>(pktcount'
run 0 --json "[pcap $tmp/ten.pcap]>[$net,name=before)|(anon,\"$key\")>[$net,name=behind)|(pktcount,name=all)]|$net,name=beside)]"
for pair in before:10 behind:0 all:10 beside:10; do
	json ".functions | any(.name == \"${pair%:*}\" and .packets_in == ${pair#*:})"
done
# digit keys are the key itself: those of the published sample
digits=1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202
run 0 "[pcap $tmp/ten.pcap]>(anon,$digits)>(head,1)>(write,$tmp/one.pcap)"
run 0 "[pcap $tmp/ten.pcap]>(anon,${digits^^})>(head,1)>(write,$tmp/other.pcap)"
cmp "$tmp/one.pcap" "$tmp/other.pcap" || fail "upper and lower digits"
run 0 "[pcap $tmp/ten.pcap]>(anon,\"$key\")>(anon,\"another $key\")>(head,1)>(write,$tmp/twice.pcap)"
cmp -s "$tmp/one.pcap" "$tmp/twice.pcap" && fail "twice is not once"
# users' programs that write to packets, before and behind
object=$build/tests/objects/writes.o
if [ -e "$object" ]; then
	run 0 --json "[pcap $tmp/ten.pcap]>(ebpf,$object,writes=yes)>(anon,\"$key\")>[(ebpf,$object,writes=yes)>(write,$tmp/w1.pcap)|(write,$tmp/w2.pcap)]"
	json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
fi

# ---- mistakes -----------------------------------------------------------------------------------------------------------
run 2 check "[pcap $tmp/ten.pcap]>(anon,short)"
err_has 'error\[value-range\]: a key of 5 characters'
err_has 'hint: 64 hexadecimal digits'
run 2 check "[pcap $tmp/ten.pcap]>(anon,0123456789abcdef0123)"
err_has 'error\[value-range\]: a key has 64 hexadecimal digits, not 20'
run 2 check "[pcap $tmp/ten.pcap]>(anon)"
err_has 'param-missing'
run 2 check "[dev lo]>(anon,\"$key\")@xdp"
err_has 'pin-refused'
run 2 check "[pcap $tmp/ten.pcap]>[(anon,\"$key\")|(BPF,\"udp\")]>(pktcount)"
err_has 'error\[packet-mixed\]'
err_has 'changed here'
err_has 'hint: have a function of its own'
run 2 check "[pcap $tmp/ten.pcap]>[(anon,\"$key\")|(anon,\"$key 2\")]>(pktcount)"
err_has 'and otherwise here'
# several ways behind one are one packet
run 0 --json "[pcap $tmp/ten.pcap]>(anon,\"$key\")>[(BPF,\"tcp\")|(BPF,\"ip\")]>(pktcount,name=n)"
json '.functions | any(.name == "n" and .packets_in == 10)'

# ---- explained and followed ---------------------------------------------------------------------------------------------
run 0 explain --ir "[pcap $tmp/ten.pcap]>(anon,\"$key\")>(BPF,\"udp\")>(pktcount)"
out_has '^# user, packets of pcap0$'
out_has '^# user, packets of pcap0 behind anon0$'
run 2 check "[pcap $tmp/ten.pcap]>(anon,\"$key\")>(BPF,\"udp prot\")"
err_has 'error\[filter\]'
run 0 trace --json -c 10 "[pcap $tmp/ten.pcap]>(anon,\"$key\")>(BPF,\"udp\")>(pktcount)"
out_has pktcount0
finish
