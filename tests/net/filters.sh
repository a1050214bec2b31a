#!/usr/bin/env bash
# pcap filters at xdp count live what tcpdump -r counts in the capture that was sent.
. "$(dirname "$0")/lib.sh"
topology

FILTERS=(
	'ip' 'ip6' 'tcp' 'udp' 'icmp' 'tcp port 80' 'udp port 53' 'port 443' 'src port 22' 'dst port 123'
	'tcp portrange 20-100' 'host 198.19.0.7' 'src host 198.18.1.9' 'dst net 198.19.0.0/28' 'net 198.18.2.0/24'
	'ip host 198.19.0.1 and not tcp' 'tcp[tcpflags] & tcp-push != 0' 'tcp[tcpflags] == tcp-ack' 'icmp[icmptype] == icmp-echo'
	'ip[8] == 64' 'ip[2:2] > 600' 'udp[4:2] < 40' 'len > 1000' 'greater 200' 'less 100' 'len <= 64'
	'ip proto 17' 'ip6 proto 6' 'ip6 and udp' 'ip6 host 2001:db8::2:7' 'ip6 net 2001:db8::/32'
	'ether host 02:00:00:00:00:01' 'ether src 02:00:00:00:00:02' 'ether proto 0x86dd' 'not ip' 'ether broadcast'
	'tcp port 80 and (tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420)' 'ip[6:2] & 0x1fff == 0'
	'(tcp or udp) and not port 80 and not port 443' 'tcp src port 80 or tcp dst port 443 or udp port 5060'
	'tcp[13] & 2 != 0 and ip[4:2] & 1 == 0' 'ip[ip[2:2] - 1] == 0x20' 'udp[8:4] == 0x666c6f77' ''
)
VLAN_FILTERS=('vlan' 'vlan 5' 'vlan and tcp' 'vlan and udp port 53' 'vlan 3 or (vlan and ip host 198.19.0.9)' 'ip' 'not vlan')

# compare CAPTURE SOURCE FILTER…: one graph with all of them
compare() {
	local capture=$1 source=$2 graph= i=0 filter
	shift 2
	for filter in "$@"; do
		graph+="${graph:+ | }(BPF,\"$filter\") > (pktcount,name=f$i)"
		i=$((i + 1))
	done
	start v0 "$source > [$graph]"
	send -r "$capture"
	stop
	check "exit status" "$STATUS" 0
	i=0
	for filter in "$@"; do
		check "'$filter'" "$(of f$i state.packets)" "$(count_frames "$capture" "$filter")"
		i=$((i + 1))
	done
	check "where the filters ran" "$(json '[.functions[] | select(.class == "BPF") | .flowspace] | unique | join(" ")')" xdp
	accounts
	lossless
}

say "${#FILTERS[@]} filters on 3,000 packets"
"$TOOLS/gencap" -n 3000 -s internet -m tcp=5,udp=3,icmp=1,ipv6=2 -S 11 "$TMP/plain.pcap"
compare "$TMP/plain.pcap" '[dev v0]' "${FILTERS[@]}"
say "${#VLAN_FILTERS[@]} filters on packets with VLAN tags in their bytes"
"$TOOLS/gencap" -n 2000 -s imix -m tcp=2,udp=2,vlan=4 -S 12 "$TMP/vlan.pcap"
compare "$TMP/vlan.pcap" '[dev v0 vlan=data]' "${VLAN_FILTERS[@]}"
say "a device whose tags may be outside the bytes: VLAN filters do not run at xdp"
run explain --json '[dev v0] > (BPF,"vlan 5") > (pktcount)'
check "flowspace of a VLAN filter" "$(json '.functions[] | select(.class == "BPF") | .flowspace' 2>/dev/null | grep -c '^xdp$')" 0
finish
