#!/usr/bin/env bash
# ffpf vm: the door for conformance suites.
source "$(dirname "$0")/common.bash"

# vm WANTED_STATUS WANTED_OUTPUT PROGRAM ARGS…
vm() {
	local status=0 wanted=$1 output=$2 program=$3
	shift 3
	echo "$program" | "$ffpf" vm "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	[ "$status" = "$wanted" ] || fail "vm $* on '$program': status $status, not $wanted: $(cat "$tmp/err")"
	[ "$(cat "$tmp/out")" = "$output" ] || fail "vm $* on '$program': '$(cat "$tmp/out")', not '$output'"
	[ "$wanted" != 0 ] || [ ! -s "$tmp/err" ] || fail "vm $*: something on standard error: $(cat "$tmp/err")"
}

exit='95 00 00 00 00 00 00 00'
load3="71 10 03 00 00 00 00 00 $exit"
load5="71 10 05 00 00 00 00 00 $exit"
for how in --interp --jit ''; do
	[ "$how" != --jit ] || [ "$(uname -m)" = x86_64 ] || continue
	vm 0 2a "b7 00 00 00 2a 00 00 00 $exit" $how
	vm 0 ffffffffffffffff "b7 00 00 00 ff ff ff ff $exit" $how
	vm 0 cc "$load3" $how 'aa bb 11 cc dd'
	vm 0 cc "${load3// /}" $how aabb11ccdd
	vm 0 cc "$load3" $how aa bb 11 cc dd
	vm 0 5 "bf 20 00 00 00 00 00 00 $exit" $how 'aa,bb,11,cc,0xdd' # r2 is the length
	vm 0 0 "bf 20 00 00 00 00 00 00 $exit" $how
	# What the verifier refuses is not run, and says so; unless it is not asked.
	vm 2 '' "$load5" $how 'aa bb 11 cc dd'
	grep -q 'behind the end of the memory' "$tmp/err" || fail "no reason: $(cat "$tmp/err")"
	vm 0 ee "$load5" $how --no-verify 'aa bb 11 cc dd ee'
	vm 2 '' "05 00 ff ff 00 00 00 00 $exit" $how # for ever
	# no programs
	vm 2 '' '' $how
	vm 2 '' 'b7' $how
	vm 2 '' 'b7 0z' $how
	vm 2 '' 'b 7' $how
	vm 2 '' "$exit" $how 'a'
	vm 2 '' 'ff ff ff ff ff ff ff ff' $how --no-verify
done
finish
