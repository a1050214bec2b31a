#!/usr/bin/env bash
# The bash completion: loads without bash-completion, completes commands, options, values, classes and devices inside a graph.
. "$(dirname "$0")/common.bash"
"$ffpf" completion bash >"$tmp/completion" || fail "completion bash"
bash -n "$tmp/completion" || fail "syntax"
. "$tmp/completion"

# completes WORDS… EXPECTED: the last word of the line is completed to EXPECTED, among others
completes() {
	local expected=${*: -1} reply
	COMP_WORDS=("${@:1:$#-1}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_ffpf
	for reply in "${COMPREPLY[@]}"; do [ "$reply" != "$expected" ] || return 0; done
	fail "${COMP_WORDS[*]}: '${COMPREPLY[*]}' has no '$expected'"
}
cd "$tmp" && touch graph.ffpf
completes ffpf ex explain
completes ffpf '' classes
completes ffpf --js --json
completes ffpf explain --do --dot
completes ffpf --wakeup a adaptive
completes ffpf --color = al always
completes ffpf classes pkt pktcount
completes ffpf doctor l lo
completes ffpf completion b bash
completes ffpf ctl path re replace
completes ffpf --control gr graph.ffpf
completes ffpf -f gr graph.ffpf
completes ffpf "'[dev l" '[dev lo'
completes ffpf "'[dev lo]>(pktc" '[dev lo]>(pktcount'
completes ffpf "'[dev lo] > (BPF,\"tcp\") > [(pktcount)|(byt" '[dev lo] > (BPF,"tcp") > [(pktcount)|(bytecount'
completes ffpf '"(pca' '(pcap'
completes ffpf "'[dev lo]>(pktcount)@x" '[dev lo]>(pktcount)@xdp'
completes ffpf "'[dev lo]>(pktcount)@u" '[dev lo]>(pktcount)@user'
completes ffpf "'[dev lo]>(pktcount)@k" '[dev lo]>(pktcount)@kmod'
is "$_ffpf_flowspaces" "user kmod tc xdp" "flowspaces, as the table has them"
finish
