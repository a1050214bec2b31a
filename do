#!/usr/bin/env bash
# The one door: ./do build | test [PATTERN] | run ARGS… | bench [NAME] | fuzz [NAME] | lint | format | bless | install-deps
set -euo pipefail
start=$PWD
cd "$(dirname "$0")"

PACKAGES=(gcc cmake ninja-build pkg-config flex bison libc6-dev libbpf-dev libpcap-dev libelf-dev zlib1g-dev libjansson-dev nettle-dev libcmocka-dev)
TEST_PACKAGES=(make perl iproute2 ethtool tcpdump jq procps python3 man-db)
# Tests compare with these where they are, and say so where they are not: only install-deps installs them.
ORACLE_PACKAGES=(p0f nfdump)

missing() { # prints those of the named packages that are not installed
	local p
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
	done
}

need() { # installs what is missing, or says what is
	command -v dpkg-query >/dev/null || return 0 # not Debian: cmake says what it does not find
	local list log status=0
	list=$(missing "$@")
	[ -n "$list" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "do: missing packages; as root: apt-get install" $list >&2
		exit 3
	fi
	echo "do: installing" $list >&2
	log=$(mktemp)
	apt-get update -qq >"$log" 2>&1 || true # what is already known of may be enough
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list >>"$log" 2>&1 </dev/null || status=3
	[ $status = 0 ] || cat "$log" >&2
	rm -f "$log"
	[ $status = 0 ] || exit $status
}

# build PRESET DIR: quiet unless it fails. A folder that was configured in another place, or from other presets, or
# whose configuration was interrupted, is configured afresh; what is compiled and still right is kept.
build() {
	local configuration
	if [ -d "$2" ] && [ ! -w "$2" ] && [ -x "$2/bin/ffpf" ]; then
		echo "do: $2 belongs to somebody else; it is used as it is" >&2
		return
	fi
	mkdir -p "$2"
	exec 8>"$2/.lock"
	flock 8 # somebody else may be building
	configuration=$(echo "$PWD $1" && cat CMakePresets.json)
	if [ ! -e "$2/build.ninja" ] || [ "$(cat "$2/.configuration" 2>/dev/null)" != "$configuration" ]; then
		rm -rf "$2/CMakeCache.txt" "$2/CMakeFiles" "$2/.configuration"
		cmake --preset "$1" >"$2/build.log" 2>&1 || { cat "$2/build.log" >&2; exit 1; }
		echo "$configuration" >"$2/.configuration"
	fi
	cmake --build "$2" >"$2/build.log" 2>&1 || { cat "$2/build.log" >&2; exit 1; }
	exec 8>&-
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
build)  need "${PACKAGES[@]}"; build release build ;;
run)    need "${PACKAGES[@]}"; build release build; program=$PWD/build/bin/ffpf; cd "$start"; exec "$program" "$@" ;;
test)   need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; build release build; build debug build-debug; exec bash tests/run.sh "$@" ;;
bench)  need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; build release build; exec bash bench/run.sh "$@" ;;
fuzz)   need "${PACKAGES[@]}" clang; need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
	build fuzz build-fuzz; exec bash tests/fuzz/run.sh "$@" ;;
bless)  need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; build release build; exec bash tests/bless.sh "$@" ;;
lint)   exec bash tests/lint.sh --all ;;
format) need clang-format; git ls-files '*.c' '*.h' | xargs clang-format -i ;;
install-deps) need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; (need "${ORACLE_PACKAGES[@]}") || true ;;
*) sed -n 2p "$0" | cut -c3- >&2; exit 2 ;;
esac
