#!/usr/bin/env bash
# TCP signatures mean here what they mean to p0f, but for:
#
#   - a signature for one IP version matches packets of that version only; p0f does not compare it, and so finds a system that
#     has IPv4 signatures in packets of IPv6 that have none of IPv4's quirks;
#   - behind the end of the options (`eol`) every byte that is not zero makes `opt+`; p0f overlooks it where it is the last;
#   - `ack+` is any number without the flag; p0f looks at one bit of it (captures here have that bit set);
#   - of what nothing matches the distance is not compared: p0f says 0 where only a tool would have matched, with a fault;
#   - frames with VLAN tags are looked at; p0f passes over them;
#   - every SYN is looked at; p0f tells of a client's once, as long as it remembers the connection.
#
# Compared are system, distance, and whether the match is generic, fuzzy, or a tool. With p0f's own signatures where they are
# installed, and with the project's.
. "$(dirname "$0")/../cli/common.bash"
. "$(dirname "$0")/common.bash"
command -v p0f >/dev/null || { echo "skipped: needs p0f (apt-get install p0f)"; exit 77; }

compare() { # compare SIGNATURES FILE WHAT: without the clients of $tmp/left_out
	syns_of_p0f "$1" "$2" | grep -vFf "$tmp/left_out" >"$tmp/theirs"
	syns_of_reference "$1" "$2" | grep -vFf "$tmp/left_out" >"$tmp/ours"
	same "$tmp/ours" "$tmp/theirs" "$3"
	[ "$(grep -vc '|???|' "$tmp/ours")" -gt 100 ] || fail "$3: only $(grep -vc '|???|' "$tmp/ours") of $(wc -l <"$tmp/ours") known"
}
both_versions() { sed -E '/^sig *= *[46]:/d' "$1" >"$2"; } # FILE OUT: without those for one version

signatures=("$source/fpl/classes/systems.fp")
if [ -r /etc/p0f/p0f.fp ]; then
	signatures+=(/etc/p0f/p0f.fp)
else
	echo "skipped: p0f's own signatures: there is no /etc/p0f/p0f.fp"
fi
for file in "${signatures[@]}"; do
	both_versions "$file" "$tmp/both.fp"
	for seed in 1 2; do
		"$build/tests/genflows" -S $seed -k zoo -z 3000 "$tmp/zoo.pcap" || fail "genflows"
		expect trailing "$tmp/zoo.pcap" | sed 's/$/|/' >"$tmp/left_out"
		compare "$tmp/both.fp" "$tmp/zoo.pcap" "$(basename "$file"), odd SYNs, seed $seed"
		# the versions, without IPv6
		tcpdump -r "$tmp/zoo.pcap" -w "$tmp/zoo4.pcap" ip 2>/dev/null
		compare "$file" "$tmp/zoo4.pcap" "$(basename "$file"), odd SYNs of IPv4, seed $seed"
	done
	"$build/tests/genflows" -n 400 -k tcp "$tmp/tcp.pcap"
	: >"$tmp/left_out"
	compare "$tmp/both.fp" "$tmp/tcp.pcap" "$(basename "$file"), connections"
done
# and the class p0f itself is what p0f says: one SYN of each client, so the last is the first
"$build/tests/genflows" -S 3 -k zoo -z 2000 "$tmp/zoo.pcap"
expect trailing "$tmp/zoo.pcap" | sed 's,/[0-9]*$,|,' >"$tmp/left_out"
for file in "${signatures[@]}"; do
	both_versions "$file" "$tmp/both.fp"
	syns_of_p0f "$tmp/both.fp" "$tmp/zoo.pcap" | sed -E 's,/[0-9]+\|,|,; s/ ?tool$/-/; s/\?\?\?\|.*/???/' | grep -vFf "$tmp/left_out" | sort >"$tmp/theirs"
	for level in "" --replay; do
		[ -z "$level" ] || [ "$(id -u)" = 0 ] || { echo "skipped: replaying needs root"; continue; }
		run 0 $level --json --rows 1000000 "[pcap $tmp/zoo.pcap]>(p0f,$tmp/both.fp)"
		python3 "$source/tests/fpl/others.py" hosts "$tmp/both.fp" <"$tmp/out" | sed -E 's/\?\?\?\|.*/???/' | grep -vFf "$tmp/left_out" | sort >"$tmp/ours"
		[ "$(grep -vc '???' "$tmp/ours")" -gt 800 ] || fail "(p0f): only $(grep -vc '???' "$tmp/ours") are known"
		same "$tmp/ours" "$tmp/theirs" "(p0f,$(basename "$file")) $level and p0f"
		# a program that calls it tells the same with its events
		jq -r '.functions[1].tables.hosts[] | select(.label_number > 0) | [.address, .label, .label_number] | @tsv' "$tmp/out" | sort >"$tmp/hosts"
		cp "$tmp/out" "$tmp/tables"
		run 0 $level -q --events "$tmp/events" "[pcap $tmp/zoo.pcap]>(FPL,{
			names label from tcp_labels(\"$tmp/both.fp\");
			let label = p0f(\"$tmp/both.fp\");
			if (label) emit system { address: src, label } })"
		jq -r '.values | [.address, .label, .label_number] | @tsv' "$tmp/events" | sort >"$tmp/told"
		same "$tmp/hosts" "$tmp/told" "events of a program that calls p0f, $level"
		# people see p0f's text, too, and no number
		cp "$tmp/tables" "$tmp/out"
		label=$(jq -r '.functions[1].tables.systems[0].label' "$tmp/out")
		count=$(jq -r '.functions[1].tables.systems[0].count' "$tmp/out")
		run 0 $level --rows 3 "[pcap $tmp/zoo.pcap]>(p0f,$tmp/both.fp)"
		out_has '^label  *count$' "systems, $level"
		out_has "^$label  *$count$" "systems, $level"
		out_lacks label_number
	done
done
# the project's signatures know the systems that it makes connections of
"$build/tests/genflows" -n 300 -k tcp "$tmp/tcp.pcap" "$tmp/tcp.json"
syns_of_reference "$source/fpl/classes/systems.fp" "$tmp/tcp.pcap" | awk -F'|' '{ print $1 "|" $2 }' >"$tmp/ours"
wrong=0
while IFS='|' read -r client system; do
	name=$(grep "^$client|" "$tmp/ours" | cut -d'|' -f2 | tr A-Z a-z)
	case $system/$name in
	linux*/linux* | android/linux* | windows*/windows* | macos*/macos* | ios/ios* | ios/macos* | freebsd*/freebsd* | openbsd/openbsd* | solaris*/solaris* | solaris*/windows*) ;;
	*) wrong=$((wrong + 1)); echo "$client, $system: $name" ;;
	esac
done < <(jq -r 'select(.kind == "connection") | "\(.client)/\(.cport)|\(.system)"' "$tmp/tcp.json" | python3 -c '
import ipaddress, sys
for line in sys.stdin:
    client, system = line.strip().split("|")
    address, port = client.rsplit("/", 1)
    print(f"{ipaddress.ip_address(address)}/{port}|{system}")')
is $wrong 0 "connections whose system is taken for another"
finish
