#!/usr/bin/env bash
# The classes written in FPL on the wire: what they keep of packets that come in on a device, at xdp, is what their models
# (tests/fpl/classes.py) find in the savefile that the packets are from, but for times. Windows and timeouts are longer here
# than the test takes, in the model, too.
. "$(dirname "$0")/lib.sh"
need_commands taskset python3
topology 1600
# tags stay in the packets' bytes
tx ethtool -K v1 txvlan off tx-vlan-stag-hw-insert off >/dev/null 2>&1
FPL=$(dirname "$0")/../fpl
"$TOOLS/genflows" -n 40 -z 300 -k tcp,scan,flood,dns,vlan,frag,icmp,ttl,arp,zoo "$TMP/t.pcap" || die "genflows"
PACKETS=$(count_frames "$TMP/t.pcap")
printf '198.18.1.0/24\n2001:db8:0:2::/64\n192.0.2.53\n' >"$TMP/list"

without_times() { sed -E 's/ (first|last|begin|since|window_begin|credit|limit|by_[a-z]+|rtt|least_rtt|reaction|at|[a-z]+_at)=[0-9]+//g' | grep -v '^time ' | sort; }

# live CLASS ARGUMENTS: what it keeps of the packets, in $TMP/found
live() {
	start v0 --rows 1000000 "[dev v0 vlan=data]>($1${2:+,$2})"
	line=$(tx taskset -c 0 "$TOOLS/sendpcap" -i v1 -r "$TMP/t.pcap") || die "sendpcap"
	sent_of "$line"
	stop
	check "$1: exit status" "$STATUS" 0
	check "$1: packets" "$(json '.functions[0].packets_in')" "$PACKETS"
	check "$1: where it ran" "$(json '.functions[1].flowspace')" xdp
	accounts
	lossless
}
# against CLASS ARGUMENTS MODEL'S ARGUMENTS…
against() {
	local class=$1 arguments=$2
	shift 2
	say "$class $arguments"
	live "$class" "$arguments"
	python3 "$FPL/others.py" ffpf "$class" <"$TMP/out.json" | without_times >"$TMP/found"
	python3 "$FPL/expect.py" "$class" "$TMP/t.pcap" "$@" | without_times >"$TMP/expected"
	diff "$TMP/expected" "$TMP/found" >"$TMP/diff"
	check "$class: lines that differ from the model's" "$(grep -c '^[<>]' "$TMP/diff")" 0
	[ ! -s "$TMP/diff" ] || head "$TMP/diff"
}
against flows ""
against blocklist "\"$TMP/list\"" "list=$TMP/list"
against vlanstat ""
against ttlcheck ""
against dnscount ""
against conntrack ""
against firewall '"src net 198.18.0.0/16"' "allow=src net 198.18.0.0/16"
against synflood "50,window=1h" limit=50 window=3600
against portscan "30,window=1h" limit=30 window=3600

against dapper ""

say p0f # its reference passes over tagged packets
mv "$TMP/t.pcap" "$TMP/all.pcap"
"$TOOLS/genflows" -n 40 -z 300 -k tcp,scan,zoo "$TMP/t.pcap" || die "genflows"
PACKETS=$(count_frames "$TMP/t.pcap")
live p0f "\"$FPL/../../fpl/classes/systems.fp\""
python3 "$FPL/others.py" hosts "$FPL/../../fpl/classes/systems.fp" <"$TMP/out.json" | sort >"$TMP/found"
"$TOOLS/synmatch" "$FPL/../../fpl/classes/systems.fp" "$TMP/t.pcap" | python3 "$FPL/others.py" synhosts | sort >"$TMP/expected"
diff "$TMP/expected" "$TMP/found" >"$TMP/diff"
check "p0f: lines that differ from the reference's" "$(grep -c '^[<>]' "$TMP/diff")" 0
[ ! -s "$TMP/diff" ] || head "$TMP/diff"
mv "$TMP/all.pcap" "$TMP/t.pcap"
PACKETS=$(count_frames "$TMP/t.pcap")

say ratelimit # credit comes back with the time: no less passes than without, and no more than the time allows
live ratelimit "rate=1,burst=3"
python3 - "$FPL" "$TMP/t.pcap" "$(json '.functions[1].packets_out')" "$(json .elapsed_s)" >"$TMP/why" <<'PY'
import collections, sys
sys.path.insert(0, sys.argv[1])
from packets import packets
of = collections.Counter(p.src for p in packets(sys.argv[2]))
least = sum(min(n, 3) for src, n in of.items() if src) + of[None]
most = sum(min(n, 4 + int(float(sys.argv[4]))) for src, n in of.items() if src) + of[None]
print(least <= int(sys.argv[3]) <= most or f"{least} <= {sys.argv[3]} <= {most}")
PY
check "ratelimit: what passes" "$(cat "$TMP/why")" True

say hash
start v0 "[dev v0 vlan=data]>(hash,3)>[1: (pktcount)|2: (pktcount)|3: (pktcount)]"
tx taskset -c 0 "$TOOLS/sendpcap" -i v1 -r "$TMP/t.pcap" >/dev/null || die "sendpcap"
stop
check "hash: all packets have a class" "$(json '[.functions[2:][].packets_in] | add')" "$PACKETS"
accounts

for of in src dst; do
	say "card $of"
	live card $of
	wanted=$(python3 -c "
import sys
sys.path.insert(0, '$FPL')
from packets import packets
print(len({p.$of for p in packets('$TMP/t.pcap') if p.$of is not None}))")
	check "card: within four standard errors of $wanted" \
		"$(json ".functions[1].state.different | . > $wanted * 0.935 and . < $wanted * 1.065")" true
done

say topk
start v0 --rows 3 "[dev v0 vlan=data]>(topk,3,by=dst,of=bytes)"
tx taskset -c 0 "$TOOLS/sendpcap" -i v1 -r "$TMP/t.pcap" >/dev/null || die "sendpcap"
stop
check "topk: the heaviest" "$(json '.functions[1].tables.heaviest[].address' | sed 's/^::ffff://' | sort | xargs)" "$(python3 -c "
import collections, sys
sys.path.insert(0, '$FPL')
from packets import packets
n = collections.Counter()
for p in packets('$TMP/t.pcap'):
    if p.dst is not None:
        n[p.dst] += p.len
print(*sorted(str(a) for a, _ in n.most_common(3)))")"
finish
