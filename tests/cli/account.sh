#!/usr/bin/env bash
# in = out + filtered + lost at every function, what an edge lets out is what the next function gets, and what a file holds comes out of its
# source: over many graphs and captures, at user and through --replay at xdp; both levels agree.
. "$(dirname "$0")/common.bash"

gencap=$build/tests/gencap
"$gencap" -n 400 "$tmp/mixed.pcap"
"$gencap" -n 300 -s imix -f pcapng -t ns -e big "$tmp/mixed.pcapng"
"$gencap" -n 200 -l raw -m tcp=2,udp=1,icmp "$tmp/raw.pcap"
"$gencap" -n 200 -l sll -m tcp,udp "$tmp/sll.pcap"
"$gencap" -n 200 -c 40 -s 1400 -m tcp,udp "$tmp/short.pcap"
"$gencap" -n 1 -m udp "$tmp/one.pcap"
head -c 24 "$tmp/mixed.pcap" >"$tmp/none.pcap"
head -c 20000 "$tmp/mixed.pcap" >"$tmp/damaged.pcap"
# frames that the kernel's test runner does not take
python3 - "$tmp/tiny.pcap" <<'PY'
import struct, sys
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for n in range(60):
        out.write(struct.pack("<IIII", n, 0, n % 30, n % 30 + n % 3) + b"\x08" * (n % 30))
PY

# Each function has the name that the checks below use; FILE is the capture.
graphs=(
	'[pcap FILE]>(pktcount)'
	'[pcap FILE]>(BPF,"tcp")>(pktcount)'
	'[pcap FILE]>[(BPF,"tcp")|(BPF,"port 53")|(BPF,"icmp")]>(pktcount)'
	'[pcap FILE]>(BPF,"tcp or udp")>[(sample,3)>(pktcount)|(hist)|(hist,linear,100)|(bytecount)|(rate)]'
	'[pcap FILE]>(head,37)>(BPF,"udp")>(pktcount)'
	'[pcap FILE]>[(head,10)|(head,20)]>(head,25)>(pktcount)'
	'[pcap FILE]>(BPF,"tcp",class=2)>[1: (pktcount) | 2: (bytecount) | else: (pass)]'
	'[pcap FILE]>[(BPF,"tcp",class=1)|(BPF,"udp",class=2)|(BPF,"icmp",class=7)]>[1: (pktcount)>(drop) | 2..5: (sample,2) | else: (bytecount)]'
	'[pcap FILE]>(BPF,"udp")>(zip,1)>(pktcount)'
	'[pcap FILE]>[(write,"OUT")|(print,/dev/null)|(BPF,"tcp")>(print,/dev/null)]>(pktcount)'
	'a=(BPF,"tcp"); b=(pass); [pcap FILE]>[a|b]>(pktcount); a>(sample,5)>(pktcount)>[(drop)|(pass)]'
	'[[pcap FILE]|[pcap TMP/one.pcap]|[pcap FILE]]>(BPF,"tcp or udp")>(pktcount)'
	'[pcap FILE]>(BPF,"less 200")>[(BPF,"tcp[tcpflags] & tcp-syn != 0")|(BPF,"ip[8] > 32")]>[(pktcount)|(head,5)]>(bytecount)'
)
captures=(mixed.pcap mixed.pcapng raw.pcap sll.pcap short.pcap one.pcap none.pcap damaged.pcap tiny.pcap)
levels=(user)
if [ "$(id -u)" = 0 ] && "$ffpf" --replay "[pcap $tmp/one.pcap]>(pktcount)" >/dev/null 2>&1; then levels+=(xdp); else echo "no XDP programs here: only at user"; fi

law='.functions | all(.packets_in == .packets_out + .filtered + .lost)'
checked=0 turn=0
for capture in "${captures[@]}"; do
	for graph in "${graphs[@]}"; do
		# Every graph on two captures; on the others every third, all in turn.
		case $capture in mixed.pcap | tiny.pcap) ;; *) [ $((turn++ % 3)) = 0 ] || continue ;; esac
		text=${graph//FILE/$tmp/$capture}
		text=${text//TMP/$tmp}
		text=${text//OUT/$tmp/out.pcap}
		for level in "${levels[@]}"; do
			replay=()
			[ "$level" = user ] || replay=(--replay)
			timeout 60 "$ffpf" --json --buffer 256k "${replay[@]}" "$text" >"$tmp/out" 2>"$tmp/err" </dev/null
			status=$?
			wanted=0
			# A file that head ends before its damage shows is no failure.
			[ "$capture" != damaged.pcap ] || wanted='[01]'
			[[ $status = $wanted ]] || { fail "$level, $capture: $graph: exit status $status"; head -3 "$tmp/err"; continue; }
			jq -e "$law" "$tmp/out" >/dev/null || fail "$level, $capture: $graph: does not close"
			# Sources count what the file holds, nothing is lost without a reason.
			jq -e '.lost == ([.functions[].lost] | add) and ([.barriers[].lost] | add // 0) == 0' "$tmp/out" >/dev/null || fail "$level, $capture: $graph: losses"
			# What is one stream at both levels is the same.
			jq -cS '[.functions[] | {name, packets_in, packets_out, filtered, lost, bytes_in, state: (.state | del(.packets_per_s, .bits_per_s))}]' "$tmp/out" >"$tmp/figures.$level"
			checked=$((checked + 1))
		done
		case $graph in
		*rate*) ;; # of each level's own clock and threads
		*) [ ${#levels[@]} = 1 ] || cmp -s "$tmp/figures.user" "$tmp/figures.xdp" ||
			{ fail "$capture: $graph: user and xdp differ"; diff <(jq . "$tmp/figures.user") <(jq . "$tmp/figures.xdp") | head -20; } ;;
		esac
	done
done
echo "$checked runs close"
# what libpcap counts
for capture in mixed.pcap mixed.pcapng raw.pcap sll.pcap short.pcap; do
	wanted=$(tcpdump --count -r "$tmp/$capture" 'tcp or udp port 53' 2>/dev/null | awk '{ print $1 }')
	run 0 --json "[pcap $tmp/$capture]>(BPF,\"tcp or udp port 53\")>(pktcount,name=n)"
	[ -z "$wanted" ] || json ".functions[] | select(.name == \"n\") | .state.packets == $wanted"
done
finish
