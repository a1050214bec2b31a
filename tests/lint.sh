#!/usr/bin/env bash
# Rules for the source that no compiler checks. Prints each breach with its place; exit status 1 when there is one.
# What needs a tool that is not installed is said and left out. `./do lint` runs this and, where it is there, cppcheck.
set -uo pipefail
cd "$(dirname "$0")/.."
found=$(mktemp)
trap 'rm -f "$found"' EXIT
breach() { echo "lint: $*" | tee -a "$found"; } # also from subshells

# The source, whether it came with git or not.
mapfile -t files < <(find . \( -path ./.git -o -path './build' -o -path './build-*' \) -prune -o -type f ! -name '*.o' ! -name '*.ko' ! -name '*.cmd' ! -name '*.mod' ! -name '*.mod.c' \
	! -path './kernel/Module.symvers' ! -path './kernel/modules.order' -print | sed 's,^\./,,' | LC_ALL=C sort)
mapfile -t texts < <(printf '%s\n' "${files[@]}" | grep -v '^tests/fuzz/inputs/' | grep -v '^\.git$')
mapfile -t code < <(printf '%s\n' "${texts[@]}" | grep -E '\.([chly]|def)$')

# report WHAT: a breach for each line of standard input
report() { while IFS= read -r line; do breach "$line: $1"; done; }
# search WHAT PATTERN FILES…
search() {
	local what=$1 pattern=$2
	shift 2
	grep -nHE -- "$pattern" "$@" 2>/dev/null | cut -c1-160 | report "$what"
}

# ---- text ------------------------------------------------------------------------------------------------------------
mapfile -t plain < <(printf '%s\n' "${texts[@]}" | grep -vE '\.(t|md)$')
search "blanks at the end of a line" '[[:blank:]]+$' "${plain[@]}"
search "blanks before a tab" '^ +	' "${plain[@]}"
search "a carriage return" $'\r$' "${plain[@]}"
# C is indented with tabs; what stands in comments and continued lines may have blanks behind them.
awk '
	FNR == 1 { comment = 0 }
	{ line = $0; inside = comment }
	line ~ /\/\*/ { comment = 1 }
	line ~ /\*\// { comment = 0 }
	!inside && line ~ /^  +[^ *]/ && line !~ /\/\*/ { print FILENAME ":" FNR }
' $(printf '%s\n' "${code[@]}" | grep -E '\.[ch]$') | report "indented with blanks"

# Places of one machine: absolute paths outside of what every system has.
standard='bin|boot|dev|etc|lib|lib64|mnt|opt|path|prefix|proc|run|sbin|sys|tmp|usr|var|nonexistent|moved'
# (DIR "/folder/file" in C is a path inside DIR.)
grep -nHoE '(^|[[:blank:]=(]|([A-Z_]+ )?["'"'"'])/[a-z][a-z0-9_-]*/[A-Za-z0-9._/-]+' "${texts[@]}" | grep -vE ":[[:blank:]\"'=(]*/($standard)/|:[A-Z_]+ \"/" |
	report "a path of one machine"
search "a home folder" '(/home/[a-z]|/root/)' $(printf '%s\n' "${texts[@]}" | grep -v '^tests/lint\.sh$')
# Hosts: only names for documentation, and where standards and manuals live.
grep -nHoE '(https?|ftp|git|ssh)://[A-Za-z0-9.-]+' "${texts[@]}" |
	grep -vE '://([a-z0-9-]+\.)*(example|example\.(org|com|net)|kernel\.org|tcpdump\.org|rfc-editor\.org|ietf\.org|iana\.org)$' |
	report "the name of a host"

# ---- directions of dependency (docs/ARCHITECTURE.md) -----------------------------------------------------------------
# what a room may include, besides itself, the public headers and the system's
may_include() {
	case $1 in
	lib/lang) echo '' ;;
	lib/ir) echo 'lib/lang/arena\.h' ;;
	lib/buf) echo '' ;;
	lib/native) echo '' ;; # also built into the kernel module
	lib/translate) echo 'lib/ir/|lib/lang/arena\.h' ;;
	lib/graph) echo 'lib/lang/|lib/ir/|lib/flowspace\.h' ;;
	lib/run) echo 'lib/lang/|lib/ir/|lib/graph/|lib/buf/|lib/flowspace\.h' ;;
	lib/include) echo '' ;;
	lib) echo 'lib/graph/graph\.h|lib/buf/map\.h' ;;
	# its classes join the table of classes; places in a flowgraph's braces are told by the value that they stand in
	fpl) echo 'lib/ir/|lib/graph/classes\.h|lib/lang/(arena|ast)\.h' ;;
	# the table of classes is filled from list.def by classes/list.c; BPF places the complaint of libpcap in the text
	classes) echo 'lib/translate/|lib/graph/classes\.h|lib/lang/(arena|ast)\.h' ;;
	flowspaces) echo 'lib/flowspace\.h' ;;
	flowspaces/ebpf) echo 'lib/ir/|lib/buf/|lib/flowspace\.h|lib/graph/(fuse|graph)\.h|lib/lang/arena\.h' ;;
	flowspaces/xdp | flowspaces/tc | flowspaces/kmod) echo 'lib/run/run\.h|lib/buf/|lib/ir/|lib/flowspace\.h|lib/lang/arena\.h|flowspaces/ebpf/(ebpf|insn|use)\.h|flowspaces/bpf/|lib/native/|kernel/include/' ;;
	# the module: what it writes is read with lib/buf, what it does alike is in lib/native
	kernel) echo 'lib/buf/layout\.h|lib/native/' ;;
	flowspaces/*) echo 'lib/run/run\.h|lib/buf/|lib/ir/|lib/flowspace\.h|lib/lang/(arena|ast)\.h|flowspaces/ebpf/(ebpf|insn|use)\.h|lib/native/|kernel/include/' ;;
	cli) echo '' ;;
	esac
}
room_of() {
	case $1 in
	lib/*/*) cut -d/ -f1-2 <<<"$1" ;;
	flowspaces/*/*) cut -d/ -f1-2 <<<"$1" ;;
	*/*) cut -d/ -f1 <<<"$1" ;;
	esac
}
for file in $(printf '%s\n' "${code[@]}" | grep -E '^(lib|fpl|classes|flowspaces|cli|kernel)/'); do
	room=$(room_of "$file")
	allowed=$(may_include "$room")
	# names with a folder that is one of the project's
	while IFS=: read -r line name; do
		case $name in
		"$room"/*) continue ;;
		ffpf/*) [ "$room" != cli ] || [ "$name" = ffpf/ffpf.h ] || breach "$file:$line: $room includes <$name> instead of <ffpf/ffpf.h>"; continue ;;
		lib/* | fpl/* | classes/* | flowspaces/* | cli/* | kernel/* | tests/* | bench/*) ;;
		*) continue ;;
		esac
		[ -n "$allowed" ] && grep -qE "^($allowed)" <<<"$name" && continue
		breach "$file:$line: $room may not include $name"
	done < <(grep -nE '^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*[<"]' "$file" | sed -E 's/^([0-9]+):.*[<"]([^>"]*)[>"].*/\1:\2/')
done

# ---- public functions ------------------------------------------------------------------------------------------------
# Each has its contract: a comment before it, or before the group it stands in, or behind it on its line.
for header in lib/include/ffpf/*.h; do
	awk -v file="$header" '
		/^\/\*/ || /^ \*/ { documented = 1; next }
		/^$/ { documented = 0; next }
		/^[a-z].*[ *]ffpf_[a-z0-9_]+\(.*/ && !/^typedef|^static/ {
			if (!documented && !/\/\*/) print file ":" FNR ": " substr($0, 1, 80)
			next
		}
	' "$header" | report "a public function without its contract"
done

# ---- licence, length -------------------------------------------------------------------------------------------------
for file in $(printf '%s\n' "${code[@]}" | grep -E '\.[ch]$'); do
	# what the kernel module builds as well may be had under its licence, too
	case $file in
	lib/native/*) licence='GPL-2.0 OR BSD-2-Clause' ;;
	kernel/include/*) licence='(GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause' ;;
	kernel/*) licence='GPL-2.0' ;;
	*) licence='BSD-2-Clause' ;;
	esac
	head -n 1 "$file" | grep -qF "SPDX-License-Identifier: $licence" || breach "$file:1: no SPDX line"
	[[ $file == tests/* ]] || [ "$(wc -l <"$file")" -le 800 ] || breach "$file: more than 800 lines"
done
# ---- the kernel module -----------------------------------------------------------------------------------------------
# Its names in the kernel's one space of names begin with ffpf_ (those of selftests, which only a test build has, with
# selftest_ too); only compat.h asks for a version, but for what has to stand in a file by itself.
awk '
	/^[a-z][^=;]*[ *][a-z_0-9]+\(/ && !/^static|^typedef|^extern|^return|^#/ {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		if (name !~ /^(ffpf_|selftest_|module_|MODULE_)/) print FILENAME ":" FNR ": " name
	}
' $(printf '%s\n' "${code[@]}" | grep -E '^kernel/.*\.c$') | report "a name of the module without ffpf_"
search "a version is asked for outside of compat.h" 'LINUX_VERSION_CODE' $(printf '%s\n' "${code[@]}" | grep -E '^kernel/.*\.[ch]$' | grep -vE '^kernel/(compat\.h|main\.c)$')
for file in $(printf '%s\n' "${code[@]}" | grep -E '^kernel/.*\.c$'); do
	[ "$(wc -l <"$file")" -le 400 ] || breach "$file: more than 400 lines in the kernel"
done
[ "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kernel/dkms.conf)" = "$(sed -n 's/^project(ffpf VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)" ] ||
	breach "kernel/dkms.conf: another version than CMakeLists.txt"

for folder in lib/* classes kernel flowspaces flowspaces/bpf flowspaces/ebpf flowspaces/user flowspaces/tc flowspaces/xdp flowspaces/user/vm cli tests bench docs; do
	[ ! -d "$folder" ] || [ "$folder" = lib/include ] || [ -e "$folder/README.md" ] || breach "$folder: no README.md"
done

# ---- shell -----------------------------------------------------------------------------------------------------------
for file in do .ci/run $(printf '%s\n' "${texts[@]}" | grep -E '\.(sh|bash)$'); do
	bash -n "$file" || breach "$file: does not parse"
done

# ---- tools that may not be there -------------------------------------------------------------------------------------
if command -v clang-format >/dev/null; then
	unformatted=$(printf '%s\n' "${code[@]}" | grep -E '\.[ch]$' | xargs clang-format --dry-run 2>&1 | grep -oE '^[^: ]+\.[ch]:' | sort -u | wc -l)
	[ "$unformatted" = 0 ] || echo "lint: note: clang-format would change $unformatted files (./do format)"
else
	echo "lint: note: no clang-format here: layout was not looked at"
fi
if [ "${1:-}" = --all ]; then
	if command -v cppcheck >/dev/null; then
		# It is wrong about some places, so what it says is for reading, and not a breach.
		cppcheck -q --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem --template='{file}:{line}: {message} [{id}]' \
			--std=c11 -j2 -I lib/include -I . $(printf '%s\n' "${code[@]}" | grep -E '^(lib|classes|flowspaces|cli)/.*\.c$') 2>&1 |
			grep -E '^[a-z].*\]$' | sed 's/^/lint: note: cppcheck: /'
	else
		echo "lint: note: no cppcheck here"
	fi
fi
[ ! -s "$found" ] || { echo "lint: $(wc -l <"$found") breaches"; exit 1; }
echo "lint: ${#files[@]} files"
