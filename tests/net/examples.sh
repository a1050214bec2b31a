#!/usr/bin/env bash
# The example of every class on a device: what the class's table says how to write runs on the wire, at the lowest
# level that offers the class.
. "$(dirname "$0")/lib.sh"
topology
"$TOOLS/gencap" -n 200 "$TMP/frames.pcap"
echo 198.18.1.0/25 >"$TMP/list"
"$FFPF" classes --json >"$TMP/classes"

while IFS=$'\t' read -r -u 3 name level example; do
	say "$name: $example"
	example=$(sed 's/\[pcap \$FILE\]\|(pcap,"\$FILE")/[dev $DEV]/' <<<"$example")
	[ "$name" != pcap ] || continue
	[ "$name" != vlanstat ] || example=${example/\[dev \$DEV\]/[dev \$DEV vlan=data]} # veth keeps tags outside of packets
	[[ $level != any && $level != "xdp, tc" ]] || level=xdp
	[[ $name != vlanp* ]] || level=tc # what goes on on the network
	launch -D DEV=v0 -D "OUT=$TMP/out" -D "OBJ=$TOOLS/objects/udp.o" -D "LIST=$TMP/list" \
		-D "SIGNATURES=$(dirname "$0")/../../fpl/classes/systems.fp" "$example"
	send -r "$TMP/frames.pcap"
	if [ "$name" = head ]; then # ends by itself
		wait_for 10 ended || die "head did not end"
		reap
	else
		stop
	fi
	check "exit status" "$STATUS" 0
	check "where it ran" "$(json ".functions[] | select(.class == \"$name\") | .flowspace")" "$level"
	[ "$name" = head ] || check "packets from the device" "$(json '.functions[0].packets_in')" "$SENT"
	accounts
	lossless
	check "the device is free" "$(prog_id v0)" ""
done 3< <(jq -r '.classes[] | [.name, .level, .example] | @tsv' "$TMP/classes")
finish
