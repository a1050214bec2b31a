#!/usr/bin/env bash
# The class ebpf: users' own programs in userspace and, through --replay, in the kernel, with the same results; whose
# state is whose; what is refused, and where in the flowgraph. Objects are made without a compiler (tests/objects/*.asm);
# where there is clang it makes some, too, with debug information and without.
. "$(dirname "$0")/common.bash"
objects=$build/tests/objects
cd "$tmp" || exit 1
savefile trace.pcap 30 20
before=$(cksum <trace.pcap)
bytes() { od -An -tx1 -v -j "$1" -N "$2" "$3" | tr -d ' \n'; } # bytes OFFSET NUMBER FILE
levels=user
if [ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null; then
	levels="user xdp"
else
	echo "note: --replay can't be had here: userspace only"
fi
option() { [ "$1" = user ] || echo --replay; }
state() { jq -r ".functions[] | select(.name == \"$1\") | .state.$2" "$tmp/out"; } # state FUNCTION KEY
out_of() { jq -r ".functions[] | select(.name == \"$1\") | .packets_out" "$tmp/out"; }
where() { jq -r ".functions[] | select(.name == \"$1\") | .flowspace" "$tmp/out"; }

for level in $levels; do
	# what it matches, and its state
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>(pktcount)"
	is "$(where e)" $level "where it runs"
	is "$(out_of e)" 20 "matched at $level"
	is "$(state e seen)" 50 "variable at $level"
	is "$(state e protocols)" 2 "entries of an array at $level"
	is "$(state e senders)" 1 "entries of a hash table at $level"

	# its number is the class of the packet
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=long,name=e)>[1:(pktcount,name=one)|2:(pktcount,name=two)]"
	is "$(state one packets),$(state two packets)" 0,50 "routed by class at $level"

	# by section; several functions, each with a state of its own, or sharing one
	run 0 --json $(option $level) "[pcap trace.pcap]>[(ebpf,\"$objects/several.o\",program=\"xdp/long\",name=a)|(BPF,udp)>(ebpf,\"$objects/several.o\",program=all,name=b)]"
	is "$(state a calls),$(state b calls)" 100,20 "states apart at $level"
	run 0 --json $(option $level) "[pcap trace.pcap]>[(ebpf,\"$objects/several.o\",program=long,instance=x,name=a)|(BPF,udp)>(ebpf,\"$objects/several.o\",program=all,instance=x,name=b)|(ebpf,\"$objects/several.o\",program=all,instance=y,name=c)]"
	is "$(state a calls),$(state b calls),$(state c calls)" 120,120,50 "states shared at $level"

	# small programs stand in the generated one: several, between functions that keep things of their own
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/inside.o\",name=a)>(rate)>(ebpf,\"$objects/inside.o\",name=b)>[9..99:(BPF,udp,name=u)>(ebpf,\"$objects/inside.o\",name=c)>(bytecount,name=n)|else:(ebpf,\"$objects/inside.o\",name=d)]"
	is "$(state a seen),$(state b seen)" 50,50 "programs in a row at $level"
	echo "$(state a zeros),$(state b zeros),$(state c seen),$(state c zeros),$(state d seen),$(state n bytes),$(out_of u)" >inside.$level
	is "$(cat inside.$level)" "$(cat inside.user)" "programs between functions at $level, as at user"
	is "$(state a zeros)" "$(state b zeros)" "the same packets, the same zeros at $level"
	run 0 explain --bpf $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/inside.o\")"
	out_lacks 'call [0-9]' "a small program is not called at $level"

	# padding is zero: the same key each time
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/padded.o\",name=e)"
	is "$(where e),$(out_of e),$(state e seen)" "$level,50,2" "keys with padding at $level"

	# written to, for those behind
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,\"$objects/writes.o\",writes=yes)>(BPF,\"ether[11] = 0x77\",name=f)>(write,\"$level.pcap\")"
	is "$(out_of f)" 50 "what a program wrote is seen behind it at $level"
	is "$(bytes 40 12 $level.pcap)" 020000000002020000000077 "the packet as written at $level"
done
is "$(cksum <trace.pcap)" "$before" "the savefile stays as it was"

# placement
run 0 --json "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=size,name=e)>[60:(pktcount,name=n)]"
is "$(state n packets)" 50 "a program of section tc"
run 0 --json "[pcap trace.pcap]>[(ebpf,\"$objects/loads.o\",name=e)|(BPF,\"ip proto 6\",name=b)]"
is "$(out_of e)" "$(out_of b)" "a socket filter with packet loads, as libpcap"
if [ "$levels" != user ]; then
	run 0 --json --replay "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=size,name=e)"
	is "$(where e)" user "a program of section tc with --replay"
	run 0 explain --replay "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=size)"
	out_has 'xdp: programs of the sections xdp and ffpf run here, and it is of another'
	run 0 --json --replay "[pcap trace.pcap]>[(ebpf,\"$objects/several.o\",program=all,instance=x,name=a)|(ebpf,\"$objects/several.o\",program=size,instance=x,name=b)]"
	is "$(where a),$(where b),$(state a calls)" user,user,50 "what shares a state runs on one level"
	run 0 --json --replay "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)@user"
	is "$(where e),$(out_of e)" user,20 "pinned to user"
	run 0 explain --bpf --replay "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\")"
	out_has 'call'
fi
run 2 --replay "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=size)@xdp"
err_has 'error\[pin-refused\].*programs of the sections xdp and ffpf run here'

# what is refused, and where
run 2 '[pcap trace.pcap]>(ebpf,nothing.o)'
err_has 'graph:1:25: error\[file-open\]: nothing.o: No such file or directory'
run 2 '[pcap trace.pcap]>(ebpf,trace.pcap)'
err_has 'error\[object\]: trace.pcap: not a BPF object'
run 2 "[pcap trace.pcap]>(ebpf,\"$objects/several.o\")"
err_has 'has 3 programs: say which with program='
err_has 'hint: its programs: all (xdp), long (xdp/long), size (tc)'
run 2 "[pcap trace.pcap]>(ebpf,\"$objects/several.o\",program=lang)"
err_has "error\[value-choice\].*has no program 'lang'"
run 2 "[pcap trace.pcap]>(ebpf,\"$objects/writes.o\")"
err_has "error\[program-refused\]: it writes to the packet: 'mark': insn 6"
err_has 'hint: writes=yes allows it to'
run 2 "[pcap trace.pcap]>(ebpf,\"$objects/outside.o\")"
err_has "error\[program-refused\]: the verifier refuses it: 'careless': insn 1"
run 2 "[pcap trace.pcap]>(ebpf)"
err_has 'error\[param-missing\]'
cp "$objects/udp.o" big.o
printf '\002' | dd of=big.o bs=1 seek=5 conv=notrunc status=none
run 2 '[pcap trace.pcap]>(ebpf,big.o)'
err_has 'big-endian BPF object: compile with -target bpfel'
if [ "$levels" != user ]; then # the kernel's verifier has a last word, and the function moves up
	run 2 --replay "[pcap trace.pcap]>(ebpf,\"$objects/outside.o\",writes=yes,name=e)"
	err_has "error\[place-nowhere\]: no flowspace can run 'e'"
	run 2 explain --replay "[pcap trace.pcap]>(ebpf,\"$objects/outside.o\",writes=yes,name=e)"
	err_has "error\[place-nowhere\]: no flowspace can run 'e'"
	err_has "xdp: the kernel refused it: .*; user: 'careless': insn 1"
fi

# the time is the packet's where packets were captured at another time, and now's else
run 0 --json "[pcap trace.pcap]>(ebpf,\"$objects/clock.o\",name=e)"
is "$(jq '.functions[1].state.last / 1e6 | round' out)" 1700000000049 "the time of the last packet, ms"

# by a compiler
if ! command -v clang >/dev/null || ! echo '#include <bpf/bpf_helpers.h>' | clang -target bpf "-I/usr/include/$(uname -m)-linux-gnu" -include linux/types.h -fsyntax-only -xc - 2>/dev/null; then
	echo "skipped: no clang for BPF here: programs in C"
	finish
	exit
fi
compile() { clang -O2 -target bpf "-I/usr/include/$(uname -m)-linux-gnu" "$@" || fail "clang $*"; }
compile -g -c "$source/tests/objects/kinds.c" -o kinds.o
compile -g -c "$source/tests/objects/tail.c" -o tail.o
for level in $levels; do
	run 0 --json $(option $level) "[pcap trace.pcap]>(ebpf,kinds.o,program=sums,name=e)>(pktcount)"
	is "$(where e)" $level "where it runs"
	is "$(out_of e)" "$(state e even)" "a match is counted by the program and by ffpf"
	is "$(state e seen),$(state e started),$(state e packets),$(state e bytes),$(state e least)" 50,103,50,3000,-60 "variables and members at $level"
	is "$(state e sizes),$(state e recent),$(state e nets)" 1,1,1 "entries at $level"
	run 0 --json $(option $level) '[pcap trace.pcap]>(ebpf,tail.o,program=first,name=e)>[6:(pktcount,name=tcp)|else:(pktcount,name=others)]'
	is "$(where e),$(state e in_tcp),$(state e in_others),$(state tcp packets),$(state others packets)" $level,30,20,30,20 "tail calls"
done
# one that has it all comes to the same at every level
compile -g -c "$source/tests/objects/flows.c" -o flows.o
"$build/tests/gencap" -n 5000 -m tcp=6,udp=3,icmp,ipv6,vlan mixed.pcap
for level in $levels; do
	run 0 --json $(option $level) '[pcap mixed.pcap]>(ebpf,flows.o,name=e)>[6:(pktcount,name=tcp)|17:(pktcount,name=udp)|else:(pktcount,name=others)]'
	is "$(where e)" $level "where it runs"
	jq -S '[.functions[] | {name, packets_in, packets_out, state}]' "$tmp/out" >"$level.results"
done
[ "$levels" = user ] || diff user.results xdp.results || fail "flows.c: user and xdp differ"
jq -e 'map(select(.name == "e"))[0] | .packets_out == .state.packets and .state.flows > 100' user.results >/dev/null || fail "flows.c: $(cat user.results)"

run 0 --json '[pcap trace.pcap]>(ebpf,kinds.o,program=marks,name=e)>[6:(pktcount,name=tcp)|17:(pktcount,name=udp)]'
is "$(state tcp packets),$(state udp packets),$(state e seen)" 30,20,50 "a program over __sk_buff"
run 0 --json '[pcap trace.pcap]>(ebpf,kinds.o,program=types,name=e)'
is "$(out_of e)" 50 "the protocol of a socket buffer"
compile -c "$source/tests/objects/kinds.c" -o plain.o
run 2 '[pcap trace.pcap]>(ebpf,plain.o,program=sums)'
err_has 'compile with -g'
printf '%s\n' 'int f(void *ctx) { return 1; }' >none.c
compile -c none.c -o none.o
run 2 '[pcap trace.pcap]>(ebpf,none.o)'
err_has "it has no program: 'f' is in section '.text', say SEC"
printf '%s\n' '__attribute__((section("xdp"))) int f(void *ctx) { return 1; }' >plain.c
compile -c plain.c -o plain.o
run 0 --json '[pcap trace.pcap]>(ebpf,plain.o,name=e)'
is "$(out_of e)" 50 "without debug information"
clang -O2 -target bpfeb -c plain.c -o plain.o && run 2 '[pcap trace.pcap]>(ebpf,plain.o)' && err_has 'big-endian'
printf '%s\n' '#include <linux/bpf.h>' '__attribute__((section("xdp"))) int f(struct xdp_md *ctx)' '{' '	return *(char *)(long)ctx->data;' '}' >careless.c
compile -g -c careless.c -o careless.o
run 2 '[pcap trace.pcap]>(ebpf,careless.o)'
err_has 'careless.c:4: return \*(char \*)(long)ctx->data;'
finish
