"""seeds.py SOURCE DIR: programs to begin fuzzing FPL with, one a file: the classes, and the cases of the tests"""
import glob
import os
import re
import sys

source, folder = sys.argv[1:]
programs = [open(path, encoding="utf-8").read() for path in glob.glob(f"{source}/fpl/classes/*.fpl")]
for path in glob.glob(f"{source}/tests/fpl/*.t"):
    for case in re.split(r"^== .*\n", open(path, encoding="utf-8").read(), flags=re.M)[1:]:
        programs.append(re.split(r"^-- ", case, flags=re.M)[0])
for i, program in enumerate(programs):
    with open(os.path.join(folder, f"seed{i:03}"), "w", encoding="utf-8") as file:
        file.write(program)
