#!/usr/bin/env bash
# The classes written in FPL find in a savefile what their models (classes.py) find, in userspace and, as root, through the
# kernel's test runner: every counter, bucket and row of a table.
. "$(dirname "$0")/../cli/common.bash"
. "$(dirname "$0")/common.bash"
capture=$tmp/t.pcap
"$build/tests/genflows" -n 60 -z 200 "$capture" "$tmp/t.json" || fail "genflows"
printf '198.18.1.0/24\n# a comment\n2001:db8:0:2::/64\n192.0.2.53\n' >"$tmp/list"
levels=("")
if [ "$(id -u)" = 0 ]; then levels+=(--replay); else echo "skipped: replaying needs root"; fi

# level_of LEVEL: where functions have to run there
level_of() { [ "$1" = --replay ] && echo xdp || echo user; }
# found LEVEL CLASS ARGUMENTS: what ffpf keeps, in lines
found() {
	run 0 $1 --json --rows 1000000 "[pcap $capture]>($2${3:+,$3})"
	json ".functions[1].flowspace == \"$(level_of "$1")\" and .lost == 0 and .interpreted == 0"
	python3 "$source/tests/fpl/others.py" ffpf "$2" <"$tmp/out"
}
# check CLASS [NAME=VALUE…]: against the model
check() {
	local class=$1 arguments='' one level
	shift
	for one; do arguments+="${arguments:+,}${one%%=*}=\"${one#*=}\""; done
	expect "$class" "$capture" "$@" >"$tmp/expected" || fail "$class: no model"
	for level in "${levels[@]}"; do
		found "$level" "$class" "$arguments" >"$tmp/found"
		same "$tmp/expected" "$tmp/found" "$class $* ${level:-user}"
	done
}
check flows
check ratelimit rate=10 burst=3
check ratelimit rate=1000 burst=1 by=dst
check blocklist "list=$tmp/list"
check blocklist "list=$tmp/list" side=src
check blocklist "list=$tmp/list" side=dst
check vlanstat
check ttlcheck
check ttlcheck least=30 change=10
check dnscount
check conntrack
check firewall "allow=src net 198.18.0.0/16"
check firewall "allow=src net 192.0.2.0/24"
check synflood limit=50
check synflood limit=20 window=1
check portscan limit=30
check portscan limit=10 window=1
check dapper

for level in "${levels[@]}"; do
	# hash: both ways of a conversation, and all of it, are of one class; all classes get something
	run 0 $level --json "[pcap $capture]>(hash,4)>(FPL,{
		hash conversations[first: IPv6, second: IPv6, a: u16, b: u16, proto: u8]: { class: u32 };
		let turned = dst < src || (dst == src && dport < sport);
		let c = conversations.add(turned ? dst : src, turned ? src : dst, (turned ? dport : sport) ?? 0, (turned ? sport : dport) ?? 0, proto);
		if (c && c.new) c.class = class;
		if (c && c.class != class) differ++;
		if (class == 1) one++;
		if (class == 2) two++;
		if (class == 3) three++;
		if (class == 4) four++;
		if (class > 4) more++;
	})"
	json '.functions[2].state | .differ == 0 and .one > 100 and .two > 100 and .three > 100 and .four > 100 and .more == 0'
	json ".functions[2].flowspace == \"$(level_of "$level")\""

	# card: within four standard errors
	for of in src dst pair; do
		run 0 $level --json "[pcap $capture]>(card,$of)"
		wanted=$(python3 - "$source/tests/fpl" "$capture" $of <<-'PY'
			import sys
			sys.path.insert(0, sys.argv[1])
			from packets import packets
			key = {"src": lambda p: p.src, "dst": lambda p: p.dst, "pair": lambda p: (p.src, p.dst)}[sys.argv[3]]
			print(len({key(p) for p in packets(sys.argv[2]) if p.src is not None}))
		PY
		)
		json ".functions[1].state.different | . > $wanted * 0.935 and . < $wanted * 1.065"
	done

	# topk: the heaviest stand in the right order
	run 0 $level --json --rows 5 "[pcap $capture]>(topk,5,by=dst,of=bytes)"
	python3 "$source/tests/fpl/others.py" ffpf topk <"$tmp/out" | grep '^heaviest address' | sed 's/.*address=//; s/ .*//' | sort >"$tmp/found"
	python3 - "$source/tests/fpl" "$capture" >"$tmp/expected" <<-'PY'
		import collections, sys
		sys.path.insert(0, sys.argv[1])
		from packets import packets
		bytes = collections.Counter()
		for p in packets(sys.argv[2]):
		    if p.dst is not None:
		        bytes[p.dst] += p.len
		print(*sorted(str(a) for a, n in bytes.most_common(5)), sep="\n")
	PY
	same "$tmp/expected" "$tmp/found" "topk ${level:-user}"

	# p0f: what the reference finds
	"$build/tests/genflows" -k zoo -z 1500 "$tmp/zoo.pcap"
	for signatures in "$source/fpl/classes/systems.fp" /etc/p0f/p0f.fp; do
		[ -r "$signatures" ] || { echo "skipped: there is no $signatures"; continue; }
		run 0 $level --json --rows 1000000 "[pcap $tmp/zoo.pcap]>(p0f,\"$signatures\")"
		json ".functions[1].flowspace == \"$(level_of "$level")\" and .functions[1].packets_out == .functions[1].state.matched"
		python3 "$source/tests/fpl/others.py" hosts "$signatures" <"$tmp/out" | sort >"$tmp/found"
		"$build/tests/synmatch" "$signatures" "$tmp/zoo.pcap" | python3 "$source/tests/fpl/others.py" synhosts | sort >"$tmp/expected"
		same "$tmp/expected" "$tmp/found" "p0f $(basename "$signatures") ${level:-user}"
		[ "$(grep -vc '|???|' "$tmp/found")" -gt 500 ] || fail "p0f: few are known"
	done
done

# dapper finds what was done to the connections: losses, full receivers, slow senders
run 0 --json --rows 1000000 "[pcap $capture]>(dapper)"
python3 - "$tmp/out" "$tmp/t.json" >"$tmp/why" <<'PY'
import collections, ipaddress, json, sys
def address(text):
    a = ipaddress.ip_address(text)
    return str(a.version == 6 and a.ipv4_mapped or a)
rows = json.load(open(sys.argv[1]))["functions"][1]["tables"]["directions"]
found = {(address(r["sender"]), address(r["receiver"]), r["sport"], r["dport"]): r for r in rows}
wanted, seen = {"sender": 1, "network": 2, "receiver": 3}, collections.Counter()
for line in open(sys.argv[2]):
    c = json.loads(line)
    if c["kind"] != "connection" or c["outcome"] in ("refused", "unanswered"):
        continue
    r = found[address(c["server"]), address(c["client"]), c["sport"], c["cport"]]
    if r["bytes"] != c["data"][1] or r["again"] + r["probes"] != c["again"][1]:
        print("bytes or segments sent again", r, c)
    if c["case"] in wanted and (c["case"] != "network" or c["again"][1]):  # where nothing was lost, nothing shows
        seen[c["case"]] += 1
        if r["limit"] != wanted[c["case"]]:
            print("limited by", c["case"], r)
if min(seen[w] for w in wanted) < 3:
    print("too few", seen)
PY
is "$(head -3 "$tmp/why")" "" "dapper and what was done"

# ---- what is wrong with arguments and files is said at its place ---------------------------------------------------------
printf 'classes = unix\n[tcp:request]\nlabel = s:unix:A:\nsig = *:64:0:*:mss*4,0:mss,bad:df:0\n' >"$tmp/bad.fp"
run 2 "[pcap $capture]>(p0f,$tmp/bad.fp)"
err_has "bad.fp:4:28: error\[signature\]: no such TCP option"
run 2 "[pcap $capture]>(p0f,$tmp/none.fp)"
err_has 'error\[file-open\]'
run 2 "[pcap $capture]>(ratelimit)"
err_has 'error\[param-missing\]'
printf '198.18.1.0/33\n' >"$tmp/bad.list"
run 2 "[pcap $capture]>(blocklist,$tmp/bad.list)"
err_has 'bad.list:1'
# What the firewall refuses has a class of its own when it is asked to, and nothing else changes.
for level in "${levels[@]}"; do
	run 0 $level --json "[pcap $capture]>(firewall,\"src net 198.18.0.0/16\",denied=2)>[1: (pktcount,name=passed) | 2: (pktcount,name=denied)]"
	json '.functions as [$_, $f, $passed, $denied] | $f.filtered == 0 and $denied.packets_in > 0 and $passed.packets_in > 0'
	json '.functions as [$_, $f, $passed, $denied] | $denied.packets_in == $f.state.refused and $passed.packets_in + $denied.packets_in == $f.packets_in'
	passed=$(jq '.functions[2].packets_in' "$tmp/out")
	run 0 $level --json "[pcap $capture]>(firewall,\"src net 198.18.0.0/16\")"
	json ".functions[1].packets_out == $passed"

	# the same of the others that refuse packets: what left the flow without it is what has the class with it
	for refusing in "ratelimit,10,burst=3" "ratelimit,1000,burst=1,by=dst" "blocklist,\"$tmp/list\"" "blocklist,\"$tmp/list\",side=src" "blocklist,\"$tmp/list\",side=dst"; do
		run 0 $level --json --rows 1000000 "[pcap $capture]>($refusing,name=f)"
		alone=$(jq -c '.functions[1] | [.packets_out, .filtered]' "$tmp/out") kept=$(jq -c '.functions[1] | [.state, .tables]' "$tmp/out" | md5sum)
		run 0 $level --json --rows 1000000 "[pcap $capture]>($refusing,denied=2,name=f)>[1: (pktcount,name=passed) | 2: (pktcount,name=denied)]"
		is "$(jq -c '.functions as [$_, $f, $passed, $denied] | [$passed.packets_in, $denied.packets_in]' "$tmp/out")" "$alone" "($refusing,denied=2) ${level:-user}"
		is "$(jq -c '.functions[1] | [.state, .tables]' "$tmp/out" | md5sum)" "$kept" "what ($refusing,denied=2) keeps ${level:-user}"
		json '.functions as [$_, $f, $passed, $denied] | $f.filtered == 0 and $passed.packets_in > 0 and $denied.packets_in > 0'
		json ".functions[1].flowspace == \"$(level_of "$level")\""
		run 0 $level --json "[pcap $capture]>($refusing,denied=0,name=f)"
		is "$(jq '.functions[1].packets_out' "$tmp/out")" "$(jq '.[0]' <<<"$alone")" "($refusing,denied=0) ${level:-user}"
	done
done
finish
