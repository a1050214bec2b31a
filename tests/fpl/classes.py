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


def ends(p):
    """The key of a connection, the smaller end first; and whether the packet comes from the second"""
    from_, to = (v6(p.src), p.sport or 0), (v6(p.dst), p.dport or 0)
    if to < from_:
        return (p.dst, p.src, to[1], from_[1], p.proto), True
    return (p.src, p.dst, from_[1], to[1], p.proto), False


class conntrack(Model):
    # of a connection: packets, bytes, begin, last, state, from_second, finished
    def begin(self):
        self.counter("opened", "belonging", "closing", "strange")
        self.connections = self.table("connections", "first second first_port second_port proto",
                                      "packets bytes begin last state from_second finished")

    def tcp(self, c, flags, fresh, turned, now):
        state, back, begins = c[4], c[5] != turned, flags & (SYN | ACK) == SYN
        if begins and (fresh or state == 5):
            c[:] = [0, 0, now, c[3], 1, turned, False]
            return 1
        if fresh:
            c[4] = 0
            return 4
        if flags & RST:
            c[4] = 5
            return 3
        if state == 1:
            if back and flags & SYN and flags & ACK:
                c[4] = 2
                return 2
            return 1 if begins and not back else 4
        if state == 5:
            return 3
        if not flags & FIN:
            if state == 2 and not back and not flags & SYN and flags & ACK:
                c[4] = 3
            return 3 if state == 4 else 2
        if state == 4 and c[6] != back:
            c[4] = 5
        elif state in (2, 3):
            c[4], c[6] = 4, back
        return 3

    def packet(self, p):
        if p.src is None:
            return 0
        key, turned = ends(p)
        new = key not in self.connections
        c = self.connections.setdefault(key, [0, 0, 0, 0, 0, False, False])
        limit = 30 if p.proto != TCP else 3600 if c[4] == 3 else 60
        fresh = new or c[4] == 0 or p.time - c[3] > limit * SECOND
        if p.tcp:
            result = self.tcp(c, p.tcp.flags, fresh, turned, p.time)
        elif fresh:
            c[:] = [0, 0, p.time, 0, 1, turned, c[6]]
            result = 1
        else:
            if c[5] != turned:
                c[4] = 3
            result = 2 if c[4] == 3 else 1
        c[0] += 1
        c[1] += p.len
        c[3] = p.time
        self.count({1: "opened", 2: "belonging", 3: "closing", 4: "strange"}[result])
        return result


class firewall(Model):
    def begin(self):
        self.allowed = ipaddress.ip_network(self.parameters["allow"].split()[-1])
        self.counter("refused")
        self.connections = self.table("connections", "first second first_port second_port proto", "packets last state")

    def packet(self, p):
        if p.src is None:
            return True
        key, turned = ends(p)
        c = self.connections.get(key)
        flags = p.tcp.flags if p.tcp else 0
        begins = flags & (SYN | ACK) == SYN
        if c:
            limit = 30 if p.proto != TCP else 10 if c[2] == 4 else 3600
            if p.time - c[1] <= limit * SECOND and not (c[2] == 4 and begins):
                mine = 3 if turned else 2
                if flags & RST:
                    c[2] = 4
                elif flags & FIN:
                    c[2] = mine if c[2] in (1, mine) else 4
                c[0] += 1
                c[1] = p.time
                return True
        # A filter of pcap sees no tagged packets unless it asks for them.
        if p.proto == TCP and not begins or p.vlans or p.src not in self.allowed:
            self.count("refused")
            return False
        c = self.connections.setdefault(key, [0, 0, 0])
        c[:] = [c[0] + 1, p.time, 1]
        return True


class synflood(Model):
    # of a server: half_open, most, begun, window_begin, told
    def begin(self):
        self.limit, self.window = self.given("limit", 100), self.given("window", 10) * SECOND
        self.counter("floods", "flood.events", "flood.events_lost")
        self.opening = self.table("opening", "client server client_port server_port", "since")
        self.servers = self.table("servers", "server port", "half_open most begun window_begin told")

    def ended(self, key):
        s, since = self.servers.get((key[1], key[3])), self.opening.pop(key)
        if s and s[0] and since >= s[3]:
            s[0] -= 1

    def packet(self, p):
        if not p.tcp:
            return False
        flags = p.tcp.flags
        key, back = (p.src, p.dst, p.sport, p.dport), (p.dst, p.src, p.dport, p.sport)
        if flags & (SYN | ACK) == SYN:
            s = self.servers.setdefault((p.dst, p.dport), [0, 0, 0, p.time, False])
            if p.time - s[3] > self.window:
                s[0], s[3], s[4] = 0, p.time, False
            if key not in self.opening or self.opening[key] < s[3]:
                s[0] += 1
                s[2] += 1
            self.opening[key] = p.time
            s[1] = max(s[0], s[1])
            if s[0] > self.limit and not s[4]:
                s[4] = True
                self.count("floods")
                self.count("flood.events")
            return s[0] > self.limit
        if flags & (SYN | ACK) == ACK or flags & RST:
            if key in self.opening:
                self.ended(key)
            elif flags & RST and back in self.opening:
                self.ended(back)
        return False


class portscan(Model):
    def begin(self):
        self.limit, self.window = self.given("limit", 50), self.given("window", 60) * SECOND
        self.counter("scans", "scan.events", "scan.events_lost", "tried")
        self.tried = set()
        self.sources = self.table("sources", "source", "targets most window_begin told")

    def packet(self, p):
        if not p.tcp or p.tcp.flags & (SYN | ACK) != SYN:
            return False
        s = self.sources.setdefault(p.src, [0, 0, p.time, False])
        if p.time - s[2] > self.window:
            s[0], s[2], s[3] = 0, p.time, False
        target = (p.src, p.dst, p.dport)
        s[0] += target not in self.tried
        self.tried.add(target)
        self.counters["tried"] = len(self.tried)
        s[1] = max(s[0], s[1])
        if s[0] > self.limit and not s[3]:
            s[3] = True
            self.count("scans")
            self.count("scan.events")
        return s[0] > self.limit


class hash(Model):
    """Which class a packet gets is not told, but that both ways get the same: asked elsewhere"""

    def packet(self, p):
        return True


class dapper(Model):
    COLUMNS = ("bytes segments again limit by_sender by_network by_receiver rtt least_rtt reaction flight most_flight "
               "window congestion threshold mss scale can_scale zero_windows probes duplicates next acked at acked_at "
               "waits timing timed timed_at recovering recover")
    HALF = 1 << 31

    class Direction(dict):
        __getattr__, __setattr__ = dict.__getitem__, dict.__setitem__

    def begin(self):
        self.directions = {}
        self.rows = self.table("directions", "sender receiver sport dport", self.COLUMNS)

    def lines(self):
        for key, d in self.directions.items():
            self.rows[key] = list(d.values())
        yield from super().lines()

    def new(self):
        booleans = ("can_scale", "waits", "timing", "recovering")
        return self.Direction((c, False if c in booleans else 0) for c in self.COLUMNS.split())

    def account(self, d, now, lost):
        passed, d.at = max(now - d.at, 0), now
        if d.flight + d.mss > d.window:
            d.by_receiver += passed
        elif lost or d.recovering or d.flight + d.mss > d.congestion:
            d.by_network += passed
        else:
            d.by_sender += passed

    def options(self, raw):
        found, at = {}, 0
        while at < len(raw) and raw[at]:
            if raw[at] == 1:
                at += 1
                continue
            if at + 1 >= len(raw) or raw[at + 1] < 2 or at + raw[at + 1] > len(raw):
                break
            if (raw[at], raw[at + 1]) in ((2, 4), (3, 3)):
                found[raw[at]] = int.from_bytes(raw[at + 2:at + raw[at + 1]], "big")
            at += raw[at + 1]
        return found

    def syn(self, p, key, back):
        mine, other = (self.directions.setdefault(k, self.new()) for k in (key, back))
        tcp, options = p.tcp, self.options(p.tcp.options)
        if not tcp.flags & ACK:
            if mine.next == tcp.seq + 1 & 0xffffffff:
                return
            for d in mine, other:
                for column in ("bytes segments again limit by_sender by_network by_receiver rtt least_rtt reaction "
                               "zero_windows probes most_flight").split():
                    d[column] = 0
                d.waits = d.timing = d.recovering = False
        other.update(mss=options.get(2, 536), scale=min(options.get(3, 0), 14), can_scale=3 in options,
                     window=tcp.window, threshold=0xffffffff)
        other.congestion = other.mss * 10
        if tcp.flags & ACK and not (mine.can_scale and other.can_scale):
            mine.scale = other.scale = 0
        mine.next = mine.acked = tcp.seq + 1 & 0xffffffff
        mine.flight, mine.at = 0, p.time

    def acknowledged(self, p, d):
        self.account(d, p.time, False)
        window, fresh = p.tcp.window << d.scale, p.tcp.ack - d.acked & 0xffffffff
        d.zero_windows += window == 0
        if fresh and fresh <= d.flight:
            if d.timing and (p.tcp.ack - d.timed & 0xffffffff) < self.HALF:
                sample = max(p.time - d.timed_at, 0)
                d.rtt = d.rtt - d.rtt // 8 + sample // 8 if d.rtt else sample
                d.least_rtt = min(d.least_rtt or sample, sample)
                d.timing = False
            if not d.recovering:
                d.congestion += fresh if d.congestion < d.threshold else d.mss * d.mss // (d.congestion or 1 << 99)
            elif (p.tcp.ack - d.recover & 0xffffffff) < self.HALF:
                d.recovering = False
            d.acked, d.flight, d.duplicates, d.waits, d.acked_at = p.tcp.ack, d.flight - fresh, 0, True, p.time
        elif not fresh and not p.payload and d.flight and window == d.window and d.duplicates < 255:
            d.duplicates += 1
        d.window = window
        d.limit = (3 if d.by_receiver > max(d.by_network, d.by_sender) else 2 if d.by_network > d.by_sender else 1)

    def sent(self, p, d, room):
        old = (p.tcp.seq - d.next & 0xffffffff) >= self.HALF
        self.account(d, p.time, old)
        end = p.tcp.seq + room & 0xffffffff
        if not old:
            if d.waits:
                sample = max(p.time - d.acked_at, 0)
                d.reaction = d.reaction - d.reaction // 8 + sample // 8 if d.reaction else sample
                d.waits = False
            if not d.timing:
                d.timing, d.timed, d.timed_at = True, end, p.time
            d.bytes += len(p.payload)
            d.segments += 1
            d.next, d.flight = end, end - d.acked & 0xffffffff
        elif d.window == 0:
            d.probes += 1
        else:
            d.again += 1
            d.timing = False
            if not d.recovering:
                d.recovering, d.recover = True, d.next
                d.threshold = max(d.flight // 2, d.mss * 2)
                d.congestion = d.threshold if d.duplicates >= 3 else d.mss
        d.most_flight = max(d.flight, d.most_flight)
        d.congestion = max(d.flight, d.congestion)

    def packet(self, p):
        if not p.tcp:
            return True
        key, back = (p.src, p.dst, p.sport, p.dport), (p.dst, p.src, p.dport, p.sport)
        if p.tcp.flags & SYN:
            self.syn(p, key, back)
            return True
        ours, theirs = self.directions.get(key), self.directions.get(back)
        if theirs is not None and p.tcp.flags & ACK:
            self.acknowledged(p, theirs)
        room = len(p.payload) + (p.tcp.flags & FIN)
        if ours is not None and room:
            self.sent(p, ours, room)
        return True
