# Sourced by the tests of FPL's classes, after cli/common.bash: captures, and what other tools say of them.
expect() { python3 "$source/tests/fpl/expect.py" "$@"; }
# same FILE FILE WHAT: two sorted lists of lines
same() { diff "$1" "$2" >"$tmp/diff" || { fail "$3: $(grep -c '^[<>]' "$tmp/diff") lines differ"; head -20 "$tmp/diff"; }; }
flows_of_nfpcapd() { # flows_of_nfpcapd FILE: in the lines of `expect records`
	rm -rf "$tmp/nf" && mkdir "$tmp/nf"
	nfpcapd -r "$1" -w "$tmp/nf" >"$tmp/nf.log" 2>&1 || { fail "nfpcapd: $(tail -1 "$tmp/nf.log")"; return; }
	TZ=UTC nfdump -R "$tmp/nf" -q -6 -o 'fmt:%ts|%te|%pr|%sa|%sp|%da|%dp|%pkt|%byt|%flg' 2>"$tmp/nf.log" |
		python3 "$source/tests/fpl/others.py" nfdump
}
syns_of_p0f() { # syns_of_p0f SIGNATURES FILE: a line for each client of a SYN
	rm -f "$tmp/p0f.log"
	p0f -f "$1" -r "$2" -o "$tmp/p0f.log" -m 100000,100000 >"$tmp/p0f.out" 2>&1 || { fail "p0f: $(tail -3 "$tmp/p0f.out")"; return; }
	python3 "$source/tests/fpl/others.py" p0f <"$tmp/p0f.log"
}
syns_of_reference() { "$build/tests/synmatch" "$@" | python3 "$source/tests/fpl/others.py" synmatch; }
