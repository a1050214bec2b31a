# others.py nfdump|p0f|synmatch|synhosts|records|ffpf FUNCTION|hosts SIGNATURES: what another tool printed (standard input), in the lines of expect.py.
import datetime
import ipaddress
import json
import sys

NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMP6": 58}
FLAGS = "CEUAPRSF"


def milliseconds(text):
    return round(datetime.datetime.strptime(text + "+0000", "%Y-%m-%d %H:%M:%S.%f%z").timestamp() * 1000)


def port(text):
    """8.0: ICMP type and code"""
    if "." not in text:
        return int(text)
    kind, code = text.split(".")
    return int(kind) << 8 | int(code)


def nfdump():
    """nfdump -o fmt:%ts|%te|%pr|%sa|%sp|%da|%dp|%pkt|%byt|%flg. A flow that it splits, since it was quiet for a while
    or lasted long, is one here."""
    found = {}
    for line in sys.stdin:
        first, last, proto, src, sport, dst, dport, packets, octets, flags = (w.strip() for w in line.split("|"))
        key = (NUMBERS[proto], str(ipaddress.ip_address(src)), port(sport), str(ipaddress.ip_address(dst)), port(dport))
        flow = found.setdefault(key, [0, 0, milliseconds(first), 0, 0])
        flow[0] += int(packets)
        flow[1] += int(octets)
        flow[2] = min(flow[2], milliseconds(first))
        flow[3] = max(flow[3], milliseconds(last))
        flow[4] |= sum(1 << FLAGS[::-1].index(f) for f in flags if f != ".")
    for row in sorted([*key, *flow] for key, flow in found.items()):
        print(*row)


def match(client, system, distance, *flags):
    address, number = client.rsplit("/", 1)
    if system == "???":
        distance = "?"
    return f"{ipaddress.ip_address(address)}/{number}|{system}|{distance}|{' '.join(f for f in flags if f) or '-'}"


def p0f():
    """p0f -o: its first word on each client's SYN. `tos:` is left out, and so is what `excess_dist` says already"""
    found = {}
    for line in sys.stdin:
        fields = dict(w.split("=", 1) for w in line.rstrip("\n").split("] ", 1)[1].split("|"))
        if fields["mod"] != "syn":
            continue
        words = fields["params"].split()
        found.setdefault(fields["cli"], match(
            fields["cli"], fields.get("os", fields.get("app")), fields["dist"].replace("<= ", ""),
            *("generic" if "generic" in words else "", "fuzzy" if "fuzzy" in words else "",
              "tool" if "app" in fields else "")))
    print(*sorted(found.values()), sep="\n")


def synmatch():
    found = {}
    for line in sys.stdin:
        ends, system, distance, flags = line.rstrip("\n").split("|")
        client = ends.split()[0]
        found.setdefault(client, match(client, system, distance, *flags.replace("-", "").split()))
    print(*sorted(found.values()), sep="\n")


def shown(value):
    """Addresses as expect.py writes them"""
    if isinstance(value, str) and ":" in value:
        try:
            address = ipaddress.ip_address(value)
            return address.ipv4_mapped or address
        except ValueError:
            pass
    return value


def ffpf(function):
    """ffpf --json: all that a function keeps, a line for each number, bucket, and row of a table"""
    document = json.load(sys.stdin)
    found = next(f for f in document["functions"] if f["name"] == function or f["class"] == function)
    lines = [f"out {found['packets_out']}"]
    tables = found.get("tables", {})
    for name, value in found["state"].items():
        if name.endswith(".false_positives"):  # an estimate
            continue
        if isinstance(value, list):
            for bucket in value:
                lines.append(f"{name} {bucket['from']}..{bucket['to']} {bucket['count']}")
        else:
            lines.append(f"{name} {value}")
    for name, rows in tables.items():
        for row in rows:
            lines.append(" ".join([name] + [f"{key}={shown(value)}" for key, value in row.items()]))
    print(*sorted(lines), sep="\n")


def records():
    """ffpf --json of (flows): in the lines of `expect.py records`"""
    rows = next(f for f in json.load(sys.stdin)["functions"] if f["class"] == "flows")["tables"]["flows"]
    for row in sorted([r["proto"], str(shown(r["src"])), r["sport"], str(shown(r["dst"])), r["dport"], r["packets"],
                       r["bytes"], r["first"] // 10**6, r["last"] // 10**6, r["flags"]] for r in rows):
        print(*row)


def labels(path):
    """The labels of a signature file, in order: what the class p0f numbers them by, from 1 on"""
    wanted, found = False, ["???"]
    with open(path) as file:
        for line in file:
            if line.startswith("["):
                wanted = line.startswith("[tcp:request]")
            elif wanted and line.startswith("label"):
                found.append(" ".join(line.split("=", 1)[1].strip().split(":", 3)[2:]).strip())
    return found


def hosts(signatures):
    """ffpf --json of (p0f): what it found of each host, as synhosts says it. Labels are texts, and have their numbers
    in the file beside them, in both tables."""
    names = labels(signatures)
    tables = next(f for f in json.load(sys.stdin)["functions"] if f["class"] == "p0f")["tables"]
    for row in tables["hosts"] + tables["systems"]:
        if names[row["label_number"]] != row["label"]:
            print(f"label {row['label_number']} is {names[row['label_number']]}, not {row['label']}")
    for row in tables["hosts"]:
        flags = ["generic"] * bool(row["generic"]) + ["fuzzy"] * bool(row["fuzzy"])
        print(f"{shown(row['address'])}|{row['label']}|{row['distance']}|{' '.join(flags) or '-'}")


def synhosts():
    """synmatch: the last of each client's address"""
    found = {}
    for line in sys.stdin:
        ends, system, distance, flags = line.rstrip("\n").split("|")
        flags = " ".join(f for f in flags.split() if f not in ("tool", "-"))
        found[ends.split("/")[0]] = f"{system}|{distance}|{flags or '-'}"
    for client, what in found.items():
        print(f"{client}|{what}")


if __name__ == "__main__":
    {f.__name__: f for f in (nfdump, p0f, synmatch, ffpf, records, hosts, synhosts)}[sys.argv[1]](*sys.argv[2:])
