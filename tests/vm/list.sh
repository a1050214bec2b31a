# shellcheck shell=bash disable=SC2034
# What runs in the virtual machine, in this order. Its kernel is 6.1: tests of tests/net that say something there which
# they can't say on the machine's own kernel belong in here, if they end in time under emulation (about 20 times slower).
VM_TESTS=(
	vm/in/selftest.sh
	vm/in/args.sh
	vm/in/live.sh
	vm/in/strsearch.sh
	vm/in/made.sh
	vm/in/stages.sh
	vm/in/stages_more.sh
	vm/in/lives.sh
	vm/in/graph.sh
	vm/in/equal.sh
	vm/in/taps.sh
	vm/in/fuzz.sh
	vm/in/tap.sh
	net/count.sh
	net/drop.sh
)
