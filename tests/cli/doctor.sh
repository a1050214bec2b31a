#!/usr/bin/env bash
# ffpf doctor: whatever this machine offers, the report has its form and its exit status, and nothing is changed.
. "$(dirname "$0")/common.bash"

expected() { if jq -e .ok "$tmp/doc" >/dev/null; then echo 0; else echo 3; fi; }
"$ffpf" doctor --json >"$tmp/doc" 2>"$tmp/err"
status=$?
is $status "$(expected)" "exit status of doctor --json"
err_empty
cp "$tmp/doc" "$tmp/out"
json '.findings | all((.level | IN("ok","note","warning","missing")) and (.text | type) == "string" and .topic != "" and .name != "")'
json '.ok == (.findings | all(.level != "missing"))'
json '.findings | map(.topic) | contains(["kernel","eBPF","lo"])'
json '.findings | map(select(.level == "missing")) | all(has("advice") or .topic == "eBPF")'

"$ffpf" doctor lo >"$tmp/out" 2>"$tmp/err"
is $? "$(expected)" "exit status of doctor lo"
err_empty
out_has '^lo$'
out_has 'MTU  *65536'
out_lacks $'\033'
run 2 doctor nonexistent0
err_has "no device 'nonexistent0'"
out_empty

# a device of this test's own, in a network namespace: down, then up
if [ "$(id -u)" = 0 ] && unshare -n ip link add dfa type veth peer name dfb 2>/dev/null; then
	unshare -n bash -c 'ip link add dfa type veth peer name dfb; "$1" doctor --json dfa >"$2.down"; ip link set dfa up; ip link set dfb up
		ip link set dfa mtu 1300; "$1" doctor --json dfa >"$2.up"' bash "$ffpf" "$tmp/veth"
	cp "$tmp/veth.down" "$tmp/out"
	json '.findings[] | select(.topic == "dfa" and .name == "link") | .level == "note" and (.advice | startswith("ip link set dev dfa up"))'
	cp "$tmp/veth.up" "$tmp/out"
	json '.findings[] | select(.topic == "dfa" and .name == "driver") | .text == "veth"'
	json '.findings[] | select(.topic == "dfa" and .name == "link") | .level == "ok"'
	json '.findings[] | select(.topic == "dfa" and .name == "MTU") | .text == "1300"'
	json '.findings[] | select(.topic == "dfa" and .name == "occupied") | .level == "ok"'
else
	echo "no network namespaces here: veth devices were not looked at"
fi

# without privileges: what is missing is said, with what to do
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$tmp"
	install -m 755 "$ffpf" "$tmp/ffpf"
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$tmp/ffpf" doctor lo >"$tmp/out" 2>"$tmp/err"
	is $? 3 "exit status without privileges"
	out_has 'missing *privileges'
	out_has 'setcap cap_bpf'
	err_empty
fi
finish
