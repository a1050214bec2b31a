#!/usr/bin/env bash
# Without privilege: status 3 and a message that says what to do; nothing is attached. A savefile needs none.
. "$(dirname "$0")/lib.sh"
need_commands setpriv
topology
setpriv --bounding-set=-all --inh-caps=-all true 2>/dev/null || skip "setpriv cannot drop capabilities here"
without() { rx setpriv --bounding-set=-all --inh-caps=-all timeout 60 "$@"; }
as_nobody() { rx setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all timeout 60 "$@"; }

say "a device needs privilege"
without "$FFPF" run --json '[dev v0] > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
check "exit status" "$?" 3
check_text "what is missing" "$TMP/err" 'CAP_[A-Z_]+|root'
check "nothing is attached" "$(prog_id v0)" ""
say "explain and check do not"
without "$FFPF" check '[dev v0] > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
check "exit status of check" "$?" 0
without "$FFPF" explain '[dev v0] > (BPF,"tcp") > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
check "exit status of explain" "$?" 0
check_text "explain says what it could not try" "$TMP/out.json" '^notice: not tried out, the kernel might still refuse: .*CAP_BPF'
say "two of three capabilities"
rx setpriv --bounding-set=-all,+bpf,+net_admin --inh-caps=-all timeout 60 "$FFPF" run --json '[dev v0] > (BPF,"udp") > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
check "exit status" "$?" 3
check_text "what is missing" "$TMP/err" 'CAP_PERFMON missing'
say "all three do; who holds an occupied device they may not know"
capable() { rx setpriv --bounding-set=-all,+bpf,+net_admin,+perfmon --inh-caps=-all timeout 60 "$@"; }
capable "$FFPF" run --json -d 0.2 '[dev v0] > (BPF,"udp") > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
check "exit status" "$?" 0
check "where it ran" "$(json '[.functions[] | .flowspace] | unique | join(" ")')" xdp
start v0 '[dev v0] > (pktcount)'
capable "$FFPF" run --json -d 0.2 '[dev v0] > (pktcount)' >"$TMP/out2.json" 2>"$TMP/err"
check "exit status" "$?" 1
check_text "no false advice" "$TMP/err" 'only root may know'
stop
say "nor does a savefile"
"$TOOLS/gencap" -n 1000 -m udp "$TMP/file.pcap"
chmod 755 "$TMP"
chmod 644 "$TMP/file.pcap"
without "$FFPF" run --json "(pcap,$TMP/file.pcap) > (pktcount,name=n)" >"$TMP/out.json" 2>"$TMP/err"
check "exit status" "$?" 0
check "counted" "$(of n state.packets)" 1000
if as_nobody test -x "$FFPF"; then
	say "another user"
	as_nobody "$FFPF" run --json '[dev v0] > (pktcount)' >"$TMP/out.json" 2>"$TMP/err"
	check "exit status" "$?" 3
	check_text "what is missing" "$TMP/err" 'CAP_[A-Z_]+|root'
fi
finish
