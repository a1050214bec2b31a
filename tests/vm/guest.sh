#!/usr/bin/env bash
# Runs in the virtual machine, as root: each test named, one after the other, then a look at the kernel's log. What a
# test prints goes to results/NAME.out, how it ended to results/ended; the last line of that has the token.
#
#   guest.sh BUILD_DIR MODULE.ko TEST…      TEST: vm/in/NAME.sh or net/NAME.sh, in the folder of tests
BUILD=$1
MODULE=$2
shift 2
tests=$(cd "$(dirname "$0")/.." && pwd)
results=/run/results
export MODULE
export FFPF_TEST_MOMENT=6 # see tests/net/lib.sh

now() { date +%s%N; }
# What the kernel says when something is wrong with it, or with us
trouble='BUG|WARNING|Oops|general protection|refcount|use-after-free|unregister_netdevice: waiting|leak|Out of memory|hung task|stall|scheduling while|sleeping function|not so:'

# qemu (7.2 was seen to) may keep a translation of the breakpoint that stands where the kernel patches itself: a CPU
# that comes by traps for ever ("soft lockup"). The static branches that each packet comes by are switched by the first
# and the last ingress hook of any device; with one that stays, no test switches them under packets.
tc qdisc add dev lo clsact || echo "lo has no hook that stays" >>"$results/ended"

dmesg --clear 2>/dev/null
for test in "$@"; do
	name=$(basename "$test" .sh)
	begin=$(now)
	timeout -k 10 "${VM_TEST_LIMIT:-300}" bash "$tests/$test" "$BUILD" >"$results/$name.out" 2>&1 </dev/null
	status=$?
	dmesg >"$results/$name.log"
	dmesg --clear
	grep -E "$trouble" "$results/$name.log" >"$results/$name.trouble" && status=98
	echo "$test $status $((($(now) - begin) / 1000000))" >>"$results/ended"
done
echo "end $TOKEN" >>"$results/ended"
