#!/usr/bin/env bash
# Every command that README.md and docs/*.md show, run as a reader would, prints what the page says (commands.py has the
# rules). Each page has a folder of its own, in which `build` and `./do` are those of the source tree. Commands that
# need a device get one in a namespace of this test, with traffic on it:
#
#      namespace …-rx           namespace …-tx
#     ┌───────────────┐        ┌─────────────────┐
#     │ ffpf ── eth0  │══veth══│ v1 ── sendpcap  │  the frames of trace.pcap, again and again
#     └───────────────┘        └─────────────────┘
#
# FFPF_BLESS=1 writes what is printed into the pages.
. "$(dirname "$0")/../cli/common.bash"
RX=ffpf-docs-$$-rx TX=ffpf-docs-$$-tx traffic=
pages=(README.md docs/README.md docs/LANGUAGE.md docs/EBPF.md docs/ARCHITECTURE.md docs/API.md docs/HACKING.md docs/FPL.md docs/FPL-KINDS.md)

cleanup() {
	trap - EXIT
	[ -z "$traffic" ] || kill "$traffic" 2>/dev/null
	ip netns del "$RX" 2>/dev/null
	ip netns del "$TX" 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# device: makes the picture above; fails, with the reason in $tmp/why, where that can't be done.
device() {
	ip netns add "$RX" 2>"$tmp/why" && ip netns add "$TX" 2>"$tmp/why" || return 1
	local ns
	for ns in "$RX" "$TX"; do
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
		ip -n "$ns" link set lo up
	done
	ip -n "$RX" link add eth0 type veth peer name v1 netns "$TX" 2>"$tmp/why" || return 1
	ip netns exec "$RX" ethtool -K eth0 gro off gso off tso off >/dev/null 2>&1
	ip -n "$RX" link set eth0 txqueuelen 10000 up && ip -n "$TX" link set v1 txqueuelen 10000 up
	ip netns exec "$RX" "$build/tests/xdphold" -i eth0 </dev/null >/dev/null 2>"$tmp/why" || return 1
	"$build/tests/gencap" -n 2000 "$tmp/traffic.pcap"
	ip netns exec "$TX" "$build/tests/sendpcap" -i v1 -r "$tmp/traffic.pcap" -R 2000 -l 300 >/dev/null 2>&1 &
	traffic=$!
}

# run_page FOLDER LIVE CLANG: its commands, one after the other in one shell; NNN.got beside each NNN.cmd.
run_page() (
	cd "$1" || exit 1
	mkdir work
	ln -s "$build" work/build
	printf '#!/bin/sh\nexec "%s/do" "$@"\n' "$source" >work/do
	chmod +x work/do
	cp "$source"/docs/*.c "$source"/docs/*.ffpf work/
	cd work || exit 1
	"$build/tests/gencap" -n 20000 trace.pcap
	status=0
	for command in ../???.cmd; do
		[ "$2" = yes ] || [ ! -e "${command%.cmd}.live" ] || continue
		[ "$3" = yes ] || [ ! -e "${command%.cmd}.clang" ] || continue
		text=$(cat "$command")
		(exit $status) # what $? is to the command
		eval "$text" >"${command%.cmd}.got" 2>&1 </dev/null
		status=$?
	done
)
export -f run_page
export build source
export PATH=$build/bin:$PATH COLUMNS=100

cmake --install "$build" --prefix "$tmp/prefix" >"$tmp/install.log" || { cat "$tmp/install.log"; exit 1; }
PKG_CONFIG_PATH=$(dirname "$(find "$tmp/prefix" -name ffpf.pc)")
export PKG_CONFIG_PATH
enter=(ip netns exec "$RX") has_device=yes
if ! device; then
	enter=() has_device=no
	echo "skipped: the commands that need a device: $(head -n 1 "$tmp/why")"
fi
has_clang=yes
if ! echo '#include <bpf/bpf_helpers.h>' | clang -target bpf "-I/usr/include/$(uname -m)-linux-gnu" -include linux/types.h -fsyntax-only -xc - 2>"$tmp/why"; then
	has_clang=no
	echo "skipped: the commands that need clang and the headers of libbpf: $(head -n 1 "$tmp/why")"
fi
commands=0
for page in "${pages[@]}"; do
	folder=$tmp/$(tr / - <<<"$page")
	mkdir "$folder"
	python3 "$source/tests/docs/commands.py" split "$source/$page" "$folder" || { fail "$page"; continue; }
	commands=$((commands + $(cat "$folder/last")))
	[ "$(cat "$folder/last")" -gt 0 ] || continue
	timeout 240 "${enter[@]}" bash -c 'run_page "$@"' run_page "$folder" $has_device $has_clang || fail "$page: the commands did not end"
	what=compare; [ -z "${FFPF_BLESS:-}" ] || what=bless
	python3 "$source/tests/docs/commands.py" $what "$source/$page" "$folder" || fail "$page"
done
[ $commands -gt 30 ] || fail "only $commands commands"
for id in $(sed -n 's/^FFPF_DIAG([A-Z_]*, "\(.*\)")$/\1/p' "$source/lib/include/ffpf/diag.def"); do
	grep -q "^| \`$id\` | " "$source/docs/LANGUAGE.md" || fail "LANGUAGE.md does not list the diagnostic $id"
done
# A command that stands elsewhere would be one that nobody tries.
for page in "${pages[@]}"; do
	awk -v page="$page" '
		/^```console/ { console = 1; next }
		/^```/ { console = 0 }
		!console && /^ *(\$ )?ffpf .*\[|^ *(\$ )?ffpf .*\(/ { print "FAIL: " page ":" NR ": a command outside of a console block: " $0; bad = 1 }
		END { exit bad }
	' "$source/$page" || failures=$((failures + 1))
done
finish
