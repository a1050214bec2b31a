#!/usr/bin/env bash
# The kernel module, in a virtual machine (lib.sh draws it): built here, tested there. `kernel.sh BUILD_DIR
# [NAME…]` runs only the named ones of list.sh, `more` those that its usual run leaves out. Everything that a test printed
# is shown if it failed.
BUILD=$(cd "${1:?usage: $0 BUILD_DIR [TEST…]}" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
set -u
. "$here/lib.sh"
. "$here/list.sh"

vm_setup
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
begin=$(date +%s%N)
since() { echo "$((($(date +%s%N) - begin) / 1000000)) ms"; }

# build SUFFIX OPTIONS…: from the tree that DKMS gets, so that the source stays as it is, and the tree is tested; what
# has not changed is not compiled again
build() {
	local suffix=$1 tree=$BUILD/vm-module$1
	shift
	make -s -C "$top/kernel" dkms-tree DESTDIR="$tree" >"$results/make" 2>&1 || return 1
	make -s -j2 -C "$tree"/ffpf-*/kernel KDIR="$VM_KDIR" W=1 "$@" modules >"$results/make" 2>&1 || return 1
	cp "$tree"/ffpf-*/kernel/ffpf.ko "$BUILD/vm-module/ffpf$suffix.ko"
}
mkdir -p "$BUILD/vm-module"
for kind in "" "-selftest"; do
	build "$kind" ${kind:+FFPF_SELFTEST=1} || { echo "FAIL: the module does not build"; cat "$results/make"; exit 1; }
	grep -v 'Skipping BTF' "$results/make" | grep . && { echo "FAIL: the compiler has warnings"; exit 1; }
done
echo "both modules built: $(since)"

tests=()
[ $# -gt 0 ] || tests=("${VM_TESTS[@]}")
[[ " $* " != *" more "* ]] || tests+=("${VM_MORE[@]}")
for name in "${VM_TESTS[@]}" "${VM_MORE[@]}"; do
	[[ " $* " == *" $(basename "$name" .sh) "* && " ${tests[*]} " != *" $name "* ]] && tests+=("$name")
done
[ ${#tests[@]} -gt 0 ] || { echo "FAIL: no such test"; exit 1; }

# Two machines side by side, with every other test each: most of the time one of their processors rests.
first=() second=()
for ((i = 0; i < ${#tests[@]}; i++)); do
	[ $((i % 2)) = 0 ] && first+=("${tests[i]}") || second+=("${tests[i]}")
done
boot() { # RESULTS TEST…
	local dir=$1
	shift
	mkdir "$dir"
	vm_run "${VM_LIMIT:-800}" "$dir" "$here/guest.sh" "$BUILD" "$BUILD/vm-module/ffpf.ko" "$@"
	touch "$dir/ended"
	grep -q "^end $TOKEN$" "$dir/ended" || echo "$*" >"$dir/unended"
}
begin=$(date +%s%N)
boot "$results/1" "${first[@]}" &
[ ${#second[@]} = 0 ] || boot "$results/2" "${second[@]}" &
wait
echo "the virtual machines ran for $(since)"

failed=0 skipped=0
for test in "${tests[@]}"; do
	name=$(basename "$test" .sh)
	dir=$results/1
	[[ " ${first[*]} " == *" $test "* ]] || dir=$results/2
	read -r _ status ms < <(grep "^$test " "$dir/ended") || status=none ms=-
	case $status in
	0) echo "ok: $test ($ms ms): $(tail -n 1 "$dir/$name.out")" ;;
	77) skipped=$((skipped + 1)); sed -n "s,^skipped: ,skipped: in the virtual machine, $test: ,p" "$dir/$name.out" ;;
	*) failed=$((failed + 1)); echo "FAIL: $test: status $status ($ms ms)"; cat "$dir/$name.out" "$dir/$name.trouble" 2>/dev/null
		tail -n 100 "$dir/$name.log" 2>/dev/null ;;
	esac
done
for dir in "$results"/[12]; do
	[ -e "$dir/unended" ] || continue
	echo "FAIL: the virtual machine of $(cat "$dir/unended") did not come to its end"
	tail -n 60 "$dir/serial" "$dir/qemu"
	failed=$((failed + 1))
done
echo "$((${#tests[@]} - failed - skipped)) passed, $failed failed, $skipped skipped in the virtual machine"
[ $failed = 0 ]
