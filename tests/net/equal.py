"""
What equal.sh asks for: captures, graphs that have each class at each level it is offered at, and a comparison of what
their functions counted. The classes come from the command's own list.

    equal.py capture OUT MOST FILES…        fragments, and Ethernet packets of savefiles, at most so many of each, into one
    equal.py graphs CLASSES FOLDER DIR …    FOLDER/N.live, FOLDER/N.file: graphs for a device and for a savefile
    equal.py compare N.file.json N.live.json
"""
import json, os, re, struct, sys

# ---- what differs between classes ----------------------------------------------------------------

# Arguments where those of the example would not do: windows and credits of which time takes nothing during a run,
# limits that the captures reach.
ARGUMENTS = {
    "BPF": '"tcp or icmp",class=1',
    "FPL": "{ hash t[src: IPv4]: counter; if (ip.ttl > 0) { t[ip.src]++; return 1 } }",
    "card": "src",
    "firewall": '"src net 198.18.0.0/16",idle=1h,idle_tcp=1h,idle_closed=1h',
    "flows": "16k",
    "portscan": "2,window=1h",
    "ratelimit": "1,burst=3",
    "synflood": "2,window=1h",
    "write": "$OUT",
    "print": "$OUT,time=none,class=yes",
    "anon": 'key="equal at all levels"',
}

# What can't be equal, and why. Paths of results; "*" is every row.
TIME = "the time of receiving a live packet is not the time in the savefile"
UNEQUAL = {
    "conntrack": (["tables.connections.begin", "tables.connections.last"], TIME),
    "dapper": ([f"tables.directions.{column}" for column in (
        "at", "acked_at", "timed_at", "rtt", "least_rtt", "reaction", "by_sender", "by_network", "by_receiver", "limit")], TIME),
    "dnscount": (["tables.waiting.since", "state.time"], TIME),
    "firewall": (["tables.connections.last"], TIME),
    "flows": (["tables.flows.first", "tables.flows.last"], TIME),
    "p0f": (["tables.hosts.last"], TIME),
    "portscan": (["tables.sources.window_begin"], TIME),
    "rate": (["state.pps", "state.bps", "state.avg_pps", "state.avg_bps"], TIME),
    "ratelimit": (["tables.buckets.credit", "tables.buckets.last"], TIME + ", and credit grows with it"),
    "synflood": (["tables.opening.since", "tables.servers.window_begin"], TIME),
}
# Classes that are not in these graphs, and why.
LEFT_OUT = {
    "head": "it ends the run: equal.sh has it by itself",
    "export": "it has no packets but another function's map: tests/cli/export.sh",
}
BEHIND_WRITES = ("anon", "defrag")  # what they change shows in the packets behind them
SLOTS = int(os.environ.get("EQUAL_SLOTS", "46"))  # in-flows that go along in the metadata
LEVELS = {"x": "xdp", "t": "tc", "k": "kmod", "u": "user"}
ORDER = os.environ.get("EQUAL_LEVELS", "xtu")
AT = os.environ.get("EQUAL_AT", ORDER)
MODULE = ("strsearch", "digest", "anon", "defrag")  # classes that are C code of the kernel module, too


# ---- captures ------------------------------------------------------------------------------------

def packets(path, most):
    with open(path, "rb") as file:
        data = file.read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<"}.get(data[:4])
    if not order or len(data) < 24 or struct.unpack(order + "I", data[20:24])[0] != 1:
        return
    at = 24
    while at + 16 <= len(data) and most > 0:
        kept, length = struct.unpack(order + "II", data[at + 8:at + 16])
        packet = data[at + 16:at + 16 + kept]
        at += 16 + kept
        # What a packet socket sends as it is: complete, with a header, no more than fits.
        if kept == length == len(packet) and 14 <= length <= 1514:
            most -= 1
            yield packet


def fragments(text, number, order):
    """An IPv4 datagram in as many pieces, in this order."""
    size = (len(text) // len(order) + 8) // 8 * 8
    for i in order:
        part = text[i * size:(i + 1) * size]
        more = 0x2000 if (i + 1) * size < len(text) else 0
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(part), number, more | i * size // 8, 64, 17, 0,
                         bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2]))
        s = sum(struct.unpack(">10H", ip))
        s = ~((s & 0xffff) + (s >> 16)) & 0xffff
        yield b"\2\0\0\0\0\2\2\0\0\0\0\1\10\0" + ip[:10] + struct.pack(">H", s) + ip[12:] + part


def made():
    for i in range(20):
        text = struct.pack(">HHHH", 4000 + i, 80, 8 + 40 * i + 100, 0) + b"GET /%d " % i + b"x" * (40 * i + 90)
        yield from fragments(text, i, [0, 1, 2] if i % 3 else [2, 0, 1])


def capture(out, most, paths):
    n = 0
    with open(out, "wb") as file:
        file.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for source in [made()] + [packets(path, int(most)) for path in paths]:
            for packet in source:
                file.write(struct.pack("<IIII", 1700000000 + n // 100000, n % 100000 * 10, len(packet), len(packet)) + packet)
                n += 1
    print(n)


# ---- graphs --------------------------------------------------------------------------------------

def close_of(text, at):
    """Where the bracket at text[at] ends."""
    depth, quote = 0, False
    for i in range(at, len(text)):
        if text[i] == '"' and text[i - 1] != "\\":
            quote = not quote
        if quote:
            continue
        depth += text[i] in "([{"
        depth -= text[i] in ")]}"
        if not depth:
            return i
    raise ValueError(text)


def arguments(item):
    """The function's arguments in the class's own example."""
    if item["name"] in ARGUMENTS:
        return ARGUMENTS[item["name"]]
    text = item["example"]
    at = re.search(r"\(" + re.escape(item["name"]) + r"\b", text).start()
    inside = text[at + 1:close_of(text, at)][len(item["name"]):].lstrip(" ,")
    return re.sub(r",? *\bname=\w+", "", inside)


def function(name, args, at, pin, files):
    if pin and name == "ebpf":
        args = args.replace("$OBJ", "$OBJ_TC" if pin in ("tc", "kmod") else "$OBJ")
    args = args.replace("$OUT", f'"{files}/{at}.out"')
    text = f"({name},{args},name={at})" if args else f"({name},name={at})"
    return text + (f"@{pin}" if pin else "")


def counter(class_name, at, pin, files):
    if class_name in BEHIND_WRITES:
        return function("write", "$OUT", at, pin and "user", files)
    return f"(pktcount,name={at})" + (f"@{pin}" if pin else "")


def above(level, from_):
    return ORDER[ORDER.index(from_):] if level == "any" else "u"


def places(item, from_):
    """Where the class can be, of what is asked for."""
    if item["name"] in MODULE and "k" in ORDER:
        return "".join(c for c in "ku" if c in AT)
    return "".join(c for c in above(item["level"], from_) if c in AT)


def followed(item, text, ends):
    ends = f"[{' | '.join(ends)}]"
    if item["name"] not in BEHIND_WRITES:
        ends = f"[1: {ends}]"  # the class has come up, too
    return text if item["role"] == "sink" else f"{text} > {ends}"


def live_graph(items, files):
    arms = []
    for f in ORDER:
        inner = []
        for item in items:
            name = item["name"]
            for c in places(item, f):
                at = f"{name}_{f}{c}"
                ends = "u" if name in BEHIND_WRITES else above("any", c)
                inner.append(followed(item, function(name, arguments(item), at, LEVELS[c], files),
                                      [counter(name, at + n, LEVELS[n], files) for n in ends]))
        arms.append(f'(BPF,"greater 60",name=f_{f})@{LEVELS[f]} >\n[ ' + "\n| ".join(inner) + " ]")
    return f"(dev,v0,vlan=data)@{LEVELS[ORDER[0]]} > [" + " | ".join(arms) + "]"


def file_graph(items, path, files):
    inner = []
    for item in items:
        name = item["name"]
        at = f"{name}_s"
        inner.append(followed(item, function(name, arguments(item), at, None, files),
                              [counter(name, at + "n", None, files)]))
    return f'[pcap "{path}"] > (BPF,"greater 60",name=f_s) >\n[ ' + "\n| ".join(inner) + " ]"


def slots(item):
    """In-flows from the lowest level up that the branches of a class have."""
    return len(ORDER) * (len(ORDER) + 1) // 2 if item["level"] == "any" else 1


def graphs(classes, folder, path):
    with open(classes) as file:
        items = [c for c in json.load(file)["classes"] if c["role"] != "source" and places(c, ORDER[0])]
    for c in items:
        if "verdict" in c["properties"]:
            LEFT_OUT[c["name"]] = "it decides about the packet itself: equal.sh has it by itself"
        if c["name"] in LEFT_OUT:
            print(f"note: not among the others: {c['name']}: {LEFT_OUT[c['name']]}")
    batches, room = [[]], SLOTS - 3
    for c in [c for c in items if c["name"] not in LEFT_OUT]:
        if room < slots(c):
            batches.append([])
            room = SLOTS - 3
        room -= slots(c)
        batches[-1].append(c)
    for i, batch in enumerate(batches):
        for kind, text in (("live", live_graph(batch, f"{folder}/{i}.live.files")),
                           ("file", file_graph(batch, path, f"{folder}/{i}.file.files"))):
            os.makedirs(f"{folder}/{i}.{kind}.files", exist_ok=True)
            with open(f"{folder}/{i}.{kind}", "w") as file:
                file.write(text + "\n")
    print("batches", len(batches))


# ---- comparing -----------------------------------------------------------------------------------

def without(value, path):
    if isinstance(value, list):
        for row in value:
            without(row, path)
    elif isinstance(value, dict) and path:
        if len(path) == 1:
            value.pop(path[0], None)
        elif path[0] in value:
            without(value[path[0]], path[1:])


def figures(f):
    result = {"in": f["packets_in"], "out": f["packets_out"], "filtered": f["filtered"], "lost": f["lost"],
              "bytes": f["bytes_in"], "state": f.get("state", {}), "tables": f.get("tables", {})}
    for path in UNEQUAL.get(f["class"], ([], ""))[0]:
        without(result, path.split("."))
    for table in result["tables"].values():
        table.sort(key=lambda row: json.dumps(row, sort_keys=True))
    return result


def differences(a, b, path=""):
    if type(a) is dict and type(b) is dict:
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{path}.{key}")
    elif type(a) is list and type(b) is list and len(a) == len(b):
        for i in range(len(a)):
            yield from differences(a[i], b[i], f"{path}[{i}]")
    elif a != b:
        yield path, a, b


def expected_name(name):
    """f_x is f_s, BPF_xt is BPF_s, BPF_xtu is BPF_sn."""
    base, pins = name.rsplit("_", 1)
    return base + ("_sn" if len(pins) == 3 else "_s")


def output(folder, name):
    path = f"{folder}/{name}.out"
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return data
    frames, at = [], 24
    while at + 16 <= len(data):  # without their times
        kept, length = struct.unpack("<II", data[at + 8:at + 16])
        frames.append((length, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return frames


def compare(expected_path, got_path):
    docs = []
    for path in (expected_path, got_path):
        with open(path) as file:
            docs.append(json.load(file))
    expected = {f["name"]: f for f in docs[0]["functions"]}
    folders = [path.removesuffix(".json") + ".files" for path in (expected_path, got_path)]
    failed, compared, seen = 0, 0, set()
    for f in docs[1]["functions"]:
        if f["class"] == "dev":
            continue
        name, compared = f["name"], compared + 1
        as_ = expected_name(name)
        seen.add(as_)
        wanted = LEVELS[name[-1]]
        found = [("level", wanted, f["flowspace"])] if f["flowspace"] != wanted else []
        found += list(differences(figures(expected[as_]), figures(f)))
        if output(folders[0], as_) != output(folders[1], name):
            found.append(("what was written", as_, name))
        for what, a, b in found[:4]:
            print(f"differs: {name} at {f['flowspace']}: {what}: expected {str(a)[:200]}, got {str(b)[:200]}")
        failed += bool(found)
    missing = set(expected) - seen - {"pcap0"}
    packets_out = sum(f["packets_out"] for f in docs[0]["functions"][1:])
    print(f"compared={compared} differ={failed} missing={len(missing)} seen={min(packets_out, 1)}")


if __name__ == "__main__":
    if sys.argv[1] == "capture":
        capture(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        {"graphs": graphs, "compare": compare}[sys.argv[1]](*sys.argv[2:])
