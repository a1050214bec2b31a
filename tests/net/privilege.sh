#!/usr/bin/env bash
# Once it is attached, ffpf keeps no capability that it does not use: in no thread; and counts and detaches all the same.
. "$(dirname "$0")/lib.sh"
topology

# every thread's effective and permitted capabilities, once each
capabilities() { sed -n 's/^Cap\(Eff\|Prm\|Inh\|Amb\):\t//p' /proc/"$FFPF_PID"/task/*/status | sort -u | xargs; }
settled() { [ "$(capabilities)" = "$1" ]; }

start v0 '[dev v0] > (BPF,"udp") > (pktcount,name=n) > (zip,name=z)'
wait_for 5 settled 0000000000000000
check "capabilities" "$(capabilities)" 0000000000000000
check "new ones can't be gained" "$(sed -n 's/^NoNewPrivs:\t//p' /proc/"$FFPF_PID"/task/*/status | sort -u)" 1
check "threads were looked at" "$([ "$(ls /proc/"$FFPF_PID"/task | wc -l)" -gt 1 ] && echo yes)" yes
send -n 500 -m udp
stop
check "exit status" "$STATUS" 0
check "counted" "$(of n state.packets)" "$SENT"
check "it is detached" "$(prog_id v0)" ""
accounts
lossless

say "a sink that begins new files keeps what it takes to write into another user's folder"
mkdir "$TMP/theirs"
chown 65534 "$TMP/theirs"
chmod 755 "$TMP" "$TMP/theirs"
start v0 "[dev v0] > (write,\"$TMP/theirs/x.pcap\",rotate_size=8k,name=w)"
wait_for 5 settled "0000000000000000 0000000000000002"
check "capabilities: CAP_DAC_OVERRIDE" "$(capabilities)" "0000000000000000 0000000000000002"
send -n 500 -m udp
stop
check "exit status" "$STATUS" 0
check "files" "$([ "$(ls "$TMP/theirs" | wc -l)" -gt 3 ] && echo several)" several
check "written" "$(of w state.packets_written)" "$SENT"
finish
