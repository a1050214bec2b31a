#!/usr/bin/env bash
# Taps of a running graph in userspace: what goes along an edge while it is tapped, and nothing else, comes to a sink of
# the tap's own; the graph's counts are the same as without. (tests/net/tap.sh does it on a device.)
. "$(dirname "$0")/common.bash"
cd "$tmp" || exit 1
savefile a.pcap 30 20
socket=$tmp/s
mkfifo pipe
ctl() { local status=$1; shift; run "$status" ctl "$socket" "$@"; }
packets() { "$ffpf" ctl "$socket" stats 2>/dev/null | jq ".functions[] | select(.name == \"$1\") | .packets_in"; }
# feed TIMES: the savefile's packets that often; n is how many there have been
feed() {
	for _ in $(seq "$1"); do tail -c +25 a.pcap >&7; done
	n=$((n + $1 * 50))
	for _ in $(seq 200); do [ "$(packets pcap0)" = $n ] && return; sleep 0.02; done
	fail "the run has $(packets pcap0) of $n packets"
}
out_is() { is "$(cat "$tmp/out")" "$1" "output"; }
count() { tcpdump -nr "$1" 2>/dev/null | wc -l; }
begin() { # OPTIONS GRAPH
	exec 7<>pipe
	"$ffpf" --control "$socket" "$@" >run.out 2>run.err 7>&- &
	pid=$!
	head -c 24 a.pcap >&7
	n=0
	for _ in $(seq 200); do [ -S "$socket" ] && break; sleep 0.02; done
	feed 1
}
conclude() {
	ctl 0 stop
	wait $pid || fail "exit status of the run: $?"
	exec 7>&-
}

begin --json '[pcap pipe]>[(BPF,udp,name=u)>(pktcount,name=c)|(BPF,"tcp or udp",name=all)>(hist,name=h)]'
ctl 0 list --json
json '.taps == []'
feed 2
udp=$(($(packets c) / 3)) # of 50 packets

# what a function lets out
ctl 0 tap u write u.pcap
out_is tap0
feed 3
ctl 0 list
out_has '^tap0  *u  *user  *write .*u.pcap'
ctl 0 untap tap0
out_is "tap0: in $((3 * udp)), written $((3 * udp)), lost 0, left 0"
feed 1
is "$(count u.pcap)" $((3 * udp)) "packets of the function"
is "$(tcpdump -nr u.pcap 'not udp' 2>/dev/null | wc -l)" 0 "others"
tcpdump -nr a.pcap -w expected.pcap udp 2>/dev/null
for _ in 1 2 3; do tcpdump -xx -nttr expected.pcap 2>/dev/null; done >expected
tcpdump -xx -nttr u.pcap 2>/dev/null | cmp - expected || fail "other packets than the edge carried"

# an edge; two taps at once; one ends by itself and is waited for
ctl 0 tap 'pcap0>all' write edge.pcap
out_is tap1
{ sleep 0.5; for _ in 1 2; do tail -c +25 a.pcap >&7; done; } &
feeding=$!
ctl 0 tap u write few.pcap -c 7
[[ $(cat "$tmp/out") =~ ^tap2:\ in\ ([0-9]+),\ written\ 7,\ lost\ 0,\ left\ ([0-9]+)$ ]] || fail "a tap of 7 packets: $(cat "$tmp/out")"
is $((BASH_REMATCH[1] - BASH_REMATCH[2])) 7 "in = written + left"
wait $feeding
n=$((n + 100))
feed 1
ctl 0 untap tap1
out_is 'tap1: in 150, written 150, lost 0, left 0'
is "$(count few.pcap),$(count edge.pcap)" 7,150 "packets in files"
ctl 0 tap u print lines.txt -d 200ms
out_has '^tap3: in 0, written 0, lost 0, left 0$'

# what is wrong is said, and changes nothing
ctl 2 tap nobody write x.pcap
err_has "no function 'nobody'"
ctl 2 tap 'u>all' write x.pcap
err_has "no edge from 'u' to 'all'"
ctl 2 tap u write
err_has "'write' needs 'file'"
ctl 2 tap u count x
err_has "no sink 'count'"
ctl 2 tap u print
err_has 'standard output is taken'
ctl 2 tap u write /nonexistent/x.pcap
err_has '/nonexistent/x.pcap'
ctl 2 tap u
err_has 'ctl tap needs an edge and a sink'
ctl 2 untap tap0
err_has "no tap 'tap0'"
ctl 2 list -c 3
err_has 'only ctl tap has'
ctl 2 list --buffer 1M
err_has 'only ctl tap has'
ctl 2 tap u write x.pcap --buffer 2G
err_has "'buffer'"
ctl 0 tap u write held.pcap --buffer 100k
ctl 2 tap all write "$tmp/held.pcap"
err_has 'is being written already'
[ ! -e x.pcap ] || fail "a refused tap made a file"

ctl 0 list --json
json '.taps[0] | .buffer == 131072 and .lost == 0'

# one that is there at the end has all that came
feed 2
conclude
is "$(count held.pcap)" $((2 * udp)) "packets of a tap at the end"
figure() { jq ".functions[] | select(.name == \"$1\") | .packets_in" run.out; }
is "$(figure pcap0),$(figure all),$(figure h)" "$n,$n,$n" "packets of the graph"
is "$(figure u),$(figure c)" "$n,$((n / 50 * udp))" "packets of the graph"
jq -e '.lost == 0' run.out >/dev/null || fail "lost packets"

# packets that a function has changed; a label
begin --json '[pcap pipe]>(anon,key="a sentence nobody knows",name=a)>(BPF,udp,name=u)>[1:(pktcount,name=c)|else:(hist)]'
ctl 0 tap a write changed.pcap
ctl 0 tap 'u>c' write labelled.pcap
feed 1
conclude
is "$(count changed.pcap),$(count labelled.pcap)" "50,$udp" "changed packets, packets of a label"
tcpdump -nr a.pcap 2>/dev/null | cmp -s - <(tcpdump -nr changed.pcap 2>/dev/null) && fail "packets are as they came"
finish
