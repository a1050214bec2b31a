#!/usr/bin/env bash
# --class-path: a user's own classes, and shared objects that are none, lie, are cut off or hang. tests/unit/test_classes.c has each kind.
. "$(dirname "$0")/common.bash"
savefile "$tmp/a.pcap" 30 20
modules=$build/tests/modules
graph="[pcap $tmp/a.pcap]"

run 0 --class-path "$modules/good" "$graph>(mine)>(pktcount)"
out_has 'packets=50'
run 0 --class-path "$modules/good" --class-path "$modules/good" classes mine
out_has '^mine: '
run 2 "$graph>(mine)"
err_has "no function class 'mine'"

# refused FOLDER WHAT: status 2 and the message, for every command that loads classes
refused() {
	for command in run explain check classes; do
		case $command in classes) run 2 --class-path "$1" classes ;; *) run 2 --class-path "$1" $command "$graph>(pktcount)" ;; esac
		out_empty "$command"
		err_has "$2" "$command"
	done
}
refused "$modules/notable" "no table 'ffpf_classes'"
abi=$(sed -n 's/^#define FFPF_CLASS_ABI //p' "$source/lib/include/ffpf/class.h")
refused "$modules/version" "version $((abi + 1)) of the class interface, this is version $abi"
refused "$modules/taken" "already a class 'pktcount'"
refused "$modules/faulty" 'no name'
refused "$modules/lying" '4294967295 cells'
refused "$modules/endless" 'no end'
refused /nonexistent/folder "class path '/nonexistent/folder' can't be read: No such file"
refused "$tmp/a.pcap" "can't be read: Not a directory"
mkdir "$tmp/bad"
head -c 3000 /dev/urandom >"$tmp/bad/noise.so"
refused "$tmp/bad" 'noise.so: it is no shared object'
rm "$tmp/bad/noise.so"
head -c 9000 "$modules/good/good.so" >"$tmp/bad/cut.so"
refused "$tmp/bad" 'cut.so: it is cut off'
rm "$tmp/bad/cut.so"
mkfifo "$tmp/bad/pipe.so"
refused "$tmp/bad" 'pipe.so: it is no file'
# every object has its message
printf '\177ELF' >"$tmp/bad/a.so"
refused "$tmp/bad" 'a.so'
err_has 'pipe.so'

# a packet program that is none is the class's mistake, at the place where it is used
for class in open unchecked fails stateless short numbers values; do
	run 2 --class-path "$modules/unended" "$graph>($class)>(pktcount)"
	out_empty "$class"
	err_has "^graph:1:.*error.class-program.: .*'$class'" "$class"
	err_has '\^~~~'
done
finish
