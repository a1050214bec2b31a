#!/usr/bin/env bash
# The captures that the other tests of this folder look at are what genflows says: the same for the same seed, whole, and read by
# the tests' own parser as by tcpdump.
. "$(dirname "$0")/../cli/common.bash"
. "$(dirname "$0")/common.bash"
genflows=$build/tests/genflows

"$genflows" "$tmp/a.pcap" "$tmp/a.json" && "$genflows" "$tmp/b.pcap" "$tmp/b.json" && "$genflows" -S 2 "$tmp/c.pcap" || fail "genflows"
is "$(md5sum <"$tmp/a.pcap")" "$(md5sum <"$tmp/b.pcap")" "the same seed"
is "$(md5sum <"$tmp/a.json")" "$(md5sum <"$tmp/b.json")" "the same seed, described"
[ "$(md5sum <"$tmp/a.pcap")" != "$(md5sum <"$tmp/c.pcap")" ] || fail "another seed makes the same packets"
is "$(expect totals "$tmp/a.pcap")" "$(jq -r 'select(.kind == "total") | "\(.packets) \(.bytes)"' "$tmp/a.json")" "packets and bytes"
is "$(tcpdump --count -r "$tmp/a.pcap" 2>/dev/null | awk '{ print $1 }')" "$(jq 'select(.kind == "total") | .packets' "$tmp/a.json")" "packets, says tcpdump"
# what is meant to be right is (the zoo is not)
"$genflows" -k tcp,scan,flood,dns,vlan,frag,icmp,ttl,arp -n 50 "$tmp/right.pcap"
is "$(tcpdump -nvvr "$tmp/right.pcap" 2>/dev/null | grep -cE 'incorrect|invalid|truncated|bad-|bad hdr')" 0 "packets that tcpdump dislikes"
# all of it is there
for kind in connection scan flood dns frag icmp ttl arp zoo; do
	grep -q "\"kind\":\"$kind\"" "$tmp/a.json" || fail "no $kind in the description"
done
for what in '"again":\[0,[1-9]' '"zero_windows":\[[1-9]' '"outcome":"reset"' '"outcome":"refused"' '"outcome":"unanswered"' '"vlan":9' '"system":"macos"'; do
	grep -q "$what" "$tmp/a.json" || fail "no connection with $what"
done
"$genflows" -k flow "$tmp/x.pcap" 2>/dev/null && fail "a kind that there is not"
# a part by itself is what it is among the others
"$genflows" -k dns "$tmp/dns.pcap" "$tmp/dns.json"
is "$(grep '"dns"' "$tmp/dns.json")" "$(grep '"dns"' "$tmp/a.json")" "the part about DNS"
is "$(tcpdump --count -r "$tmp/dns.pcap" port 53 2>/dev/null | awk '{ print $1 }')" "$(jq 'select(.kind == "dns") | .queries + .answers' "$tmp/dns.json")" "packets of DNS"
finish
