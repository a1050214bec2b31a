# shellcheck shell=bash disable=SC2034
# What runs in the virtual machines, in this order, every other one in the first: both should end at the same time. Their
# kernel is 6.1: tests of tests/net that say something there which they can't say on the machine's own kernel belong in
# here, if they end in time under emulation (about 20 times slower).
VM_TESTS=(
	vm/in/args.sh
	vm/in/selftest.sh
	vm/in/live.sh
	vm/in/strsearch.sh
	vm/in/made.sh
	vm/in/stages.sh
	vm/in/stages_more.sh
	vm/in/tap.sh
	vm/in/graph.sh
	vm/in/equal.sh
	vm/in/taps.sh
	vm/in/fuzz.sh
	vm/in/lives.sh
	net/count.sh  # 11 s
	net/drop.sh   # 11 s
	net/tc.sh     # 34 s: clsact, where there is no TCX; what a killed ffpf left; dir=out
	net/levels.sh # 23 s: metadata of 32 bytes from xdp to tc; the same counts at every level
)
# These pass there, too, but all of them together would take too long: by name, or `more` for all (VM_LIMIT=1500).
VM_MORE=(
	net/vlan.sh   # 12 s: tags that are not among the bytes
	net/tags.sh    # 45 s
	net/meta.sh    # 60 s
	net/trace.sh   # 30 s
	net/order.sh   # 56 s
	net/ends.sh
	net/sigint.sh  # 22 s
	net/generic.sh # 14 s: before Linux 6.3 no driver declares what XDP it has
	net/barrier.sh
	net/kill.sh
	net/multidev.sh
	net/take.sh
	net/frags.sh   # 15 s
	net/vanish.sh  # 13 s
)
