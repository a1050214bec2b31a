#!/usr/bin/env bash
# What the command line accepts and refuses: exit statuses, messages, --help, --version. Nothing is run.
. "$(dirname "$0")/common.bash"

# every option that the manual promises is in --help, and every option of --help in the manual and the completion
run 0 --help
err_empty
for option in -f -d -i -D -q -h -V --json --replay --class-path --buffer --slow-reader --fast-reader --wakeup --wake-packets --wake-us \
	--cpu --control --events --no-color --color --no-progress --dot --ir --bpf --no-probe --file --define --duration --interval --quiet --help --version; do
	out_has "^ .*$option\\b" "in --help"
done
for command in run explain check classes doctor ctl completion; do out_has "^  $command " "in --help"; done
for status in 0 1 2 3; do out_has "^  $status  " "exit status in --help"; done
options=$(grep -o -- '--[a-z-]*' "$tmp/out" | sort -u)
"$ffpf" man | sed 's/\\-/-/g' >"$tmp/man"
"$ffpf" completion bash >"$tmp/completion"
for option in $options; do
	grep -qe "$option" "$tmp/man" || fail "$option is not in the manual"
	grep -qe "$option " "$tmp/completion" || fail "$option is not in the completion"
done
[ "$(awk 'length > 110' "$tmp/out" | wc -l)" = 0 ] || fail "--help has long lines"

run 0 explain --help
out_has 'Usage: ffpf explain'
out_has '--dot'
out_lacks '--duration'
run 0 help check
out_has 'Usage: ffpf check'
run 0 --version
out_has '^ffpf [0-9]*\.[0-9]*\.[0-9]*$'

# refusals: exit status 2, a message on stderr that starts with the program's name, nothing on stdout
refuse() {
	local message=$1
	shift
	run 2 "$@"
	out_empty "$*"
	err_has "^ffpf: .*$message" "$*"
}
refuse 'no graph'
refuse 'no graph' run
refuse "did you mean 'explain'" explian '[a b]'
refuse "did you mean '--json'" --jsno x
refuse "no option '-z'" -z x
refuse 'needs TIME' '[a b]' -d
refuse 'needs FILE' --file
refuse 'takes no value' --json=1 '[a b]'
refuse 'does not go with' check -d 1 '[a b]'
refuse 'left over' '[a b]' '[c d]'
refuse 'which' -f /dev/null '[a b]'
refuse 'cannot read' -f /nonexistent/graph
refuse "takes no 'c'" classes BPF c
for time in x 1x -1 0 nan inf 0x10 1e99 ''; do refuse 'time' -d "$time" '[a b]'; done
for size in x 0 -1 4T 64kk 99999999999G ''; do refuse 'size' --buffer "$size" '[a b]'; done
for cpus in x , 1- 3-1 0, -1 99999 ''; do refuse 'processors' --cpu "$cpus" '[a b]'; done
for n in x 0 -1 1.5 99999999999 ''; do refuse 'whole number' --wake-packets "$n" '[a b]'; done
refuse 'NAME=VALUE' -D X '[a b]'
refuse 'letters' -D 'a b=1' '[a b]'
refuse 'not one of' --wakeup never '[a b]'
refuse 'not one of' --color sometimes '[a b]'
refuse 'no completion' completion tcsh
refuse 'one of --dot' explain --dot --ir '[a b]'

# the end of options, and a command's name as a file name do not confuse
run 2 -- --json
err_lacks 'no option'
finish
