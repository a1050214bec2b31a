#!/usr/bin/env bash
# What numbers stand for: `names` of a program's tables and events, as text for people and, with the number beside it, as
# JSON: among the results, of events, through the control socket, shipped by the class export; at every level. Numbers
# without a text stay numbers, and what a file has that no terminal should get is not shown.
. "$(dirname "$0")/common.bash"
cd "$tmp" || exit 1
savefile trace.pcap 30 20
levels=user
[ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null && levels="user xdp tc" || echo "skipped: replaying needs root"
printf '# ports\n80 the web\n\n  53\t\tDNS\r\n65535 last\n' >ports.txt
cat >named.fpl <<'END'
names port from "ports.txt";
hash lengths[port: u16, length: u32]: counter;
lru last[address: IPv6]: { packets: counter, port: u16, proto: u8 };
topk most[port: u16] 5;
# Packets here have ports and no whole header of TCP.
let port = pkt[36:2];
lengths[port, len]++;
most.add(port);
by[port]++;
last[src].port = port;
last[src].proto = proto;
last[src].packets++;
emit seen { src, port, proto };
END

for level in $levels; do
	option=; [ $level = user ] || option=--replay

	run 0 $option --json --events events.json "[pcap trace.pcap]>(FPL,file=named.fpl,name=f)@$level"
	is "$(jq -c '.functions[1].tables.lengths' out)" '[{"port":"the web","port_number":80,"length":60,"count":30},{"port":"DNS","port_number":53,"length":60,"count":20}]' "a key, $level"
	is "$(jq -c '.functions[1].tables.last' out)" '[{"address":"198.18.0.1","packets":50,"port":"DNS","port_number":53,"proto":17}]' "a column, $level"
	is "$(jq -c '.functions[1].tables.by' out)" '[{"port":"the web","port_number":80,"count":30},{"port":"DNS","port_number":53,"count":20}]' "a table that is not declared, $level"
	is "$(jq -c '.functions[1].tables.most | map([.port, .port_number, .count])' out)" '[["the web",80,30],["DNS",53,20]]' "a key in cells, $level"
	is "$(jq -c .values events.json | sort | uniq -c | tr -s ' ')" ' 20 {"src":"198.18.0.1","port":"DNS","port_number":53,"proto":17}
 30 {"src":"198.18.0.1","port":"the web","port_number":80,"proto":6}' "events, $level"
	run 0 $option "[pcap trace.pcap]>(FPL,file=named.fpl,name=f)@$level"
	out_has '^port  *length  *count$'
	out_has '^the web  *60  *30$' "text, $level"
	out_has '^198.18.0.1  *50  *DNS  *17$' "text, $level"
	err_has '^f: seen src=198.18.0.1 port=the web proto=6$'
	run 0 $option -q "[pcap trace.pcap]>(FPL,file=named.fpl,name=f)@$level>(export,f,map=lengths,file=shipped.json)"
	is "$(tail -n 1 shipped.json | jq -c '.entries | map(.key) | sort')" '[{"port":"DNS","port_number":53,"length":60},{"port":"the web","port_number":80,"length":60}]' "shipped, $level"
done

# through the control socket
mkfifo pipe
"$ffpf" -q --json --control ctl '[pcap pipe]>(FPL,file=named.fpl,name=f)' >out 2>err &
pid=$!
exec 9>pipe
cat trace.pcap >&9
for _ in $(seq 100); do
	[ -S ctl ] && [ "$("$ffpf" ctl --json ctl read f lengths 2>/dev/null | jq '.maps[0].total')" = 2 ] && break
	sleep 0.1
done
is "$("$ffpf" ctl --json ctl read f lengths | jq -c '.maps[0].entries | map([.key.port, .key.port_number, .value]) | sort')" '[["DNS",53,{"count":20}],["the web",80,{"count":30}]]' "ctl read --json"
"$ffpf" ctl ctl read f last >text || fail "ctl read: exit status $?"
grep -q '^198.18.0.1  *50  *DNS  *53  *17$' text || fail "ctl read: $(cat text)"
exec 9>&-
wait $pid || fail "exit status $?"

# what comes from outside: no text, control characters, bytes that are no UTF-8
printf '80 a\033[31mb\302\233c\377d\303\251e\n' >ports.txt
run 0 --json '[pcap trace.pcap]>(FPL,{ names port from "ports.txt"; hash n[port: u16]: counter; n[u16(pkt[36:2])]++ })'
is "$(jq -c '.functions[1].tables.n | map(.port)' out)" '["a?[31mb??c?dée",53]' "odd bytes"
run 0 '[pcap trace.pcap]>(FPL,{ names port from "ports.txt"; hash n[port: u16]: counter; n[u16(pkt[36:2])]++ })'
out_has '^53  *20$'
out_lacks $'\033'
: >ports.txt
run 0 --json '[pcap trace.pcap]>(FPL,{ names port from "ports.txt"; hash n[port: u16]: counter; n[u16(pkt[36:2])]++ })'
is "$(jq -c '.functions[1].tables.n' out)" '[{"port":80,"count":30},{"port":53,"count":20}]' "no names"
# a parameter names the file, and need not be given
mkdir classes
cat >classes/ports.fpl <<'END'
class ports "packets by port";
example "[pcap $FILE] > (ports)";
param list: file = "" "names of ports";
names port from list;
hash n[port: u16]: counter;
n[u16(pkt[36:2])]++;
return;
END
printf '80 web\n' >ports.txt
run 0 --json --class-path classes '[pcap trace.pcap]>(ports)>(ports,ports.txt)'
is "$(jq -c '.functions[1:] | map(.tables.n[0].port)' out)" '[80,"web"]' "by a parameter"
# of a class that is called: its own
run 0 --json --class-path classes '[pcap trace.pcap]>(FPL,{ hash port[port: u16]: counter; port[u16(pkt[36:2])]++; ports("ports.txt"); })'
is "$(jq -c '.functions[1].tables | [.port[0].port, (to_entries[] | select(.key | endswith(".n")).value[0].port)]' out)" '[80,"web"]' "called"

# a column that is called as the number would be stands there itself
run 0 --json '[pcap trace.pcap]>(FPL,{ names port from "ports.txt"; hash t[k: u8]: { port_number: u32, port: u16 }; let e = t.add(1); if (e) { e.port_number = 7; e.port = 80; } })'
is "$(jq -c '.functions[1].tables.t[0] | [.port, .port_number]' out)" '["web",7]' "a column's own name"
run 0 --json '[pcap trace.pcap]>(FPL,{ names port from "ports.txt"; hash t[k: u8]: { port: u16, port_number: u32 }; let e = t.add(1); if (e) { e.port_number = 7; e.port = 80; } })'
is "$(jq -c '.functions[1].tables.t[0] | [.port, .port_number]' out)" '["web",7]' "a column's own name"

# A file of signatures gives tables and names: what is wrong with it is said once
run 2 check '[dev lo]>(p0f,nothere.fp)'
is "$(grep -c 'error\[file-open\]: nothere.fp' err)" 1 "messages"
run 2 check '[dev lo]>(p0f,ports.txt)'
is "$(grep -c 'error\[file-format\]: there is no signature of a SYN in this file' err)" 1 "messages"
finish
