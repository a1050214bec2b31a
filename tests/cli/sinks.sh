#!/usr/bin/env bash
# Files that sinks write: what is there is kept until the run begins, what is read is never written over, no two functions write to the same.
. "$(dirname "$0")/common.bash"
savefile "$tmp/t.pcap" 300 200
export TZ=UTC
cd "$tmp" || exit 1
sum() { md5sum <"$1"; }
before=$(sum t.pcap)
unchanged() { is "$(sum "$1")" "$before" "the file $1, which was not to be written ($2)"; }

# ---- a run that fails to begin has changed nothing ---------------------------------------------------------------------------
cp t.pcap keep.pcap
run 1 '[pcap t.pcap]>[(write,keep.pcap)|(write,/nonexistent/x)]'
err_has '/nonexistent/x'
unchanged keep.pcap "another function can't be opened"
run 1 '[pcap t.pcap]>[(print,keep.pcap)|(write,/nonexistent/x)]'
unchanged keep.pcap "print"
run 1 '[pcap t.pcap]>[(write,keep.pcap,format=pcapng,rotate_size=1k,keep=2)|(write,/nonexistent/x)]'
unchanged keep.pcap "rotation"
run 1 '[pcap t.pcap]>[(write,new.pcap)|(print,new.txt)|(write,/nonexistent/x)]'
[ ! -e new.pcap ] && [ ! -e new.txt ] || fail "a run that did not begin leaves new files"
# and one that begins, but has no packets, has an empty capture
run 0 '[pcap t.pcap]>(BPF,"icmp")>[(write,keep.pcap)|(print,keep.txt)|(write,keep.pcapng)]'
run 0 --json '[pcap keep.pcap]>(pktcount)'
json '.functions[1].state.packets == 0'
[ -e keep.txt ] && [ ! -s keep.txt ] || fail "print of no packets is no empty file"
echo "an old line" >keep.txt
run 0 '[pcap t.pcap]>(BPF,"icmp")>(print,keep.txt)'
[ ! -s keep.txt ] || fail "print of no packets does not empty its file"

# ---- the input is not written over, under whatever name -----------------------------------------------------------------------
guarded() { # guarded FILE GRAPH…: FILE is read and must stay as it is
	local file=$1
	shift
	run 1 -q "$@"
	err_has 'same flowgraph'
	unchanged "$file" "$*"
}
guarded t.pcap '[pcap t.pcap]>(write,t.pcap)'
guarded t.pcap '[pcap t.pcap]>(print,./t.pcap)'
ln t.pcap hard.pcap
ln -s t.pcap soft.pcap
guarded t.pcap '[pcap t.pcap]>(write,hard.pcap)'
guarded t.pcap '[pcap t.pcap]>(write,soft.pcap)'
guarded t.pcap '[pcap soft.pcap]>(write,t.pcap)'
# names that come up later
cp t.pcap row1
guarded row1 '[pcap row1]>(write,row,rotate_size=3k)'
cp t.pcap day-20231114-22
guarded day-20231114-22 '[pcap day-20231114-22]>(write,"day-%Y%m%d-22",rotate_time=1h)'
# standard input is a file, too
"$ffpf" -q '[pcap -]>(write,t.pcap)' <t.pcap >out 2>err && fail "standard input is written over"
unchanged t.pcap "standard input"
cp t.pcap again.pcap
timeout 20 "$ffpf" -q '[pcap again.pcap]>(write,-)' >>again.pcap 2>err && fail "what standard output appends to is read"
is "$(stat -c %s again.pcap)" "$(stat -c %s t.pcap)" "size of the file that is read and appended to"
# as many sources as there may be
mkdir many
for i in $(seq 200); do cp keep.pcap many/$i; done
cp t.pcap many/0
graph='[[pcap many/0]'
for i in $(seq 200); do graph+="|[pcap many/$i]"; done
guarded many/0 "$graph]>(write,many/0)"

# ---- one file for one function ----------------------------------------------------------------------------------------------------
run 2 '[pcap t.pcap]>[(BPF,"udp")>(write,same.pcap)|(BPF,"tcp")>(write,same.pcap)]'
err_has 'error\[file-twice\]'
[ ! -e same.pcap ] || fail "a graph that is refused has made a file"
run 2 '[pcap t.pcap]>[(print,same.txt)|(print,same.txt,hex=yes)]'
err_has 'error\[file-twice\]'
run 2 '[pcap t.pcap]>[(print,same)|(write,same)]'
err_has 'error\[file-twice\]'
run 0 '[pcap t.pcap]>[(write,/dev/null)|(print,/dev/null)]'
# by other names
cp t.pcap other.pcap
ln -f other.pcap another.pcap
run 1 '[pcap t.pcap]>[(write,other.pcap)|(write,another.pcap)]'
err_has 'another.pcap: another function of the same flowgraph'
unchanged other.pcap "two names of it"
run 1 '[pcap t.pcap]>[(write,fresh.pcap)|(print,./fresh.pcap)]'
err_has 'another function of the same flowgraph'
[ ! -e fresh.pcap ] || fail "a run that did not begin has made a file"
# a name that comes up later: the run ends there, both files are whole up to it
run 1 --json '[pcap t.pcap]>[(write,rows,rotate_size=3k,name=rows)|(write,rows2,name=other)]'
err_has 'rows2: another function of the same flowgraph'
json '.functions | all(.packets_in == .packets_out + .filtered + .lost)'
json '.functions[] | select(.name == "rows") | .lost > 0 and .state.files == 2 and .state.packets_written + .lost == .packets_in'
packets() { tcpdump --count -r "$1" 2>/dev/null | awk '{ print $1 }'; }
is "$(packets rows2)" "$(jq '.functions[] | select(.name == "other") | .state.packets_written' out)" "packets in the other's file"
is $(($(packets rows) + $(packets rows1))) "$(jq '.functions[] | select(.name == "rows") | .state.packets_written' out)" "packets in the row"
# what rotation deletes is forgotten: a file system may give its inode to the next
run 0 --json '[pcap t.pcap]>[(write,x,rotate_size=1k,keep=2)|(write,y,rotate_size=1k,keep=2)]'
json '.lost == 0 and (.functions[1:] | all(.state.packets_written == 500))'

# ---- a reader that takes nothing does not keep the run from ending ----------------------------------------------------------------
"$build/tests/gencap" -n 20000 big.pcap || fail "gencap"
# stuck SIGNAL GRAPH ARGS…: ffpf into a pipe that nobody reads, until the signal (or none: ARGS end it); results in results, messages in err
as=()
stuck() {
	local signal=$1 graph=$2 status=0 begin
	shift 2
	rm -f full
	mkfifo full
	exec 7<>full # both ends: opens at once, and nobody reads
	env --default-signal=INT --default-signal=HUP "${as[@]}" "$ffpf" "$@" "$graph" >&7 7>&- 2>err &
	local pid=$!
	(sleep 60 && kill -KILL $pid) 7>&- >/dev/null 2>&1 & # what never ends is no reason to wait
	local watch=$!
	begin=$(date +%s%N)
	if [ "$signal" ]; then
		sleep 0.7
		kill -"$signal" $pid
	fi
	wait $pid || status=$?
	kill $watch
	exec 7>&-
	is $status 1 "exit status of $graph, stuck, $signal $*"
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 20000 ] || fail "$graph: a stuck pipe kept the run from ending, $signal $*"
	grep -q '^ffpf: .*took nothing' err || fail "$graph: nothing said of the reader that takes nothing: $(head -1 err)"
	# name class level in out filtered lost
	awk '$2 == "write" || $2 == "print" { found = 1; if ($7 == 0 || $4 != $5 + $6 + $7) exit 1 } END { exit !found }' err ||
		fail "$graph: what was lost is not counted: $(grep -E 'write|print' err)"
}
stuck INT '[pcap big.pcap]>(write,-)'
stuck TERM '[pcap big.pcap]>(print)'
stuck HUP '[pcap big.pcap]>(write,-,format=pcapng)'
stuck "" '[pcap big.pcap]>(write,-)' -d 1
stuck "" '[pcap big.pcap]>(head,15000)>(write,/dev/stdout)' -d 1
# sockets, and a pipe of another user, which can't be opened once more
as=(setpriv --reuid 65534 --clear-groups)
chmod 711 . # the folder is ours
if "${as[@]}" "$ffpf" --version >/dev/null 2>&1; then
	stuck INT '[pcap big.pcap]>(write,-)'
	"${as[@]}" "$ffpf" -q '[pcap big.pcap]>(write,-)' 2>err | cat >through.pcap
	is "$(tcpdump --count -r through.pcap 2>/dev/null | awk '{ print $1 }')" 20000 "packets through another user's pipe: $(cat err)"
else
	echo "no other user here: pipes that can't be opened once more are not tried"
fi
as=()
python3 - "$ffpf" '[pcap big.pcap]>(write,-)' 2>err <<'PY' || fail "a stuck socket kept the run from ending: $(head -1 err)"
import socket, subprocess, sys
here, there = socket.socketpair()
subprocess.run([sys.argv[1], "-d", "1", sys.argv[2]], stdout=there, timeout=20)
PY
grep -q '^ffpf: .*took nothing' err || fail "nothing said of the socket whose reader takes nothing"
# one that is only slow gets everything, also when the end came by itself
"$ffpf" -q '[pcap big.pcap]>(head,15000)>(write,-)' | (sleep 1; cat) >slow.pcap
is "${PIPESTATUS[0]}" 0 "exit status with a slow reader"
is "$(tcpdump --count -r slow.pcap 2>/dev/null | awk '{ print $1 }')" 15000 "packets that a slow reader gets"

# ---- closed standard descriptors are nobody's files -----------------------------------------------------------------------------
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	rm -f copy.pcap copy.txt
	(eval "exec $closed"; exec "$ffpf" "[pcap t.pcap]>[(write,copy.pcap)|(print,copy.txt)]") >out 2>err </dev/null
	unchanged copy.pcap "its copy, with $closed"
	is "$(wc -l <copy.txt)" 500 "lines of print, with $closed"
done

finish
