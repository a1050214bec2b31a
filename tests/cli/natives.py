# natives.py WHAT FILE …: what the classes that are C code should find in a savefile, computed by plain means and
# independently of the project's code.
#     strsearch FILE yes|no payload|packet PATTERN_HEX…   packets bytes matched, then a line of hits, then of classes
#     digest FILE ALGORITHM OF                            a line of digests counted by their first 32 bits
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


if __name__ == "__main__":
    {"strsearch": strsearch, "digest": digest}[sys.argv[1]](*sys.argv[2:])
