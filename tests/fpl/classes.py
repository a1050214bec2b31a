# What each class of fpl/classes finds in a savefile, written down again, in Python: a model for each, with the class's
# parameters by name. What a model keeps is printed as `others.py ffpf` prints what ffpf keeps.
import ipaddress

from packets import packets, v6

SECOND = 10**9
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16


class Model:
    """A class: packet(p) is asked for each packet and returns whether it goes on (or its class)"""

    def __init__(self, **parameters):
        self.parameters = parameters
        self.counters = {}
        self.tables = {}
        self.histograms = {}
        self.events = []
        self.begin()

    def given(self, name, default):
        return type(default)(self.parameters.get(name, default))

    def begin(self):
        pass

    def counter(self, *names):
        for name in names:
            self.counters[name] = 0

    def count(self, name, n=1):
        self.counters[name] += n

    def table(self, name, keys, columns):
        self.tables[name] = (keys.split(), columns.split(), {})
        return self.tables[name][2]

    def histogram(self, name):
        self.histograms[name] = {}
        return self.histograms[name]

    def lines(self):
        for name, n in self.counters.items():
            yield f"{name} {n}"
        for name, buckets in self.histograms.items():
            for bounds, n in buckets.items():
                yield f"{name} {bounds} {n}"
        for name, (keys, columns, rows) in self.tables.items():
            yield f"{name} {len(rows)}"
            for key, row in rows.items():
                key = key if isinstance(key, tuple) else (key,)
                row = row if isinstance(row, list) else [row]
                yield " ".join([name] + [f"{k}={v}" for k, v in zip(keys + columns, [*key, *row])])


def show(name, path, parameters):
    model = {c.__name__: c for c in Model.__subclasses__()}[name](**parameters)
    out = 0
    for p in packets(path):
        out += bool(model.packet(p))
    print(*sorted([f"out {out}", *model.lines()]), sep="\n")


def log2_bucket(x):
    bits = x.bit_length()
    return f"{1 << bits - 1 if bits else 0}..{(1 << bits) - 1}"


class flows(Model):
    def begin(self):
        self.flows = self.table("flows", "src dst sport dport proto", "packets bytes first last flags")

    def packet(self, p):
        if p.src is not None:
            flow = self.flows.setdefault((p.src, p.dst, p.sport or 0, p.dport or 0, p.proto), [0, 0, p.time, 0, 0])
            flow[0] += 1
            flow[1] += p.len
            flow[3] = p.time
            flow[4] |= p.tcp.flags if p.tcp else 0
        return True


class ratelimit(Model):
    def begin(self):
        self.cost = SECOND // self.given("rate", 1)
        self.full = self.cost * self.given("burst", 100)
        self.buckets = self.table("buckets", "address", "credit last")

    def packet(self, p):
        who = p.src if self.given("by", "src") == "src" else p.dst
        if who is None:
            return True
        credit, last = self.buckets.get(who, (self.full, p.time))
        credit = min(self.full, credit + max(p.time - last, 0))
        enough = credit >= self.cost
        self.buckets[who] = [credit - self.cost if enough else credit, p.time]
        return enough


class blocklist(Model):
    def begin(self):
        with open(self.parameters["list"]) as file:
            lines = (line.split("#")[0].strip() for line in file)
            self.listed = [ipaddress.ip_network(line) for line in lines if line]
        self.side = self.given("side", "both")
        self.counter("from_listed", "to_listed")

    def packet(self, p):
        for name, address, but in ("from_listed", p.src, "dst"), ("to_listed", p.dst, "src"):
            if self.side != but and address is not None and any(address in n for n in self.listed):
                self.count(name)
                return False
        return True


class vlanstat(Model):
    def begin(self):
        self.counter("tagged", "stacked", "untagged", "vlans_full")
        self.vlans = self.table("vlans", "id inner", "packets bytes")

    def packet(self, p):
        if not p.vlans:
            self.count("untagged")
            return True
        self.count("tagged")
        self.count("stacked", len(p.vlans) > 1)
        row = self.vlans.setdefault((p.vlans[0].id, p.vlans[1].id if len(p.vlans) > 1 else 0), [0, 0])
        row[0] += 1
        row[1] += p.len
        return True


class ttlcheck(Model):
    def begin(self):
        self.least, self.change = self.given("least", 5), self.given("change", 2)
        self.counter("low", "changed")
        self.ttls = self.histogram("ttl")
        self.sources = self.table("sources", "address", "ttl packets changes")

    def packet(self, p):
        if p.src is None:
            return False
        bucket = f"{p.ttl // 16 * 16}..{p.ttl // 16 * 16 + 15 if p.ttl < 240 else None}"
        self.ttls[bucket] = self.ttls.get(bucket, 0) + 1
        source = self.sources.setdefault(p.src, [p.ttl, 0, 0])
        changed, low = abs(source[0] - p.ttl) > self.change, p.ttl < self.least
        source[0] = p.ttl
        source[1] += 1
        source[2] += changed
        self.count("low", low)
        self.count("changed", changed)
        return changed or low


class dnscount(Model):
    def begin(self):
        self.counter("queries", "answers", "unasked", "truncated", "types_full", "codes_full")
        self.types = self.table("types", "type", "count")
        self.codes = self.table("codes", "code", "count")
        self.waiting = self.table("waiting", "client server port id", "since")
        self.times = self.histogram("time")

    def packet(self, p):
        if not p.dns:
            return True
        if not p.dns.qr:
            self.count("queries")
            if p.dns.qtype is not None:
                self.types[p.dns.qtype] = self.types.get(p.dns.qtype, 0) + 1
            self.waiting[p.src, p.dst, p.sport, p.dns.id] = p.time
            return True
        self.count("answers")
        self.codes[p.dns.rcode] = self.codes.get(p.dns.rcode, 0) + 1
        since = self.waiting.pop((p.dst, p.src, p.dport, p.dns.id), None)
        if since is None:
            self.count("unasked")
        else:
            bucket = log2_bucket(p.time - since)
            self.times[bucket] = self.times.get(bucket, 0) + 1
        return True
