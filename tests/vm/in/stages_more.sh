#!/usr/bin/env bash
# Stages of the module (see stages.sh) when more comes than readers can take, when packets are followed, in listings.
. "$(dirname "$0")/lib.sh"
topology
module
key='key="neither good nor secret"'
"$TOOLS/gencap" -n 100 -m tcp,udp,icmp -S 9 "$TMP/in.pcap"

say "more than readers can take"
graph='s=[dev v0]>(BPF,"udp",name=u)@xdp;s>(write,'"$TMP"'/raw.pcap,name=wr);d=s>(defrag,name=d)@kmod;d>(write,'"$TMP"'/whole.pcap,name=wd);'
graph+='d>(BPF,"udp",name=q)@kmod>(pktcount,name=n)@kmod;[d>(BPF,"less 2000",name=l)@kmod|d>(digest,crc32c,name=g)@kmod]>(print,/dev/null,name=p);'
graph+='s>(anon,'"$key"',name=a)@kmod>[(write,'"$TMP"'/anon.pcap,name=wa)|(pktcount,name=m)@kmod]'
launch --buffer 512k "$graph"
blast -n 12000 -s 1400
stop
check "exit status" "$STATUS" 0
check "in the module none is lost" "$(jq -c '[.functions[] | select(.flowspace == "kmod") | .packets_in] | unique' "$TMP/out.json")" "[$SENT]"
check "lost on the way up" "$(json '.lost > 0')" true
check "each counts what should have come" "$(jq -c '[.functions[] | select(.flowspace == "user") | .packets_in] | unique' "$TMP/out.json")" "[$SENT]"
accounts

say "followed packets"
rx timeout 60 "$FFPF" trace -c 3 -d 40 --json "[dev v0]>(anon,$key,name=a)@kmod>(anon,$key,name=b)@kmod>(BPF,\"tcp or not tcp\",name=f)@kmod>(print,/dev/null,name=p)" >"$TMP/trace" 2>"$TMP/err" &
FFPF_PID=$!
in_use() { [ "$(users)" -gt 0 ]; }
wait_for 30 in_use || die "trace does not open the module"
sleep 2
send -r "$TMP/in.pcap"
wait "$FFPF_PID"
check "exit status" "$?" 0
FFPF_PID=
check "how many" "$(wc -l <"$TMP/trace")" 3
check "their way" "$(jq -s -c '[.[] | [.steps[] | select(.function) | [.function, .flowspace, .result]]] | unique' "$TMP/trace")" '[[["dev0","kmod",1],["a","kmod",1],["b","kmod",1],["f","kmod",1],["p","user",1]]]'

say "listings"
rx "$FFPF" explain --no-probe --ir "[dev v0]>(anon,$key,name=a)@kmod>(BPF,\"udp\")@kmod>(pktcount)" >"$TMP/where" 2>&1
check_text "a stage's program" "$TMP/where" "^# kmod, packets of dev0 behind a"
rx "$FFPF" explain --no-probe --bpf "[dev v0]>(anon,$key,name=a)@kmod>(BPF,\"udp\")@kmod>(pktcount)" >"$TMP/where" 2>&1
check_text "and what is made of it" "$TMP/where" "^# kmod, packets of dev0 behind a"

say "VLAN tags are changed at tc only"
rx "$FFPF" explain --no-probe "[dev v0]>(vlanpush,5)@kmod" >"$TMP/where" 2>&1
check_text "pinned" "$TMP/where" "changed at tc"
finish
