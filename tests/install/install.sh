#!/usr/bin/env bash
# What is installed works: the command, the libraries through pkg-config, the manual page, the completion.
. "$(dirname "$0")/../cli/common.bash"
prefix=$tmp/prefix
cmake --install "$build" --prefix "$prefix" >"$tmp/install.log" || { cat "$tmp/install.log"; exit 1; }

"$prefix/bin/ffpf" --version | grep -q '^ffpf ' || fail "the installed command"
pc=$(dirname "$(find "$prefix" -name ffpf.pc)")
[ -n "$pc" ] || fail "no ffpf.pc"
export PKG_CONFIG_PATH=$pc
lib=$(dirname "$pc")
[ "$(pkg-config --modversion ffpf)" = "$("$prefix/bin/ffpf" --version | cut -d' ' -f2)" ] || fail "version in ffpf.pc"

# the folder may be moved
mv "$prefix" "$tmp/moved"
PKG_CONFIG_PATH=${pc/$prefix/$tmp/moved}
lib=${lib/$prefix/$tmp/moved}
sanitize=
grep -q 'FFPF_SANITIZE:BOOL=ON' "$build/CMakeCache.txt" && sanitize=-fsanitize=address,undefined
savefile "$tmp/a.pcap" 30 20
for header in "$tmp"/moved/include/ffpf/*.h; do
	cc $sanitize -std=c11 -Wall -Wextra -Werror -Wno-unused-parameter $(pkg-config --cflags ffpf) -fsyntax-only "$header" || fail "$(basename "$header") alone"
done
cc $sanitize -std=c11 -Wall -Wextra -Werror -o "$tmp/example" "$source/docs/example.c" $(pkg-config --cflags --libs ffpf) || fail "example.c"
LD_LIBRARY_PATH=$lib "$tmp/example" "$tmp/a.pcap" >"$tmp/out" || fail "example: exit status $?"
out_has '^packet 0: 60 bytes, the first is 0x02$'
out_has '^read 30 packets, 0 lost$'
out_has '^count at user: in 30 out 30 filtered 0 lost 0 packets=30$'
LD_LIBRARY_PATH=$lib "$tmp/example" /nonexistent.pcap >"$tmp/out" 2>"$tmp/err"
is $? 2 "example without its file"
err_has '/nonexistent.pcap'

page=$tmp/moved/share/man/man1/ffpf.1
[ -s "$page" ] || fail "no manual page"
if command -v man >/dev/null; then
	warnings=$(MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l "$page" 2>&1 >"$tmp/out")
	is "$warnings" "" "warnings of man"
	out_has 'EXIT STATUS'
	out_has 'pktcount'
else
	echo "no man here: the page was not rendered"
fi

completion=$tmp/moved/share/bash-completion/completions/ffpf
reply=$(bash -c '. "$1"; COMP_WORDS=(ffpf expl) COMP_CWORD=1; _ffpf; echo "${COMPREPLY[*]}"' bash "$completion")
is "$reply" explain "completion"
finish
