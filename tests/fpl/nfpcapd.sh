#!/usr/bin/env bash
# What flows are is what nfpcapd and nfdump say, too, but for what is listed here:
#
#   - bytes are those of IP packets there, of frames here (`len`);
#   - fragments are put together there, one packet and its bytes less the later fragments' headers; here each is a packet, and
#     those behind the first have ports 0;
#   - ICMP's type and code stand there as destination port, type << 8 | code; here it is 0;
#   - frames with a service tag (0x88a8) are not understood there;
#   - a flow is written there and begins anew when it was quiet for 60 s, or is 300 s old, or with FIN or RST; here it lasts as
#     long as its entry.
#
# The first four are in expect.py, and the last in others.py; nothing else may differ.
. "$(dirname "$0")/../cli/common.bash"
. "$(dirname "$0")/common.bash"
command -v nfpcapd >/dev/null && command -v nfdump >/dev/null || { echo "skipped: needs nfpcapd (apt-get install nfdump)"; exit 77; }

for seed in 1 2; do
	"$build/tests/genflows" -S $seed -n 150 "$tmp/t.pcap" || fail "genflows"
	expect nfpcapd "$tmp/t.pcap" | sort >"$tmp/expected"
	flows_of_nfpcapd "$tmp/t.pcap" | sort >"$tmp/found"
	[ "$(wc -l <"$tmp/found")" -gt 2000 ] || fail "only $(wc -l <"$tmp/found") flows"
	same "$tmp/expected" "$tmp/found" "flows of seed $seed, model and nfpcapd"
done
# without fragments, ICMP and tags there is no difference but what bytes are
"$build/tests/genflows" -n 150 -k tcp,scan,dns "$tmp/plain.pcap"
expect records "$tmp/plain.pcap" | awk '{ $7 = ""; print }' | sort >"$tmp/expected"
flows_of_nfpcapd "$tmp/plain.pcap" | awk '{ $7 = ""; print }' | sort >"$tmp/found"
same "$tmp/expected" "$tmp/found" "plain flows, model and nfpcapd"
# and (flows) itself is what nfpcapd says
for level in "" --replay; do
	[ -z "$level" ] || [ "$(id -u)" = 0 ] || { echo "skipped: replaying needs root"; continue; }
	run 0 $level --json --rows 1000000 "[pcap $tmp/plain.pcap]>(flows)"
	python3 "$source/tests/fpl/others.py" records <"$tmp/out" | awk '{ $7 = ""; print }' | sort >"$tmp/ours"
	[ "$(wc -l <"$tmp/ours")" -gt 500 ] || fail "(flows): only $(wc -l <"$tmp/ours") flows"
	same "$tmp/ours" "$tmp/found" "(flows) $level and nfpcapd"
done
finish
