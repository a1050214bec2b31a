#!/usr/bin/env bash
# What is wrong with a request: all of it in one run, and nothing that follows only from the rest.
. "$(dirname "$0")/common.bash"

gencap=$build/tests/gencap
"$gencap" -n 10 "$tmp/ten.pcap"
cd "$tmp" || exit 1

# errors 'WHERE ID …' ARGS…: exactly these errors, in the order in which they are printed
errors() {
	local expected=$1 got
	shift
	run 2 "$@"
	got=$(sed -nE 's/^[^ :]*:([0-9]+:[0-9]+): error\[([a-z-]*)\].*/\1 \2/p' "$tmp/err" | tr '\n' ' ')
	[ "${got% }" = "$expected" ] || { fail "ffpf $*: '${got% }', expected '$expected'"; sed 's/^/    /' "$tmp/err"; }
}

# Filters are compiled for a link type: without one, what is wrong for all of them.
errors '1:53 value-range 1:20 filter 1:41 filter' check '[dev lo]>(BPF,"tcp prot 80")>(BPF,"port foo")>(head,-1)'
errors '1:27 class-unknown 1:20 filter' check '[dev lo]>(BPF,"udp and")>(pkcount)'
errors '1:6 device-unknown 1:21 filter' check '[dev nix]>(BPF,"udp and")'
errors '1:6 device-unknown' check '[dev nix]>[(BPF,"wlan type mgt")|(BPF,"ether host 02:00:00:00:00:01")|(BPF,"vpi 1")|(BPF,"tcp")]'
errors '1:38 pin-refused 1:20 filter' check '[dev lo]>(BPF,"tcp prot 80")>(print)@xdp'
errors '1:27 filter 1:65 filter' check '[pcap ten.pcap]>(BPF,"tcp prot 80") | [pcap ten.pcap]>(BPF,"udp prot 80")'
errors '1:22 class-unknown 2:14 filter' check 'a = [pcap ten.pcap]>(BPFF,"udp")
a>(BPF,"port foo")
b = (BPF,"port bar")'

# labels of a route
errors '1:41 label-range 1:31 label-range 1:67 label-overlap' check '[dev lo]>(BPF,"tcp",class=2)>[0: (pass)|5..3: (pass)|else: (pass)|else: (pass)]>(pktcount)'
errors '1:41 syntax' check '[dev lo]>(BPF,"tcp",class=2)>[1: (pass)|x: (pass)|2: (pass)]>(pktcount)'

# what only follows
errors '1:10 param-missing' --json '[dev lo]>(write)'
errors '1:17 value-type' --json '[dev lo]>(write,"")'
errors '1:10 stdout-twice' --json '[dev lo]>(print)'
errors '1:1 name-reserved' check 'use = (pktcount)'
errors '1:1 name-is-class' check 'pktcount = (head,5)'
errors '1:1 graph-empty' check 'a = (pktcount)'

# ---- numbers -----------------------------------------------------------------------------------------------------------------
run 0 --json '[pcap ten.pcap]>(BPF,class=0x10)>[0x10: (pktcount,name=a)|else: (pktcount,name=b)]'
json '.functions[] | select(.name == "a") | .packets_in == 10'
run 0 --json '[pcap ten.pcap]>(head,0xA)>(pktcount)'

# ---- options -----------------------------------------------------------------------------------------------------------------
run 2 -D A=1 -D B=2 -D A=2 '[pcap $A]>(pktcount)'
err_has "^ffpf: .*'A' is given twice"
for name in 9 9a ''; do
	run 2 -D "$name=1" '[pcap ten.pcap]>(pktcount)'
	err_has '^ffpf: --define '
done
run 2 --buffer 99T '[pcap ten.pcap]>(pktcount)'
err_has '^ffpf: --buffer 99T: a size from 1 to 1T'
run 2 --buffer 99999999999999999999999 '[pcap ten.pcap]>(pktcount)'
err_has '^ffpf: --buffer 9*: a size from 1 to 1T'
run 2 --wake-us 99999999999 '[pcap ten.pcap]>(pktcount)'
err_has '^ffpf: --wake-us 99999999999: .* from 1 to 4294967295'
run 2 --wake-packets 99999999999999999999999 '[pcap ten.pcap]>(pktcount)'
err_has '^ffpf: --wake-packets 9*: .* from 1 to 4294967295'
run 0 --quiet --wake-packets 0x10 --buffer 0x10000 '[pcap ten.pcap]>(pktcount)'

# ---- levels ------------------------------------------------------------------------------------------------------------------
run 2 check 'a@user'
err_has 'hint: .*@xdp$'
run 2 check '[dev lo]>(pktcount)@gpu'
err_has "no flowspace 'gpu'"
run 0 man
out_has '^user, kmod, tc, xdp\.$'
finish
