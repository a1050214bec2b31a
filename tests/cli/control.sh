#!/usr/bin/env bash
# The control socket: who is let in, what is left behind, every command of ffpf ctl on a running graph, maps as tables and
# as JSON, new versions over the socket and by SIGHUP, and bad requests, clients that say nothing or too much.
. "$(dirname "$0")/common.bash"
objects=$build/tests/objects
cd "$tmp" || exit 1
savefile a.pcap 30 20
socket=$tmp/s
mkfifo pipe
# start GRAPH ARGS…: a run that goes on until it is told to end; $pid
start() {
	exec 7<>pipe # a writer that stays
	cat a.pcap >&7
	env --default-signal=INT --default-signal=HUP "$ffpf" --control "$socket" "$@" >run.out 2>run.err 7>&- &
	pid=$!
	for _ in $(seq 200); do
		if [ -S "$socket" ] && "$ffpf" ctl "$socket" stats 2>/dev/null | jq -e '.functions[0].packets_in == 50' >/dev/null; then return; fi
		sleep 0.05
	done
	fail "the run does not begin: $(cat run.err)"
}
ended() { # ended STATUS WHAT
	local status=0
	wait $pid || status=$?
	exec 7>&-
	is $status "$1" "exit status of the run, $2"
	[ ! -e "$socket" ] || fail "$2: the socket is left"
}
ctl() { local status=$1; shift; run "$status" ctl "$socket" "$@"; }
# raw TEXT: what the run answers to bytes of any kind
raw() {
	python3 - "$socket" "$1" <<-'PY' >"$tmp/out"
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(30)
	s.connect(sys.argv[1])
	s.sendall(sys.argv[2].encode("utf-8", "surrogateescape").decode("unicode_escape").encode("latin-1"))
	s.shutdown(socket.SHUT_WR)
	while True:
	    got = s.recv(65536)
	    if not got: break
	    sys.stdout.write(got.decode())
	PY
}

# ---- functions without maps
start '[pcap pipe]>[(pktcount)|(hist)]'
is "$(stat -c '%a %F' "$socket")" '600 socket' "who may connect"
ctl 0 list
out_has '^function  *class  *where'
out_has '^pktcount0  *pktcount  *user'
err_empty
ctl 0 list --json
json '[.functions[].name] == ["pcap0", "pktcount0", "hist0"] and all(.functions[]; .replaceable == false and .maps == [])'
ctl 0 read pktcount0
out_has '^pktcount0.packets  50$'
ctl 0 --json read hist0
json '.function == "hist0" and .state.lengths == [{"from":32,"to":63,"count":50}] and .maps == []'
ctl 0 stats
json '(.functions | length) == 3 and .lost == 0 and has("elapsed_s") and (has("ok") | not)'

# what is wrong is said
ctl 2 read pktcont0
err_has "no function 'pktcont0'; did you mean 'pktcount0'"
ctl 2 read pktcount0 hosts
err_has "function 'pktcount0' has no map 'hosts'"
ctl 2 replace pktcount0
err_has "'pktcount0' is not made from a file"
ctl 2 replace pktcount0 nothing.o
err_has 'nothing.o: No such file'
ctl 2 lst
err_has "ctl has no 'lst'; did you mean 'list'"
ctl 2 read
err_has 'ctl read needs a function'
ctl 2 stats pktcount0
err_has 'ctl stats takes no argument'
run 2 ctl "$socket"
err_has 'ffpf ctl PATH list'
run 1 ctl "$tmp/none" list
err_has 'No such file'
run 2 ctl "$(printf '%0110d' 0)" list
err_has '1 to 107 bytes'

# a second run leaves the first alone
run 1 --control "$socket" '[pcap a.pcap]>(pktcount)'
err_has 'another process listens there'
out_empty
ctl 0 list

# requests of any kind: an answer to each line, and the run goes on
raw '{"version":1,"command":"list"}\n{"version":1,"command":"read","function":"pktcount0"}\n'
jq -es 'length == 2 and all(.ok and .version == 1) and .[1].state.packets == 50' out >/dev/null || fail "two requests at once: $(head -c 300 out)"
while IFS='|' read -r request words; do
	raw "$request"
	jq -es --arg words "$words" 'length == 1 and (.[0].ok == false) and (.[0].error | contains($words)) and .[0].status == 2' out >/dev/null ||
		fail "$request: $(head -c 300 out)"
done <<'CASES'
\n|not JSON
x\n|not JSON
[]\n|a JSON object
{}\n|a version and a command
{"version":2,"command":"list"}\n|'version' is not a number from 1 to 1
{"version":1,"command":"lst"}\n|no command 'lst'
{"version":1,"command":7}\n|no command
{"version":1,"command":"list","more":1}\n|a request has no 'more'
{"version":1,"command":"list","command":"stop"}\n|not JSON
{"version":1,"command":"list","function":"pktcount0"}\n|'list' has other arguments
{"version":1,"command":"read"}\n|'read' has other arguments
{"version":1,"command":"read","function":""}\n|'function' is not a text
{"version":1,"command":"read","function":"a\\u0000b"}\n|not JSON
{"version":1,"command":"read","function":"pktcount0","from":1}\n|'read' has other arguments
{"version":1,"command":"read","function":"pktcount0","map":"m","from":-1}\n|'from' is not a number
{"version":1,"command":"read","function":"pktcount0","map":"m","limit":0}\n|'limit' is not a number
{"version":1,"command":"replace","function":"pktcount0","file":"a.o"}\n|'file' is not an absolute path
\xff\xfe\n|not JSON
CASES
raw "$(printf '%070000d' 0)"
jq -es 'length == 1 and .[0].error == "the request is too long"' out >/dev/null || fail "a long request: $(head -c 300 out)"
raw '{"version":1'
[ ! -s out ] || fail "half a request is answered"

# clients that say nothing do not keep others out for ever: eight may stay, the ninth waits until one goes
python3 - "$socket" <<'PY' || fail "many clients"
import json, socket, sys
ask = lambda s: s.sendall(b'{"version":1,"command":"list"}\n')
def answer(s):
    got = b""
    while not got.endswith(b"\n"):
        more = s.recv(65536)
        assert more
        got += more
    return json.loads(got)["ok"]
clients = []
for i in range(9):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect(sys.argv[1])
    clients.append(s)
ask(clients[7])
assert answer(clients[7])
ask(clients[8])
clients[8].settimeout(0.5)
try:
    clients[8].recv(1)
    raise SystemExit("the ninth is served")
except socket.timeout:
    pass
clients[8].settimeout(30)
clients[0].close()
assert answer(clients[8])
PY

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$tmp"
	cp "$ffpf" "$tmp/ffpf" && chmod 755 "$tmp/ffpf"
	status=0
	setpriv --reuid 65534 --clear-groups "$tmp/ffpf" ctl "$socket" list >out 2>err || status=$?
	is $status 3 "another user"
	chmod 666 "$socket" # and if somebody opens it: the kernel says who came
	status=0
	setpriv --reuid 65534 --clear-groups "$tmp/ffpf" ctl "$socket" list >out 2>err || status=$?
	is $status 3 "another user, let in by the mode"
	err_has "another user's run"
fi
ctl 0 stop
ended 0 'ctl stop'
grep -q '^pktcount0 .*packets=50' run.out || fail "no results after ctl stop"
[ ! -s run.err ] || fail "messages: $(cat run.err)"

# ---- what is at the path already
start '[pcap pipe]>(pktcount)'
{ kill -KILL $pid; wait $pid; } 2>/dev/null
exec 7>&-
[ -S "$socket" ] || fail "nothing was left to be found"
run 1 ctl "$socket" list
err_has 'nobody answers there'
start '[pcap pipe]>(pktcount)'
rm "$socket" # somebody put another thing there
echo precious >"$socket"
kill -TERM $pid
wait $pid
exec 7>&-
is "$(cat "$socket")" precious 'a file that is not ours'
run 2 --control "$socket" '[pcap a.pcap]>(pktcount)'
err_has 'something that is not a socket'
is "$(cat "$socket")" precious 'a file that is not ours'
rm "$socket"
echo precious >real
ln -s real "$socket"
run 2 --control "$socket" '[pcap a.pcap]>(pktcount)'
is "$(cat real)" precious 'what a link leads to'
rm "$socket"
run 2 --control "$(printf '%0110d' 0)" '[pcap a.pcap]>(pktcount)'
err_has 'a socket has 1 to 107 bytes'
run 2 --control '' '[pcap a.pcap]>(pktcount)'
run 1 --control "$tmp/no/such/folder" '[pcap a.pcap]>(pktcount)'
err_has 'No such file'
run 2 check --control "$socket" '[pcap a.pcap]>(pktcount)'
err_has 'does not go with'

# ---- users' programs
cp "$objects/udp.o" web.o
start '[pcap pipe]>(ebpf,web.o,name=web)>(pktcount)'
ctl 0 list
out_has '^web  *ebpf  *user  *protocols  *array  *4  *8  *256$'
ctl 0 list --json
json '.functions[1] | .replaceable and ([.maps[].name] | sort) == [".bss", "protocols", "senders"]'
ctl 0 read web senders
is "$(cat out)" "web senders: hash, 1 of 4096 entries
key       value
c6120001  0100000000000000" "a table"
ctl 0 read web
out_has '^web .bss: variables$'
out_has '^seen  *50$'
out_has '^web protocols: array, 256 of 256 entries$'
out_has '^ *6  1e00000000000000$'
ctl 0 read web protocols --json
json '.maps[0] | .name == "protocols" and .kind == "array" and .total == 256 and (.entries | length) == 256 and .entries[17] == {"key": 17, "value": "1400000000000000"}'
raw '{"version":1,"command":"read","function":"web","map":"protocols","from":250,"limit":4}\n'
json '.more and [.entries[].key] == [250, 251, 252, 253]'
raw '{"version":1,"command":"read","function":"web","map":"protocols","from":254,"limit":4}\n'
json '(.more | not) and [.entries[].key] == [254, 255]'
raw '{"version":1,"command":"read","function":"web","map":"protocols","from":1000}\n'
json '(.more | not) and .entries == []'

# a map of more entries than an answer has
ctl 0 stop
ended 0 'ctl stop'
sed 's/map protocols array 4 8 256/map protocols array 4 8 40000/' "$source/tests/objects/udp.asm" | "$build/tests/mkobject" large.o || fail "mkobject"
start '[pcap pipe]>(ebpf,large.o,name=web)>(pktcount)'
ctl 0 read web protocols --json
json '.maps[0] | .total == 40000 and (.entries | length) == 40000 and [.entries[].key] == [range(40000)] and .entries[17].value == "1400000000000000"'
ctl 0 read web protocols
is "$(wc -l <out)" 40002 "rows"
ctl 0 stop
ended 0 'ctl stop'
start '[pcap pipe]>(ebpf,web.o,name=web)>(pktcount)'

# a new version over the socket: maps that agree go on, others begin afresh; a bad one changes nothing
cp "$objects/later.o" next.o
ctl 0 replace web next.o
err_has "notice: web: map 'protocols' begins afresh"
cat a.pcap | tail -c +25 >&7 # the same packets once more
for _ in $(seq 100); do
	ctl 0 stats
	json '.functions[1].packets_in == 100' 2>/dev/null >/dev/null && break
	sleep 0.05
done
json '.functions[1] | .packets_out == 50 and .filtered == 50 and .lost == 0' # 20 UDP by the old one, 30 TCP by the new
ctl 0 read web .bss --json
json '.maps[0].entries[0].value.seen == 100'
cp "$objects/outside.o" next.o
ctl 2 replace web next.o
err_has 'careless'
echo x >next.o
ctl 2 replace web next.o
ctl 0 stats
json '.functions[1].packets_in == 100'

# SIGHUP reads the file again, as often as it comes, and does not end the run
kill -HUP $pid
for _ in $(seq 100); do grep -q 'web: its file was read again' run.err && break; sleep 0.05; done
grep -q 'web: its file was read again' run.err || fail "SIGHUP: $(cat run.err)"
echo x >web.o
kill -HUP $pid
for _ in $(seq 100); do grep -q 'web stays as it is' run.err && break; sleep 0.05; done
grep -q 'web stays as it is: .*not a BPF object' run.err || fail "SIGHUP, bad file: $(cat run.err)"
ctl 0 stats
json '.functions[1].packets_in == 100 and .lost == 0'
kill -INT $pid
ended 0 'SIGINT'

# keys and values by what BTF says of them
if ! command -v clang >/dev/null || ! echo '#include <bpf/bpf_helpers.h>' | clang -target bpf "-I/usr/include/$(uname -m)-linux-gnu" -include linux/types.h -fsyntax-only -xc - 2>/dev/null; then
	echo "skipped: no clang for BPF here: decoded keys and values"
	finish
	exit
fi
clang -O2 -g -target bpf "-I/usr/include/$(uname -m)-linux-gnu" -c "$source/tests/objects/talk.c" -o talk.o || fail "clang"
start '[pcap pipe]>(ebpf,talk.o,name=talk)>(pktcount)'
ctl 0 read talk flows
is "$(cat out)" "talk flows: hash, 2 of 64 entries
source      port  protocol  packets  bytes  flags  kind  name
198.18.0.1    53        17       20   1200      5   300  web
198.18.0.1    80         6       30   1800      5   300  web" "members"
ctl 0 read talk protocols --json
json '.maps[0].values >= 1 and ([.maps[0].entries[].value] | add) == 50'
ctl 0 read talk .rodata
out_has '^limit  *7$'
ctl 0 stop
ended 0 'ctl stop'
finish
