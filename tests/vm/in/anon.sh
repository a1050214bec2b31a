#!/usr/bin/env bash
# anon in the module makes the packets that it makes in userspace, tags and fragments included; what came stays as it was.
. "$(dirname "$0")/lib.sh"
topology
module
"$TOOLS/gencap" -n 600 -m tcp,udp,icmp -S 9 "$TMP/in.pcap"
"$FFPF" "[pcap $TMP/in.pcap]>(anon,key=3031323334353637383961626364656630313233343536373839414243444546)>(write,$TMP/user.pcap)" >/dev/null 2>"$TMP/why"
live -a -w "$TMP/out.pcap"
send -r "$TMP/in.pcap"
rest
check "exit status" "$STATUS" 0
check "records" "$(got records)" "$SENT"
check "made in userspace" "$(count_frames "$TMP/user.pcap")" "$SENT"
check "the same packets" "$(frames "$TMP/out.pcap" | sort | sha256sum)" "$(frames "$TMP/user.pcap" | sort | sha256sum)"
check "not those that came" "$([ "$(frames "$TMP/out.pcap" | sort | sha256sum)" != "$(frames "$TMP/in.pcap" | sort | sha256sum)" ] && echo yes)" yes
check "packets with addresses" "$([ "$(got matched)" -gt 500 ] && echo yes)" yes
finish
