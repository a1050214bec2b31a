#!/usr/bin/env bash
# New versions of a user's program while packets come: none is lost, what the maps hold is kept where they are laid out
# alike, and what is refused changes nothing. (tests/net/replace.sh does it on a device.)
. "$(dirname "$0")/common.bash"
objects=$build/tests/objects
tool=$build/tests/replacing
cd "$tmp" || exit 1
savefile trace.pcap 600 400
mkfifo pipe

# feed TIMES: the savefile's packets that often, in one savefile
feed() { { head -c 24 trace.pcap; for _ in $(seq "$1"); do tail -c +25 trace.pcap; done; } >pipe 2>/dev/null & }
# replace OPTIONS… -- GRAPH FUNCTION FILES…
replace() {
	local status=0
	"$tool" "$@" >out 2>err </dev/null || status=$?
	is "$status" 0 "exit status of: replacing $*"
	[ $status = 0 ] || cat err
}
of() { sed -n "s/^$1 .*[ ]$2=\([^ ]*\).*/\1/p" out; } # of FUNCTION WHAT
replaced() { sed -n "s/^replaced=.*$1=\([0-9]*\).*/\1/p;s/^$1=\([0-9]*\).*/\1/p" out | head -1; }

levels=user
[ "$(id -u)" = 0 ] && "$ffpf" --replay -q '[pcap trace.pcap]>(pktcount)' 2>/dev/null && levels="user xdp" || echo "note: --replay can't be had here"
for level in $levels; do
	option=; [ $level = user ] || option=-r
	# the same version: everything is kept
	feed 200
	replace $option -n 100 "[pcap pipe]>(ebpf,\"$objects/udp.o\",name=e)>(pktcount,name=n)" e "$objects/udp.o"
	is "$(of e in),$(of e lost),$(of e seen)" 200000,0,200000 "packets and the program's own count at $level"
	is "$(of e out),$(of n packets)" 80000,80000 "what matched at $level"
	is "$(replaced refused),$(replaced notices)" 0,0 "refused, notices at $level"
	grep -q "^e $level " out || fail "e did not run at $level"

	# another one, which has the same variables and one map that is laid out in another way
	feed 200
	replace $option -n 100 "[pcap pipe]>(ebpf,\"$objects/udp.o\",name=e)" e "$objects/later.o" "$objects/udp.o"
	is "$(of e in),$(of e lost),$(of e seen)" 200000,0,200000 "packets and count of two versions at $level"
	grep -q "notice: e: map 'protocols' begins afresh" err || fail "no notice of the map at $level"
	[ "$(of e out)" -gt 0 ] && [ "$(of e out)" -lt 200000 ] || fail "matched by two versions: $(of e out)"

	# two functions with one state, replaced together; what is refused changes nothing
	feed 100
	replace $option -n 50 "[pcap pipe]>[(ebpf,\"$objects/several.o\",program=all,instance=i,name=e)|(ebpf,\"$objects/several.o\",program=long,instance=i,name=f)]" e \
		"$objects/several.o" "$objects/writes.o" "$objects/several.o" /nonexistent trace.pcap
	is "$(of e in),$(of e calls),$(of f calls)" 100000,300000,300000 "a state of two functions at $level"
	[ "$(replaced refused)" -ge 30 ] || fail "refused: $(replaced refused)"
	grep -q "refused: e: .*has no program 'all'" err || { fail "why it was refused"; cat err; }
done

# programs that others tail-call are replaced with them
if clang -O2 -g -target bpf "-I/usr/include/$(uname -m)-linux-gnu" -c "$source/tests/objects/tail.c" -o tail.o 2>/dev/null; then
	for level in $levels; do
		option=; [ $level = user ] || option=-r
		feed 200
		replace $option -n 100 "[pcap pipe]>(ebpf,tail.o,program=first,name=e)>[6:(pktcount,name=tcp)|else:(pktcount,name=others)]" e tail.o
		is "$(of e in_tcp),$(of e in_others)" 120000,80000 "tail calls at $level"
		is "$(of tcp packets),$(of others packets)" 120000,80000 "classes of tail calls at $level"
		grep -q "^e $level " out || fail "tail calls did not run at $level"
	done
else
	echo "skipped: no clang for BPF here: tail calls"
fi

replace -n 1 "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)>(pktcount,name=n)" n "$objects/udp.o"
grep -q "refused: 'n' is not made from a file" err || fail "a function that can't be replaced"
replace -n 1 "[pcap trace.pcap]>(ebpf,\"$objects/udp.o\",name=e)" nobody "$objects/udp.o"
grep -q "refused: there is no function 'nobody'" err || fail "a function that is not there"
finish
