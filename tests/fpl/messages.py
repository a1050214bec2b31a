"""Every message that the language FPL can give is shown by a case of tests/fpl/*.t: messages.py SOURCE.

A message's format is found where the source calls for it, and "%s" in it is any text. Prints those that no case shows.
"""
import glob
import re
import sys

CALLS = r"\b(?:fpl_error|fpl_scan_error|wrong_value|ffpf_diag_error|fpl_hint|fpl_label)\s*\("
# Said where no program of a case gets: tests/unit/test_fpl.c has these.
ELSEWHERE = set("""it has more lines than a table has entries
this text can't be read
a file NAME.fpl is the class NAME: class %s "…";
the class of this file is called '%s'
the text does not say which class it is
a program is either a text or a file
'FPL' needs a program, {…}, or file=…
brackets are nested more than %u deep
this is nested more than %u deep
this is nested too deep (%s)
the text has %zu bytes, more than the %u that are accepted""".split("\n"))


def calls(text):
    """The text between the brackets of each call"""
    for match in re.finditer(CALLS, text):
        depth, at, quoted = 1, match.end(), False
        while depth:
            c = text[at]
            if c == "\\" and quoted:
                at += 1
            elif c == '"':
                quoted = not quoted
            elif not quoted:
                depth += {"(": 1, ")": -1}.get(c, 0)
            at += 1
        yield match.start(), text[match.end():at - 1]


def formats(path):
    text = open(path, encoding="utf-8").read()
    text = re.sub(r'"\s*\n\s*"', "", text)
    for at, call in calls(text):
        before = text[text.rfind("\n", 0, at):at]
        if re.search(r"^\s*(?:static )?(?:struct|void|bool)\b", before.strip("\n")):
            continue  # its definition
        call = re.sub(CALLS + r'(?:[^()]|\([^()]*\))*\)', "", call)  # those inside are found themselves
        for literal in re.findall(r'"((?:[^"\\]|\\.)+)"', call):
            literal = literal.replace('\\"', '"').replace("\\\\", "\\")
            if len(literal) > 8 and " " in literal and not literal.startswith(","):
                yield literal


def main():
    source = sys.argv[1]
    shown = "".join(open(path, encoding="utf-8").read() for path in glob.glob(f"{source}/tests/fpl/*.t"))
    shown = shown.replace("\n", "\n\n")
    missing = 0
    for path in sorted(glob.glob(source + "/fpl/*.[cly]")):
        if "signatures" in path:
            continue  # files of signatures: tests/unit/test_signatures.c
        for format in formats(path):
            pattern = "[^\n]*?".join(re.escape(part) for part in re.split(r"%(?:\.?\d*)?(?:z|ll|l)?[sucdx]", format))
            if format not in ELSEWHERE and not re.search(pattern, shown):
                print(f"{path[len(source) + 1:]}: no case shows '{format}'")
                missing += 1
    return missing > 0


sys.exit(main())
