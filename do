#!/usr/bin/env bash
# The one door: ./do build | test | run ARGS… | bench NAME | fuzz | lint | format | bless | install-deps
set -euo pipefail
cd "$(dirname "$0")"

PACKAGES=(gcc cmake ninja-build pkg-config flex bison libc6-dev libbpf-dev libpcap-dev libelf-dev zlib1g-dev libjansson-dev libcmocka-dev)
TEST_PACKAGES=(iproute2 ethtool tcpdump jq procps python3-minimal man-db)

missing() { # prints those of the named packages that are not installed
	local p
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
	done
}

need() { # installs what is missing, or says what is
	command -v dpkg-query >/dev/null || return 0 # not Debian: cmake says what it does not find
	local list
	list=$(missing "$@")
	[ -n "$list" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "do: missing packages; as root: apt-get install" $list >&2
		exit 3
	fi
	echo "do: installing" $list >&2
	apt-get update -qq >&2 || true
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list >/dev/null 2>/tmp/ffpf-apt.$$ || {
		cat /tmp/ffpf-apt.$$ >&2; rm -f /tmp/ffpf-apt.$$; exit 3; }
	rm -f /tmp/ffpf-apt.$$
}

build() { # build PRESET DIR
	[ -e "$2/build.ninja" ] || cmake --preset "$1" >/dev/null
	cmake --build "$2" >"$2/build.log" 2>&1 || { cat "$2/build.log" >&2; exit 1; }
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
build)  need "${PACKAGES[@]}"; build release build ;;
run)    need "${PACKAGES[@]}"; build release build; exec build/bin/ffpf "$@" ;;
test)   need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; exec bash tests/run.sh "$@" ;;
bench)  need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; build release build; exec bash bench/run.sh "$@" ;;
fuzz)   need "${PACKAGES[@]}" clang libclang-rt-14-dev; build fuzz build-fuzz; exec bash tests/fuzz/run.sh "$@" ;;
bless)  need "${PACKAGES[@]}"; build release build; FFPF_BLESS=1 exec bash tests/run.sh --bless "$@" ;;
lint)   need "${PACKAGES[@]}" cppcheck; exec bash tests/lint.sh "$@" ;;
format) need clang-format; git ls-files '*.c' '*.h' | xargs clang-format -i ;;
install-deps) need "${PACKAGES[@]}" "${TEST_PACKAGES[@]}" ;;
*) sed -n 2p "$0" >&2; exit 2 ;;
esac
