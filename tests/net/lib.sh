# shellcheck shell=bash disable=SC1007,SC2034
# Sourced by the tests of this folder: network namespaces of their own, ffpf in the background, checks that count.
#
#         namespace …-rx                      namespace …-tx
#     ┌─────────────────────┐             ┌──────────────────────┐
#     │ ffpf ── v0          │════ veth ═══│ v1 ── sendpcap,blast │
#     │         w0          │════ veth ═══│ w1  (second_pair)    │
#     │ 02:00:00:00:00:02   │             │ 02:00:00:00:00:01    │
#     └─────────────────────┘             └──────────────────────┘
#
# IPv6 is off (its own packets would be counted), and so are GSO, GRO and TSO (each level would see other packets).
# Nothing leaves the two namespaces; a trap removes them however the test ends.
set -u
shopt -s inherit_errexit 2>/dev/null || true

# The debug build's bad accesses and leaks must not look like one of ffpf's own exit statuses.
export ASAN_OPTIONS=exitcode=99${ASAN_OPTIONS:+:$ASAN_OPTIONS}

TEST=$(basename "$0" .sh)
BUILD=$(cd "${1:?usage: $0 BUILD_DIR}" && pwd)
FFPF=$BUILD/bin/ffpf
TOOLS=$BUILD/tests
RX=ffpf-$TEST-$$-rx
TX=ffpf-$TEST-$$-tx
TMP=$(mktemp -d)
STATUS= FFPF_PID= HOLD_PID= FAILED=0 CHECKS=0
# Processors are few and the debug build is slow: a hanging ffpf must not hang the suite.
LIMIT=${FFPF_TEST_LIMIT:-120}
# Seconds in which ffpf surely has attached and a few packets are sent: an emulated machine needs more of them.
MOMENT=${FFPF_TEST_MOMENT:-1}

cleanup() {
	trap - EXIT
	exec 9>&-
	[ -z "$FFPF_PID" ] || kill -KILL "$FFPF_PID" 2>/dev/null
	[ -z "$HOLD_PID" ] || kill -KILL "$HOLD_PID" 2>/dev/null
	local ns pids
	for ns in "$RX" "$TX"; do # whoever is left there is ours
		pids=$(ip netns pids "$ns" 2>/dev/null) && [ -n "$pids" ] && kill -KILL $pids 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$TMP"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# skip WHY: what has failed before is still a failure
skip() {
	[ $FAILED = 0 ] || finish
	echo "skipped: $*"
	exit 77
}
say() { echo "== $*"; }
die() { echo "FAIL: $*"; show_errors; exit 1; }
show_errors() { [ ! -s "$TMP/err" ] || { echo "-- stderr of ffpf"; cat "$TMP/err"; }; }

rx() { ip netns exec "$RX" "$@"; }
tx() { ip netns exec "$TX" "$@"; }

# check WHAT GOT WANTED
check() {
	CHECKS=$((CHECKS + 1))
	if [ "$2" = "$3" ]; then
		echo "ok: $1: $2"
	else
		echo "FAIL: $1: got '$2', wanted '$3'"
		FAILED=1
	fi
}

# check_text WHAT FILE PATTERN: an extended regular expression must match a line of the file
check_text() {
	CHECKS=$((CHECKS + 1))
	if grep -Eq -- "$3" "$2"; then
		echo "ok: $1: $(grep -Em1 -- "$3" "$2")"
	else
		echo "FAIL: $1: nothing like '$3' in:"
		sed 's/^/    /' "$2"
		FAILED=1
	fi
}

finish() {
	[ $FAILED = 0 ] || { show_errors; echo "-- results"; cat "$TMP/out.json" 2>/dev/null; exit 1; }
	[ $CHECKS -gt 0 ] || die "the test checked nothing"
	echo "$CHECKS checks passed"
}

need_commands() {
	local c
	for c in "$@"; do command -v "$c" >/dev/null || skip "no $c here"; done
}

# pair RX_DEVICE TX_DEVICE [MTU]
pair() {
	ip -n "$RX" link add "$1" mtu "${3:-1500}" address 02:00:00:00:00:02 type veth \
		peer name "$2" mtu "${3:-1500}" address 02:00:00:00:00:01 netns "$TX" || die "cannot make a veth pair"
	rx ethtool -K "$1" gro off gso off tso off >/dev/null 2>&1
	tx ethtool -K "$2" gro off gso off tso off >/dev/null 2>&1
	ip -n "$RX" link set "$1" txqueuelen 10000 up
	ip -n "$TX" link set "$2" txqueuelen 10000 up
	wait_for 5 carrier "$1" || die "$1 has no carrier"
}

carrier() { [[ $(ip -n "$RX" -o link show "$1") == *LOWER_UP* ]]; }

# topology [MTU]: the picture above, or a skip with the reason
topology() {
	[ -x "$FFPF" ] || [ -n "${FFPF_TOOLS_ONLY:-}" ] || die "no $FFPF"
	need_commands ip ethtool jq tcpdump
	ip netns add "$RX" 2>"$TMP/why" || skip "no network namespaces: $(cat "$TMP/why")"
	ip netns add "$TX" || die "second namespace"
	rx true 2>"$TMP/why" || skip "nothing runs in a network namespace here: $(cat "$TMP/why")"
	local ns
	for ns in rx tx; do
		$ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
		$ns ip link set lo up
	done
	pair v0 v1 "${1:-}"
	rx ip address add 198.18.0.2/15 dev v0 # what the generators send to is on no network of the machine
	rx "$TOOLS/xdphold" -i v0 </dev/null >/dev/null 2>"$TMP/why" || skip "no XDP here: $(cat "$TMP/why")"
}

# wait_for SECONDS COMMAND…: until it succeeds
wait_for() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ ${EPOCHREALTIME/[.,]/} -lt $end ] || return 1
		sleep 0.02
	done
}

# prog_id DEVICE: id of the device's XDP program in rx, or nothing
prog_id() { [[ $(ip -n "$RX" -d link show "$1") =~ prog/xdp[a-z]*\ id\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || true; }
attached() { [ -n "$(prog_id "$1")" ]; }
detached() { ! attached "$1"; }
ended() { ! kill -0 "$FFPF_PID" 2>/dev/null; }
attached_or_ended() { attached "$1" || ended; }

# start DEVICE ARGS…: ffpf in rx in the background; returns when DEVICE has its program. Results go to $TMP/out.json.
start() {
	local device=$1 limit=(-d "$LIMIT")
	shift
	case " $* " in *" -d "*) limit=() ;; esac
	# A shell's background jobs ignore SIGINT, and ffpf keeps what it was given: hence --default-signal.
	ip netns exec "$RX" env --default-signal=INT "$FFPF" run --json --no-progress "${limit[@]}" "$@" >"$TMP/out.json" 2>"$TMP/err" &
	FFPF_PID=$!
	wait_for 30 attached_or_ended "$device" || die "ffpf attached nothing to $device in 30 s"
	if ended; then
		reap
		die "ffpf ended at once with status $STATUS"
	fi
	sleep 0.1
}

answers() { "$FFPF" ctl "$TMP/control" stats >/dev/null 2>&1; }
answers_or_ended() { answers || ended; }

# launch ARGS…: the same, whatever the levels: returns when all is attached, which the control socket tells
launch() {
	rm -f "$TMP/control"
	ip netns exec "$RX" env --default-signal=INT "$FFPF" run --json --no-progress --control "$TMP/control" -d "$LIMIT" "$@" \
		>"$TMP/out.json" 2>"$TMP/err" &
	FFPF_PID=$!
	wait_for "${FFPF_LAUNCH_SECONDS:-30}" answers_or_ended || die "ffpf does not answer in time"
	! ended || die "ffpf ended at once"
}

# ctl COMMAND…: of what `launch` started; figure NAME: packets that have come to a function of it so far
ctl() { "$FFPF" ctl "$TMP/control" "$@" 2>>"$TMP/ctl.err"; }
figure() { ctl stats | jq ".functions[] | select(.name == \"$1\") | .packets_in"; }

# stop [SIGNAL]: lets packets settle, ends ffpf, sets STATUS
stop() {
	sleep 0.3
	kill -"${1:-TERM}" "$FFPF_PID" 2>/dev/null
	reap
}

# reap: waits for the end of ffpf, sets STATUS
reap() {
	wait "$FFPF_PID"
	STATUS=$?
	FFPF_PID=
}

kill_it() { # without a chance to tidy up
	kill -KILL "$FFPF_PID"
	wait "$FFPF_PID" 2>/dev/null
	FFPF_PID=
}

# run ARGS…: ffpf in rx in the foreground; sets STATUS; output in $TMP/out.json and $TMP/err
run() {
	rx timeout "$LIMIT" "$FFPF" "$@" >"$TMP/out.json" 2>"$TMP/err"
	STATUS=$?
}

# hold DEVICE [ARGS…]: a foreign XDP program in rx; unhold ends it and leaves its counters in HELD
hold() { hold_with xdphold "$@"; }
# hold_with TOOL DEVICE [ARGS…]: the same with another tool
hold_with() {
	local tool=$1 device=$2
	shift 2
	rm -f "$TMP/hold"
	mkfifo "$TMP/hold"
	: >"$TMP/held" # what the last one said is not the next one's
	ip netns exec "$RX" "$TOOLS/$tool" -i "$device" "$@" <"$TMP/hold" >"$TMP/held" 2>&1 &
	HOLD_PID=$!
	exec 9>"$TMP/hold"
	wait_for 10 grep -q ready "$TMP/held" || die "$tool: $(cat "$TMP/held")"
}
unhold() {
	exec 9>&-
	wait "$HOLD_PID"
	HOLD_PID=
	HELD=$(tail -n 1 "$TMP/held")
}

# send ARGS…: sendpcap from v1 (or -i elsewhere); sets SENT to what arrived at the other end
send() {
	local line
	case " $* " in *" -i "*) ;; *) set -- -i v1 "$@" ;; esac
	line=$(tx "$TOOLS/sendpcap" "$@") || die "sendpcap failed"
	sent_of "$line"
}
blast() {
	local line
	line=$(tx "$TOOLS/blast" -i v1 "$@") || die "blast failed"
	echo "blast: $line"
	sent_of "$line"
}
sent_of() { # sent=N dropped=D …
	[[ $1 =~ sent=([0-9]+).*dropped=([0-9]+) ]] || die "how many were sent? $1"
	[ "${BASH_REMATCH[2]}" = 0 ] || echo "note: v0 had no room for ${BASH_REMATCH[2]} of ${BASH_REMATCH[1]}"
	SENT=$((BASH_REMATCH[1] - BASH_REMATCH[2]))
}

# tagged NAMESPACE DEVICE COMMAND…: every packet that leaves the device is tagged while the command runs
tagged() {
	local ns=$1 device=$2
	shift 2
	rm -f "$TMP/tag"
	mkfifo "$TMP/tag"
	: >"$TMP/tagged"
	ip netns exec "$ns" "$TOOLS/vlanpush" -i "$device" -v 5 <"$TMP/tag" >"$TMP/tagged" 2>&1 &
	local tagger=$!
	exec 8>"$TMP/tag"
	wait_for 10 grep -q ready "$TMP/tagged" || skip "cannot tag packets: $(cat "$TMP/tagged")"
	"$@"
	exec 8>&-
	wait $tagger
}

json() { jq -r "$1" "$TMP/out.json"; }
# of NAME KEY: a function's key, or .state.KEY. One jq for all keys of a run: under emulation each takes a quarter of a second.
of() {
	local name key value found=
	[ "$TMP/flat" -nt "$TMP/out.json" ] || json '.functions[] | . as $f | paths(type | . != "object" and . != "array") |
		[$f.name, (map(tostring) | join(".")), (. as $p | $f | getpath($p) | tostring)] | join("\u001f")' >"$TMP/flat"
	while IFS=$'\x1f' read -r name key value; do
		[ "$name" != "$1" ] || [ "$key" != "$2" ] || { echo "$value"; found=yes; }
	done <"$TMP/flat"
	[ -n "$found" ] || json ".functions[] | select(.name == \"$1\") | .$2"
}

# The law of DESIGN.md, section 6.
accounts() {
	local law
	law=$(json '"\(.functions | length > 0) \([.functions[] | select(.packets_in != .packets_out + .filtered + .lost) | .name] | join(" "))"')
	check "there are functions" "${law%% *}" true
	check "in = out + filtered + lost at every function" "${law#* }" ""
}
lossless() { check "nothing lost" "$(json .lost)" 0; }

# received: packets that reached the IPv4 layer of rx
received() { rx awk '/^Ip: [0-9]/ { print $4 }' /proc/net/snmp; }

# frames FILE [FILTER]: every packet's bytes, one text per packet, in file order, without times
frames() { tcpdump -nn -t -xx -r "$1" "${2:-}" 2>/dev/null | grep '^.0x'; }
count_frames() { tcpdump --count -r "$1" "${2:-}" 2>/dev/null | awk '{ print $1 }'; }

# tc_ways: TC_WAYS says how programs come to tc's hooks here, by TCX links (Linux 6.6) and filters of clsact or by these only
tc_ways() {
	need_commands tc
	TC_WAYS="tcx clsact"
	rx "$TOOLS/tchold" -i v0 -q >"$TMP/out" 2>"$TMP/why" && return
	TC_WAYS=clsact
	echo "note: no TCX here, only clsact: $(cat "$TMP/why")"
}
# by tcx|clsact: how the next ffpf attaches; without TCX it finds out by itself
by() { if [ "$1" = clsact ] && [ "$TC_WAYS" != clsact ]; then export FFPF_TC_CLSACT=1; else unset FFPF_TC_CLSACT; fi; }
# tcx DEVICE in|out [tx]: how many programs are on the hook by links; clsact: eBPF filters
tcx() { [ "$TC_WAYS" = clsact ] && echo 0 || ${3:-rx} "$TOOLS/tchold" -i "$1" -d "$2" -q; }
clsact() {
	local ns=$RX hook=egress
	[ "${3:-rx}" = rx ] || ns=$TX
	[ "$2" != in ] || hook=ingress
	tc -n "$ns" filter show dev "$1" $hook 2>/dev/null | grep -c direct-action
}
on_tc() { echo $(($(tcx "$@") + $(clsact "$@"))); }
