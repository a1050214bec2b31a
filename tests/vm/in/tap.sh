#!/usr/bin/env bash
# A driver whose packets have no metadata (tap before Linux 6.15): the functions below tc move there, as explain says, and
# nothing is lost.
. "$(dirname "$0")/lib.sh"
FFPF_TOOLS_ONLY=
topology
# Opening the node makes the kernel load the module.
[ -e /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; } || die "no /dev/net/tun"
rx ip tuntap add mode tap name t0 || die "a tap device"
rx ip link set t0 address 02:00:00:00:00:02 up
"$TOOLS/gencap" -n 500 -s 100 -m udp=2,tcp "$TMP/in.pcap"
udp=$(count_frames "$TMP/in.pcap" udp)
spread='[dev t0]>(BPF,"udp",name=f)>(pktcount,name=n)@tc'
run explain "$spread"
check "exit status" "$STATUS" 0
check_text "explain says so" "$TMP/out.json" "f .* tc .* xdp: the driver of 't0' \\(tun\\) leaves no room"
launch "$spread"
ip netns exec "$RX" "$TOOLS/sendpcap" -i t0 -T -r "$TMP/in.pcap" >/dev/null
stop
check "exit status" "$STATUS" 0
check "counted" "$(of n state.packets)" "$udp"
accounts
lossless
finish
