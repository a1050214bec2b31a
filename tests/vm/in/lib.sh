# shellcheck shell=bash
# Sourced by the tests of this folder, which run inside the virtual machine: the two namespaces of tests/net/lib.sh, and
# the module. Its own program instead of ffpf: vm_kmod_live (tests/vm/kmod_live.c).
FFPF_TOOLS_ONLY=1
. "$(dirname "${BASH_SOURCE[0]}")/../../net/lib.sh"

insmod() { "$VM_ROOT/bin/busybox" insmod "$@"; }
rmmod() { "$VM_ROOT/bin/busybox" rmmod "$@"; }
loaded() { grep -q '^ffpf ' /proc/modules; }
users() { awk '$1 == "ffpf" { print $3 }' /proc/modules; }
module() { loaded || insmod "$MODULE" || die "the module does not load"; }

# live ARGS…: vm_kmod_live in rx, in the background; returns when it is ready
live() {
	rm -f "$TMP/end"
	mkfifo "$TMP/end"
	: >"$TMP/live"
	ip netns exec "$RX" "$TOOLS/vm_kmod_live" -i v0 "$@" <"$TMP/end" >"$TMP/live" 2>&1 &
	FFPF_PID=$!
	exec 9>"$TMP/end"
	wait_for 20 grep -q ready "$TMP/live" || die "vm_kmod_live: $(cat "$TMP/live")"
}

# rest: ends it; STATUS, and what it printed for `got`
rest() {
	sleep 0.2
	exec 9>&-
	wait "$FFPF_PID"
	STATUS=$?
	FFPF_PID=
	tail -n 1 "$TMP/live"
}
# got NAME: a number that it printed
got() { sed -n "s/.*\<$1=\([^ ]*\).*/\1/p" "$TMP/live" | tail -n 1; }
