#!/usr/bin/env bash
# Every function of the public headers is exported by the shared library, documented where it is declared, named in docs/API.md when it is of
# ffpf.h, and called by some test; and docs/API.md names nothing that is not there.
. "$(dirname "$0")/../cli/common.bash"
python3 - "$source" >"$tmp/functions" <<'PY' || fail "the headers"
import glob, os, re, sys
os.chdir(sys.argv[1])
wrong = 0
for header in sorted(glob.glob("lib/include/ffpf/*.h")):
    # Declarations in groups without a blank line between them share a comment.
    text = open(header).read()
    text = re.sub(r"/\*(.*?)\*/", lambda m: "/*" + m.group(1).replace("\n\n", "\n").replace("\n", " ") + "*/", text, flags=re.S)
    for group in re.split(r"\n\s*\n", text):
        code = re.sub(r"/\*.*?\*/", "", group)
        code = re.sub(r"\{.*\}", "", code, flags=re.S)
        for name in re.findall(r"^[\w][\w\s*]*?\b(ffpf_\w+)\s*\(", code, flags=re.M):
            if "/*" not in group:
                print(f"{header}: {name} has no comment", file=sys.stderr)
                wrong = 1
            print(os.path.basename(header), name)
sys.exit(wrong)
PY
[ "$(wc -l <"$tmp/functions")" -gt 60 ] || fail "only $(wc -l <"$tmp/functions") functions were found"
nm -D --defined-only "$build/lib/libffpf.so" | awk '{ print $3 }' | sort -u >"$tmp/exported"
while read -r header name; do
	grep -qx "$name" "$tmp/exported" || fail "$header: $name is not exported"
	grep -qrwE "$name" "$source"/tests --include='*.c' --include='*.h' || grep -qwE "$name" "$source"/docs/*.c || fail "$header: no test calls $name"
	[ "$header" != ffpf.h ] || grep -qw "$name" "$source/docs/API.md" || fail "docs/API.md does not name $name"
done <"$tmp/functions"
for name in $(grep -oE '\bffpf_[a-z0-9_]+' "$source/docs/API.md" | sort -u); do
	grep -qrw "$name" "$source"/lib/include/ffpf || fail "docs/API.md names $name, which no header has"
done
finish
