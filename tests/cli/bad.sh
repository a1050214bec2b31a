#!/usr/bin/env bash
# Bad input from end to end: every failure is a message, an exact count and an exit status; --json stays a document; nothing hangs.
. "$(dirname "$0")/common.bash"

# limited STATUS ARGS…: as run, and no longer than a minute. In the debug build leaks and bad accesses change the status.
limited() {
	local expected=$1 status=0
	shift
	timeout 60 "$ffpf" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ $status = "$expected" ] || { fail "ffpf ${*: -1} ($expected): exit status $status"; head -c 1500 "$tmp/err" | sed 's/^/    /'; }
}
# counted STATUS N ARGS…: the document is there and closes, and `n` counted N packets
counted() {
	local n=$2
	limited "$1" "${@:3}"
	jq -e --argjson n "$n" '(.functions | all(.packets_in == .packets_out + .filtered + .lost)) and
		(.functions[] | select(.name == "n") | .state.packets) == $n' "$tmp/out" >/dev/null ||
		{ fail "${*: -1}: not $n packets"; head -c 600 "$tmp/out"; }
	[ "$1" = 0 ] || err_has '^ffpf: ' "${*: -1}"
}

# ---- savefiles ---------------------------------------------------------------------------------------------------------------
python3 - "$tmp" <<'PY'
import gzip, os, struct, sys
os.chdir(sys.argv[1])
data = bytes(range(20))
def record(n, caplen=20, length=20, body=data, subsec=0):
    return struct.pack("<IIII", n, subsec, caplen, length) + body
header = struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
def save(name, data):
    open(name, "wb").write(data)
save("small.pcap", header + record(1) + record(2) + record(3))
def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
section = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 65535))
save("small.pcapng", section + b"".join(block(6, struct.pack("<IIIII", 0, 0, n, 20, 20) + data) for n in range(3)))
save("small.gz", gzip.compress(header + record(1) + record(2) + record(3), mtime=0))
# record headers that lie, behind two good packets
good = header + record(1) + record(2)
lies = {"huge": record(3, 0xffffffff, 20), "negative": record(3, 0x80000000, 0x80000000), "long": record(3, 70000, 70000),
        "beyond": record(3, 1000, 1000), "zero": record(3, 0, 0, b""), "shorter": record(3, 20, 10), "longer": record(3, 20, 0xffffffff),
        "time": record(0xffffffff, 20, 20, data, 0xffffffff)}
for name, lie in lies.items():
    save("lie-" + name, good + lie)
save("lie-magic", b"\xa1\xb2\xc3\xd5" + good[4:])
save("lie-version", good[:4] + struct.pack("<HH", 9, 9) + good[8:])
save("lie-link", good[:20] + struct.pack("<I", 0xfffe) + good[24:])
ng = section + block(6, struct.pack("<IIIII", 0, 0, 0, 20, 20) + data)
save("lie-ng-interface", ng + block(6, struct.pack("<IIIII", 7, 0, 0, 20, 20) + data))
save("lie-ng-caplen", ng + block(6, struct.pack("<IIIII", 0, 0, 0, 2000, 2000) + data))
save("lie-ng-length", ng + struct.pack("<II", 6, 0xfffffff0) + data)
save("lie-ng-short", ng + struct.pack("<III", 6, 8, 8))
save("lie-ng-odd", ng + struct.pack("<II", 6, 33) + data * 2)
save("lie-ng-trailer", ng + block(6, struct.pack("<IIIII", 0, 0, 0, 20, 20) + data)[:-4] + struct.pack("<I", 1234))
PY
graph="[pcap $tmp/part]>(pktcount,name=n)"
# at every byte: the file header is the request's, what follows the packets'
for ((at = 0; at <= 132; at++)); do
	head -c $at "$tmp/small.pcap" >"$tmp/part"
	if [ $at -lt 24 ]; then
		limited 2 --json "$graph"
		out_empty "cut at $at"
		err_has '^graph:1:7: error.file-format.: .*\(cut\|is empty\|only [123] bytes\)' "cut at $at"
	elif [ $(((at - 24) % 36)) = 0 ]; then
		counted 0 $(((at - 24) / 36)) --json "$graph"
	else
		counted 1 $(((at - 24) / 36)) --json "$graph"
		err_has "$tmp/part: .*packet $(((at - 24) / 36 + 1))" "cut at $at"
	fi
done
for kind in pcapng gz; do
	size=$(stat -c %s "$tmp/small.$kind")
	for ((at = 0; at < size; at += 5)); do
		head -c $at "$tmp/small.$kind" >"$tmp/part"
		timeout 60 "$ffpf" --json "$graph" >"$tmp/out" 2>"$tmp/err" </dev/null
		case $? in
		0) [ $kind = pcapng ] || fail "a cut $kind is whole" ;;
		1) jq -e '.functions[1].state.packets <= 3 and .functions[1].state.packets == .functions[0].packets_out' "$tmp/out" >/dev/null || fail "$kind cut at $at: the count" ;;
		2) out_empty "$kind cut at $at" ;;
		*) fail "$kind cut at $at: exit status $?" ;;
		esac
		[ -s "$tmp/err" ] || [ $kind = pcapng ] || fail "$kind cut at $at: no message"
	done
done
lie() { # lie NAME STATUS [N]
	[ $# -lt 3 ] || { counted "$2" "$3" --json "[pcap $tmp/lie-$1]>(pktcount,name=n)"; return; }
	limited "$2" --json "[pcap $tmp/lie-$1]>(pktcount,name=n)"
	out_empty "$1"
	err_has 'error.file' "$1"
}
lie huge 1 2
lie negative 1 2
lie beyond 1 2
lie zero 0 3
lie longer 0 3
lie time 0 3
lie magic 2
lie version 2
for name in long shorter ng-interface ng-caplen ng-length ng-short ng-odd ng-trailer link; do
	timeout 60 "$ffpf" --json "[pcap $tmp/lie-$name]>(pktcount,name=n)>(BPF,\"tcp\")>(print,/dev/null)" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ $status -le 2 ] || fail "lie-$name: exit status $status"
	[ $status = 2 ] || json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
	[ $status = 0 ] || [ -s "$tmp/err" ] || fail "lie-$name: no message"
done

# what is no savefile
mkdir "$tmp/folder"
limited 2 "[pcap $tmp/folder]>(pktcount)"
err_has 'error.file-open.: .*[Dd]irectory'
limited 2 "[pcap /dev/null]>(pktcount)"
err_has 'error.file'
limited 2 "[pcap /nonexistent/x]>(pktcount)"
err_has 'error.file-open.: .*No such file'
limited 2 "[pcap $ffpf]>(pktcount)"
err_has 'error.file-format'
mkfifo "$tmp/fifo"
(cat "$tmp/small.pcap" >"$tmp/fifo") & writer=$!
counted 0 3 --json "[pcap $tmp/fifo]>(pktcount,name=n)"
wait $writer
(head -c 70 "$tmp/small.pcap" >"$tmp/fifo") & writer=$!
counted 1 1 --json "[pcap $tmp/fifo]>(pktcount,name=n)"
wait $writer
limited 2 "[pcap -]>(pktcount)"
err_has 'error.file'

# ---- texts -------------------------------------------------------------------------------------------------------------------
savefile "$tmp/a.pcap" 30 20
a="[pcap $tmp/a.pcap]"
limited 2 "$a>(BPF,\"tcp prot 80\")>(pktcount)"
err_has 'error.filter.: .*syntax error'
err_has '\^~~~'
limited 2 "$a>(BPF,\"tcp and (udp\")>(pktcount)"
err_has 'error.filter'
limited 2 "$a>(BPF,\"tcp port nonexistent-service\")>(pktcount)"
err_has 'error.filter'
limited 2 "$a>(BPF,\"inbound\")>(pktcount)"
err_has 'error.filter'
limited 2 "$(printf '[pcap \377\376]>(\001)')"
limited 2 "$a>(pktcount,name=\"$(printf '\377')\")"
# ten megabytes: of words, of comments before a graph, of one string
python3 - "$tmp" "$a" <<'PY'
import sys
tmp, a = sys.argv[1:]
open(tmp + "/words", "w").write("(pktcount) > " * 800000)
open(tmp + "/comments", "w").write("# a comment like any other\n" * 390000 + a + ">(pktcount,name=n)\n")
open(tmp + "/string", "w").write(a + '>(BPF,"' + "tcp or " * 1500000 + 'udp")>(pktcount)')
open(tmp + "/noise", "wb").write(bytes((i * 7919 + i // 251) % 256 for i in range(10 << 20)))
open(tmp + "/functions", "w").write(a + ">[" + "|".join("(pass,name=p%d)" % i for i in range(9998)) + "]>(pktcount,name=n)")
open(tmp + "/chain", "w").write(a + ">(pass)" * 9997 + ">(pktcount,name=n)")
for depth in 900, 1100:
    open(tmp + "/deep%d" % depth, "w").write("[" * depth + a + "]" * depth + ">(pktcount,name=n)")
PY
limited 2 check -f "$tmp/words"
err_has '^[^ ]*words:'
counted 0 50 --json -f "$tmp/comments"
limited 2 check -f "$tmp/noise"
err_has 'noise:'
limited 2 check -f "$tmp/string"
err_has 'error.'
counted 0 50 --json -f "$tmp/functions"
counted 0 50 --json -f "$tmp/chain"
json '.functions | length == 9999'
counted 0 50 --json -f "$tmp/deep900"
limited 2 --json -f "$tmp/deep1100"
err_has 'error.nesting-deep'
out_empty

# ---- output ------------------------------------------------------------------------------------------------------------------
if [ -e /dev/full ]; then
	for sink in '(write,/dev/full)' '(print,/dev/full)' '(zip,9)>(write,/dev/full)' '[(write,/dev/full)|(print,/dev/null)]'; do
		counted 1 50 --json "$a>(pktcount,name=n)>$sink"
		err_has 'No space left'
	done
	"$ffpf" --json "$a>(pktcount)" >/dev/full 2>"$tmp/err"
	is $? 1 "exit status with results to a full device"
	err_has '^ffpf: cannot write the results: No space'
	"$ffpf" explain "$a>(pktcount)" >/dev/full 2>"$tmp/err"
	is $? 1 "exit status of explain to a full device"
fi
"$build/tests/gencap" -n 3000 -m udp "$tmp/udp.pcap" >/dev/null || fail gencap
if [ "$(id -u)" = 0 ] && unshare -m mount -t tmpfs -o size=64k none "$tmp/folder" 2>/dev/null; then
	unshare -m bash -c 'mount -t tmpfs -o size=64k none "$2" && timeout 60 "$1" --json "[pcap $3]>(pktcount,name=n)>(write,\"$2/x.pcap\",name=w)" >"$4/out" 2>"$4/err"
		echo $? >"$4/status"; "$1" -q --json "[pcap $2/x.pcap]>(pktcount)" | jq .functions[0].packets_out >"$4/kept"' bash "$ffpf" "$tmp/folder" "$tmp/udp.pcap" "$tmp"
	is "$(cat "$tmp/status")" 1 "exit status on a full file system"
	err_has 'No space left'
	json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
	json ".functions[] | select(.name == \"w\") | .lost > 0 and .state.packets_written == $(cat "$tmp/kept")"
else
	echo "no file systems of its own here: a full one was not tried"
fi
# a reader that goes away after the first line
for graph in "$a>(print)" "$a>(write,-)" "$a>(pktcount)"; do
	timeout 60 "$ffpf" "$graph" 2>"$tmp/err" | head -c 1 >/dev/null
	[ "${PIPESTATUS[0]}" -le 1 ] || fail "$graph | head: exit status"
done
timeout 60 "$ffpf" "[pcap $tmp/udp.pcap]>(print)" 2>"$tmp/err" | head -1 >"$tmp/out"
status=${PIPESTATUS[0]}
is "$(wc -l <"$tmp/out")" 1 "lines before the pipe was closed"
is "$status" 1 "exit status when the reader of the packets has gone"

# ---- ends --------------------------------------------------------------------------------------------------------------------
# head passes exactly n, at either level, and the run ends with them
levels=(user)
[ "$(id -u)" != 0 ] || ! "$ffpf" --replay "$a>(pktcount)" >/dev/null 2>&1 || levels+=(xdp)
for level in "${levels[@]}"; do
	replay=()
	[ "$level" = user ] || replay=(--replay)
	for n in 0 1 7 49 50 51 100000; do
		counted 0 $((n < 50 ? n : 50)) --json "${replay[@]}" "$a>(head,$n)@$level>(pktcount,name=n)"
		[ $n = 0 ] || [ $n -gt 49 ] || json ".functions[0].packets_out == $n"
	done
	counted 0 10 --json "${replay[@]}" "$a>[(head,7)|(head,10)]>(pktcount,name=n)"
done
# interrupted in the middle of a file: the results so far
for signal in INT TERM; do
	env --default-signal=INT "$ffpf" --json "[$(printf "[pcap $tmp/udp.pcap]|%.0s" $(seq 200))[pcap $tmp/udp.pcap]]>(zip,9)>(pktcount,name=n)" \
		>"$tmp/out" 2>"$tmp/err" &
	pid=$!
	# Both signals are caught from the activation on.
	for i in $(seq 200); do
		caught=$(sed -n 's/^SigCgt:\t//p' /proc/$pid/status)
		[ $((0x${caught:-0} & 0x4002)) = $((0x4002)) ] && break
		sleep 0.05
	done
	sleep 0.2
	kill -$signal $pid 2>/dev/null
	wait $pid
	is $? 0 "exit status after SIG$signal"
	err_empty "SIG$signal"
	json '(.functions | all(.packets_in == .packets_out + .filtered + .lost)) and .lost == 0'
done
# one file of several is damaged: the others are read to their end, and the message comes all the same
for i in 1 2 3; do
	head -c 1000 "$tmp/udp.pcap" >"$tmp/part"
	limited 1 --json "[[pcap $tmp/udp.pcap]|[pcap $tmp/part]|[pcap $tmp/udp.pcap]]>(pktcount)"
	err_has "^ffpf: .*$tmp/part"
	json '.functions[0].packets_out == 3000 and .functions[2].packets_out == 3000'
done

# ---- options that ask for what can't be had --------------------------------------------------------------------------------------
counted 0 50 --json --buffer 1 "$a>(pktcount,name=n)"
counted 0 50 --json --cpu 0 "$a>(pktcount,name=n)"
# before anything runs
for cpus in 4095 0,1023; do
	limited 2 --cpu $cpus "$a>(pktcount)"
	err_has "^ffpf: there is no processor ${cpus#0,} that this process may use; it may use [0-9]" "--cpu $cpus"
	[ ! -s "$tmp/out" ] || fail "--cpu $cpus: results"
done
finish
