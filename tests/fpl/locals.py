# locals.py SEED PACKET: a random program of many variables that live long, and what it has to find in a packet of these
# bytes (hexadecimal). On standard output the program, on the last line the result of each scalar.
import random
import sys

MASK = 2**64 - 1
draw = random.Random(int(sys.argv[1]))
packet = bytes.fromhex(sys.argv[2])
values, lines = [], ["hash seen[x: u64]: u64 size 64;"]
OPERATORS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "^": lambda a, b: a ^ b, "*": lambda a, b: a * b,
             "|": lambda a, b: a | b}


def term():
    """A number: an old variable, or bytes of the packet"""
    if values and draw.random() < 0.7:
        k = draw.randrange(len(values)) if draw.random() < 0.5 else draw.randrange(max(0, len(values) - 6), len(values))
        return f"v{k}", values[k]
    size = draw.choice((1, 2, 4, 8))
    at = draw.randrange(len(packet) - size)
    return f"pkt[{at}:{size}]", int.from_bytes(packet[at:at + size], "big")


for _ in range(draw.randrange(20, 90)):
    (a, x), (b, y), op = term(), term(), draw.choice(list(OPERATORS))
    if draw.random() < 0.15:  # across a call, and a branch
        lines.append(f"seen[{a}] += 1;")
    if draw.random() < 0.2:
        (c, z), (d, w) = term(), term()
        lines.append(f"let v{len(values)} = {a} {op} {b};")
        lines.append(f"if ({c} < {d}) v{len(values)} = v{len(values)} + {c};")
        values.append(OPERATORS[op](x, y) + (z if z < w else 0) & MASK)
    else:
        lines.append(f"let v{len(values)} = {a} {op} {b};")
        values.append(OPERATORS[op](x, y) & MASK)
shown = draw.sample(range(len(values)), min(len(values), 24))
lines = [f"scalar s{k}: u64;" for k in shown] + lines + [f"s{k} = u32(v{k});" for k in shown]
lines += [f"unused += v{k} & 0;" for k in range(len(values)) if k not in shown]
print(*lines, sep="\n")
print("#", *(f"s{k}={values[k] & 0xffffffff}" for k in shown))
