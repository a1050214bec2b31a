#!/usr/bin/env bash
# The class export: packets that the graph routes there ask for the maps of a user's program, which come as lines of JSON.
. "$(dirname "$0")/common.bash"
objects=$build/tests/objects
cd "$tmp" || exit 1
savefile trace.pcap 30 20
levels=user
[ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null && levels="user xdp" || echo "note: --replay can't be had here"
lines() { wc -l <"$1" | tr -d ' '; }

for level in $levels; do
	option=; [ $level = user ] || option=--replay
	rm -f maps.json
	run 0 --json $option "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>[1:(export,e,map=protocols,file=maps.json)|else:(pktcount)]"
	json '.functions[] | select(.class == "export") | .packets_in == 20 and .state.asked == 20 and .flowspace == "user"'
	[ "$(lines maps.json)" -ge 1 ] || fail "nothing was shipped at $level"
	is "$(tail -n 1 maps.json | jq -c '[.export, .asked, .function, .map]')" '["export0",20,"e","protocols"]' "the last line at $level"
	is "$(tail -n 1 maps.json | jq -c '.entries | map(select(.value != "0000000000000000") | [.key, .value])')" '[[6,"1e00000000000000"],[17,"1400000000000000"]]' "what was in the map at $level"
done

# all maps; standard output
run 0 -q "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>(head,1)>(export,e)"
is "$(jq -r .map "$tmp/out" | sort -u | tr '\n' ' ')" ".bss protocols senders " "all maps"
is "$(jq -c 'select(.map == "senders") | .entries | length' "$tmp/out" | tail -n 1)" 1 "entries of a hash table"
run 2 --json "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>(export,e)"
err_has 'error\[stdout-twice\]'

# nobody asked: nothing is shipped; what is there stays when the run fails to begin
run 0 -q "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>(BPF,\"port 1\")>(export,e,file=none.json)"
is "$(lines none.json)" 0 "nobody asked"
echo kept >kept.json
run 1 -q "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>[(export,e,file=kept.json)|(export,e,file=/nonexistent/x)]"
err_has '/nonexistent/x: No such file or directory'
is "$(cat kept.json)" kept "the file of a run that did not begin"

# wrong names
run 2 "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=flows)>(export,flow)"
err_has "error\[value-choice\]: no function 'flow'"
err_has "did you mean 'flows'"
run 2 "[pcap trace.pcap]>(pktcount,name=n)>(export,n)"
err_has "error\[value-choice\]: 'n' has no maps: it is no BPF program"
finish
