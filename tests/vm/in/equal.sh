#!/usr/bin/env bash
# One meaning, many levels, with the module: every class that kmod offers gives the figures, tables and packets there
# that the same graph gives for the savefile. (What comes up from xdp is graph.sh's: a packet's metadata has room for few
# classes on this kernel.)
. "$(dirname "$0")/lib.sh"
FFPF_TOOLS_ONLY=
topology
module
export EQUAL_LEVELS=k EQUAL_SLOTS=11 # a program there can't be cut into parts
FFPF_LAUNCH_SECONDS=100
. "$(dirname "$0")/../../net/equal.bash"
"$TOOLS/gencap" -n 300 -s internet -m tcp=6,udp=3,icmp,ipv6,vlan -F 20 -S 7 "$TMP/made.pcap"
equal_batches 300 "$TMP/made.pcap"
finish
