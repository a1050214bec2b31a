# natives.py WHAT FILE …: what the classes that are C code should find in a savefile, computed by plain means and
# independently of the project's code.
#     strsearch FILE yes|no payload|packet PATTERN_HEX…   packets bytes matched, then a line of hits, then of classes
#     digest FILE ALGORITHM OF                            a line of digests counted by their first 32 bits
#     anon BEFORE AFTER                                   does AFTER have the packets of BEFORE with other addresses?
#     defrag FILE WHOLE [TIMEOUT_NS]                      does WHOLE have the datagrams of FILE? The counts
import hashlib
import re
import struct
import sys

EXTENSIONS = (0, 43, 44, 60, 135, 139, 140, 51)
LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20), 104: (2, 4)}


def records(path):
    """linktype, then (time_ns, length, bytes) of each record of a pcap file"""
    with open(path, "rb") as file:
        data = file.read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}[data[:4]]
    unit = 1 if b"\x3c" in data[:4] else 1000
    yield struct.unpack(order + "I", data[20:24])[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        seconds, part, caplen, length = struct.unpack_from(order + "IIII", data, at)
        if at + 16 + caplen > len(data):
            return
        yield seconds * 10**9 + part * unit, length, data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def be(data):
    return int.from_bytes(data, "big")


class Layers:
    """Where the headers of a packet are: ip, ip6 (offsets or None), transport, payload, end."""

    def __init__(self, data, link):
        self.data, self.ip, self.ip6, self.fragment = data, None, None, None
        self.end = len(data)
        at, version = self._link(link)
        self.network = self.transport = self.payload = at
        d = data[at:]
        if version == 4 and len(d) >= 20 and d[0] >> 4 == 4 and d[0] & 15 >= 5:
            self.ip = at
            self._ip4()
        elif version == 6 and len(d) >= 40 and d[0] >> 4 == 6:
            self.ip6 = at
            self._ip6()

    def _link(self, link):
        d = self.data
        if link in (12, 101, 228, 229):
            return 0, d[0] >> 4 if d else 0
        if link == 0 or link == 108:
            family = be(d[:4])
            if link == 0 and not family & 0xffffff:
                family >>= 24
            return min(4, len(d)), 4 if family == 2 else 6 if family in (10, 24, 28, 30) else 0
        if link in (9, 50):
            if len(d) < 4:
                return len(d), 0
            kind = be(d[2:4])
            return self._labels(4) if kind in (0x281, 0x283) else (4, {0x21: 4, 0x57: 6}.get(kind, 0))
        if link not in LINKS:
            return 0, 0
        kind_at, at = LINKS[link]
        for tags in range(6):
            if len(d) < kind_at + 2 or len(d) < at:
                return len(d), 0
            kind = be(d[kind_at:kind_at + 2])
            if kind in (0x8100, 0x88a8, 0x9100) and tags < 4:
                kind_at, at = at + 2, at + 4
                continue
            return self._labels(at) if kind in (0x8847, 0x8848) else (at, {0x800: 4, 0x86dd: 6}.get(kind, 0))

    def _labels(self, at):
        for _ in range(8):
            if at + 4 > len(self.data):
                return at, 0
            at += 4
            if self.data[at - 2] & 1:
                return at, self.data[at] >> 4 if at < len(self.data) else 0
        return at, 0

    def _ip4(self):
        d, at = self.data, self.ip
        total = be(d[at + 2:at + 4])
        if total:
            self.end = min(self.end, at + total)
        word = be(d[at + 6:at + 8])
        self.fragment = ((word & 0x1fff) * 8, bool(word & 0x2000))
        self.protocol = d[at + 9]
        self.transport = min(at + (d[at] & 15) * 4, self.end)
        if not self.fragment[0]:
            for _ in range(8):
                if self.protocol != 51 or not self._pass():
                    break
        self._transport()

    def _ip6(self):
        d, at = self.data, self.ip6
        length = be(d[at + 4:at + 6])
        if length:
            self.end = min(self.end, at + 40 + length)
        self.fragment = (0, False)
        self.protocol = d[at + 6]
        self.transport = at + 40
        for _ in range(8):
            if self.protocol not in EXTENSIONS or not self._pass():
                break
        self._transport()

    def _pass(self):
        d, at = self.data[:self.end], self.transport
        if at + 8 > len(d):
            return False
        size = 8 if self.protocol == 44 else (d[at + 1] + 2) * 4 if self.protocol == 51 else (d[at + 1] + 1) * 8
        if self.protocol == 44:
            self.fragment = (be(d[at + 2:at + 4]) & 0xfff8, bool(d[at + 3] & 1))
        if at + size > len(d):
            return False
        self.protocol, self.transport = d[at], at + size
        return not self.fragment[0]

    def _transport(self):
        d, at = self.data[:self.end], self.transport
        self.payload = at
        if self.fragment[0]:
            return
        left = len(d) - at
        if self.protocol == 6 and left >= 20 and d[at + 12] >> 4 >= 5:
            self.payload = min(at + (d[at + 12] >> 4) * 4, self.end)
        elif self.protocol == 132 and left >= 12:
            self.payload = at + 12
        elif left >= 8 and (self.protocol in (17, 136) or (self.protocol == 1 and self.ip is not None) or
                            (self.protocol == 58 and self.ip6 is not None)):
            self.payload = at + 8


def strsearch(path, nocase, where, *patterns):
    patterns = [re.compile(re.escape(bytes.fromhex(p)), re.DOTALL | (re.IGNORECASE if nocase == "yes" else 0)) for p in patterns]
    rows = records(path)
    link = next(rows)
    total = searched = matched = 0
    hits, classes = [0] * len(patterns), {}
    for _, _, data in rows:
        total += 1
        if where == "payload":
            layers = Layers(data, link)
            data = data[layers.payload:layers.end]
        searched += len(data)
        found = [i for i, pattern in enumerate(patterns) if pattern.search(data)]
        for i in found:
            hits[i] += 1
        if found:
            matched += 1
            classes[found[0] + 1] = classes.get(found[0] + 1, 0) + 1
    print(total, searched, matched)
    print(*hits)
    print(*(f"{k}:{classes[k]}" for k in sorted(classes)))


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return (crc ^ 0xffffffff).to_bytes(4, "big")


def invariant(data, link):
    layers = Layers(data, link)
    if layers.ip is not None:
        at, end = layers.ip, layers.end
        changed = bytearray(data[at:])
        changed[1] = changed[8] = changed[10] = changed[11] = 0
        return bytes(changed[:end - at])
    if layers.ip6 is not None:
        at, end = layers.ip6, layers.end
        header = bytearray(data[at:at + 40])
        header[0:4] = b"\x60\0\0\0"
        header[7] = 0
        return bytes(header) + data[at + 40:end]
    return data[layers.network:]


def digest(path, algorithm, of):
    rows = records(path)
    link = next(rows)
    counts, total = {}, 0
    for _, _, data in rows:
        if of == "payload":
            layers = Layers(data, link)
            data = data[layers.payload:layers.end]
        elif of == "invariant":
            data = invariant(data, link)
        if not data:
            continue
        total += len(data)
        value = crc32c(data) if algorithm == "crc32c" else hashlib.new(algorithm, data).digest()
        first = be(value[:4]) or 1
        counts[first] = counts.get(first, 0) + 1
    print(sum(counts.values()), total)
    for first in sorted(counts):
        print(first, counts[first])


def checksum(data):
    total = sum(be(data[i:i + 2].ljust(2, b"\0")) for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def sums(layers):
    """Are the checksums right that can be looked at?"""
    d, found = layers.data, {}
    at = layers.ip if layers.ip is not None else layers.ip6
    if layers.ip is not None:
        found["ip"] = checksum(d[at:at + (d[at] & 15) * 4])
    kind = {6: 16, 17: 6, 58: 2, 136: 6, 1: 2}.get(layers.protocol)
    body = d[layers.transport:layers.end]
    whole = layers.fragment == (0, False) and layers.end == at + (be(d[at + 2:at + 4]) if layers.ip is not None else 40 + be(d[at + 4:at + 6]))
    if kind and whole and len(body) >= kind + 2 and (layers.protocol != 17 or body[6:8] != b"\0\0") and layers.protocol != 136:
        pseudo = d[at + 12:at + 20] if layers.ip is not None else d[at + 8:at + 40]
        if layers.protocol == 1:
            found["transport"] = checksum(body)
        else:
            found["transport"] = checksum(pseudo + len(body).to_bytes(4, "big") + bytes([0, 0, 0, layers.protocol]) + body)
    return found


def anon(before, after):
    old, new, mapped = records(before), records(after), {}
    link, n = next(old), 0
    assert next(new) == link

    def same(x, y):
        assert mapped.setdefault(x, y) == y, f"{x.hex()} is {mapped[x].hex()}, and {y.hex()}"

    for (time, length, x), (other, long, y) in zip(old, new, strict=True):
        assert (time, length, len(x)) == (other, long, len(y))
        a, b = Layers(x, link), Layers(y, link)
        assert (a.ip, a.ip6, a.transport, a.payload, a.end) == (b.ip, b.ip6, b.transport, b.payload, b.end)
        if a.ip is None and a.ip6 is None:
            n += x != y
            continue
        at, size, first = (a.ip, 4, 12) if a.ip is not None else (a.ip6, 16, 8)
        same(x[at + first:at + first + size], y[at + first:at + first + size])
        same(x[at + first + size:at + first + 2 * size], y[at + first + size:at + first + 2 * size])
        assert x[:at + 2] == y[:at + 2]
        if a.protocol in (6, 17) and a.payload > a.transport:  # a header that is whole
            assert x[a.payload:] == y[a.payload:], "the payload"
            assert x[a.transport:a.transport + 4] == y[a.transport:a.transport + 4], "ports"
        for k, v in sums(a).items():
            assert bool(v) == bool(sums(b)[k]), (k, v, sums(b), x.hex(), y.hex())
        n += 1
    for size in (4, 16):
        pairs = sorted((be(x), be(y)) for x, y in mapped.items() if len(x) == size)
        for (x, a), (y, b) in zip(pairs, pairs[1:]):
            assert (x ^ y).bit_length() == (a ^ b).bit_length(), "prefixes"
    print(n, len(mapped))


class Datagram:
    def __init__(self, time):
        self.began, self.parts, self.size, self.head, self.dead = time, {}, None, None, False


def pieces(layers):
    """key, offset, more, bytes, and what makes the whole of a head; None: bad"""
    d = layers.data
    offset, more = layers.fragment
    if layers.ip is not None:
        at = layers.ip
        header, total = (d[at] & 15) * 4, be(d[at + 2:at + 4])
        body = d[at + header:at + total]
        key = (4, d[at + 12:at + 20], d[at + 4:at + 6], d[at + 9])
        good = header <= total <= len(d) - at and offset + len(body) + header <= 65535

        def whole(n):
            ip = bytearray(d[at:at + header])
            ip[2:4] = (header + n).to_bytes(2, "big")
            ip[6:8] = bytes([ip[6] & 0xc0, 0])
            ip[10:12] = b"\0\0"
            ip[10:12] = checksum(ip).to_bytes(2, "big")
            return d[:at] + bytes(ip)
    else:
        at = layers.ip6
        next_at, here, kind = at + 6, at + 40, d[at + 6]
        while kind != 44:
            next_at, kind, here = here, d[here], here + ((d[here + 1] + 2) * 4 if kind == 51 else (d[here + 1] + 1) * 8)
        end = at + 40 + be(d[at + 4:at + 6])
        body = d[here + 8:end]
        key = (6, d[at + 8:at + 40], d[here + 4:here + 8])
        good = end <= len(d) and offset + len(body) + here - at - 40 <= 65535

        def whole(n):
            head = bytearray(d[:here])
            head[at + 4:at + 6] = (here - at - 40 + n).to_bytes(2, "big")
            head[next_at] = d[here]
            return bytes(head)
    if not good or not body or (more and len(body) % 8):
        return None
    return key, offset, more, body, whole


def defrag(path, result, timeout="30000000000"):
    rows, out, waiting = records(path), [], {}
    link = next(rows)
    count = dict.fromkeys(("fragments", "reassembled", "joined", "timed_out", "bad", "overlap"), 0)
    for time, _, data in rows:
        for key in [k for k, g in waiting.items() if time - g.began > int(timeout)]:
            count["timed_out"] += len(waiting.pop(key).parts)
        layers = Layers(data, link)
        if layers.fragment in (None, (0, False)):
            out.append(data)
            continue
        count["fragments"] += 1
        piece = pieces(layers)
        if not piece:
            count["bad"] += 1
            continue
        key, offset, more, body, whole = piece
        g = waiting.setdefault(key, Datagram(time))
        end = offset + len(body)
        if g.dead or (offset in g.parts and len(g.parts[offset]) == len(body)):
            count["overlap"] += 1
            continue
        if any(offset < at + len(b) and at < end for at, b in g.parts.items()):
            count["overlap"] += 1 + len(g.parts)
            g.parts, g.dead = {}, True
            continue
        last = max((at + len(b) for at, b in g.parts.items()), default=0)
        if (g.size is not None and (end > g.size if more else end != g.size)) or (g.size is None and not more and last > end):
            count["bad"] += 1
            continue
        g.parts[offset] = body
        g.size = g.size if more else end
        g.head = g.head if offset else whole
        if g.head and g.size == sum(map(len, g.parts.values())):
            out.append(g.head(g.size) + b"".join(g.parts[at] for at in sorted(g.parts)))
            count["reassembled"] += 1
            count["joined"] += len(g.parts)
            del waiting[key]
    count["waiting"] = sum(len(g.parts) for g in waiting.values())
    found = [row[2] for row in list(records(result))[1:]]
    assert found == out, f"{len(found)} packets, not {len(out)}, or others"
    print(len(out), *count.values())


if __name__ == "__main__":
    {"strsearch": strsearch, "digest": digest, "anon": anon, "defrag": defrag}[sys.argv[1]](*sys.argv[2:])
