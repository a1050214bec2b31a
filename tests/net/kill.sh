#!/usr/bin/env bash
# SIGKILL leaves nothing: no program on the device, no program of ours in the kernel, and the next start works at once.
. "$(dirname "$0")/lib.sh"
topology

for graph in '[dev v0] > (pktcount)' "[dev v0] > (write,$TMP/file.pcap)" '[dev v0 take=yes] > (BPF,"udp") > (pktcount)'; do
	say "$graph"
	start v0 "$graph"
	id=$(prog_id v0)
	send -n 1000
	kill_it
	check "the device is free" "$(wait_for 5 detached v0; prog_id v0)" ""
	if command -v bpftool >/dev/null; then
		gone() { ! bpftool prog show id "$id" >/dev/null 2>&1; }
		check "program $id is gone" "$(wait_for 5 gone && echo yes)" yes
	fi
	before=$(received)
	send -n 100
	check "packets reach the stack" "$(($(received) - before))" "$SENT"
done
say "killed and started again at once"
start v0 '[dev v0] > (pktcount)'
kill -KILL "$FFPF_PID"
wait "$FFPF_PID" 2>/dev/null
rx timeout 60 "$FFPF" run -d 0.2 '[dev v0] > (pktcount)' >/dev/null 2>"$TMP/err"
check "exit status of the next" "$?" 0
FFPF_PID=
finish
