"""The commands that a Markdown page shows: taken out for commands.sh to run, and their output compared with the page's.

    commands.py split PAGE DIR      DIR/NNN.cmd, DIR/NNN.live (NNN.clang) where the command needs that, and DIR/last
    commands.py compare PAGE DIR    DIR/NNN.got against the page; exit status 1 when something differs
    commands.py bless PAGE DIR      writes what differs into the page

A block that begins with ```console holds commands, each behind "$ " (further lines of one behind "> "), and what they
print. ```console live is a block for a network device, ```console clang one for a compiler of BPF. In the printed text "…" stands for any text within a line, a line
"…" alone for any lines; how many blanks stand between words does not matter.
"""
import re
import sys


def examples(lines):
    """(first line, line behind the output, command, output, what it needs) of each command; lines count from 0."""
    found, i = [], 0
    while i < len(lines):
        if not lines[i].startswith("```console"):
            i += 1
            continue
        need = " ".join(lines[i].split()[1:])
        if need not in ("", "live", "clang"):
            sys.exit(f"line {i + 1}: a console block needs nothing, live or clang, and not '{need}'")
        i += 1
        while i < len(lines) and lines[i] != "```":
            if not lines[i].startswith("$ "):
                sys.exit(f"line {i + 1}: a command is expected in a console block, behind '$ '")
            start, command = i, [lines[i][2:]]
            i += 1
            while i < len(lines) and lines[i].startswith("> "):
                command.append(lines[i][2:])
                i += 1
            begin = i
            while i < len(lines) and lines[i] != "```" and not lines[i].startswith("$ "):
                i += 1
            output = lines[begin:i]
            found.append((start, begin, i, "\n".join(command), output, need))
        i += 1
    return found


def squeeze(line):
    return re.sub(r"\s+", " ", line).rstrip()


def pattern(wanted):
    parts = []
    for line in wanted:
        if line == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*".join(re.escape(part) for part in squeeze(line).split("…")) + "\n")
    return "".join(parts)


def matches(wanted, got):
    while wanted and not wanted[-1]:
        wanted = wanted[:-1]
    while got and not got[-1]:
        got = got[:-1]
    return re.fullmatch(pattern(wanted), "".join(squeeze(line) + "\n" for line in got)) is not None


def elide(line):
    """What differs from run to run, in new output."""
    def pad(match):
        return "…".rjust(len(match.group(0)))
    line = re.sub(r" +[0-9.]+[kMG]?/s(?= )", pad, line)
    line = re.sub(r" +[0-9.]+ [kMG]?bit/s(?=  |$)", pad, line)
    line = re.sub(r"^[0-9.:]+( [mun]?s)?, (?=nothing lost|[0-9]+ lost)", "…, ", line)
    line = re.sub(r'("elapsed_s": ?)[0-9.e-]+', r"\1…", line)
    return re.sub(r"^buffers: .*", "buffers: … KiB for … processors", line)


def main():
    what, page, folder = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    found = examples(lines)
    if what == "split":
        for n, (_, _, _, command, _, need) in enumerate(found):
            with open(f"{folder}/{n:03}.cmd", "w", encoding="utf-8") as file:
                file.write(command + "\n")
            if need:
                open(f"{folder}/{n:03}.{need}", "w").close()
        with open(f"{folder}/last", "w") as file:
            file.write(f"{len(found)}\n")
        return 0
    status = 0
    for n, (start, begin, end, command, wanted, _) in reversed(list(enumerate(found))):
        try:
            with open(f"{folder}/{n:03}.got", encoding="utf-8", errors="replace") as file:
                got = file.read().split("\n")
        except FileNotFoundError:
            continue # not run: what it needs is not there
        if matches(wanted, got):
            continue
        if what == "bless":
            while got and not got[-1]:
                got.pop()
            lines[begin:end] = [elide(line) for line in got] + ([""] if wanted and not wanted[-1] and end < len(lines) and lines[end] != "```" else [])
            continue
        status = 1
        print(f"FAIL: {page}:{start + 1}: $ {command}", "  -- the page shows", *wanted, "  -- it printed", *got, sep="\n    ")
    if what == "bless":
        with open(page, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
    return status


sys.exit(main())
