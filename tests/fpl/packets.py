# Packets of a savefile, taken apart: what the tests of FPL's classes compute their expectations from. Independent of
# the project's C code, and plain rather than fast. packets(FILE) gives a Packet for each record; a header that is not
# there, or not whole, is None, as in FPL ("absent").
import ipaddress
import struct


class Header(dict):
    """A header's fields, by name: packet.ip.src"""
    __getattr__ = dict.__getitem__


class Packet:
    def __init__(self, number, time_ns, length, data):
        self.number, self.time, self.len, self.data = number, time_ns, length, data
        self.vlans = []
        self.eth = self.ip = self.ip6 = self.tcp = self.udp = self.icmp = self.icmp6 = self.dns = None
        self.src = self.dst = self.proto = self.sport = self.dport = self.payload = None
        self.ip_len = self.fragment = None
        self._link()

    def _link(self):
        d, at = self.data, 12
        if len(d) < 14:
            return
        self.eth = Header(dst=d[0:6], src=d[6:12], type=int.from_bytes(d[12:14], "big"))
        kind = self.eth.type
        while kind in (0x8100, 0x88a8, 0x9100) and len(d) >= at + 6:
            tci, kind = struct.unpack_from(">HH", d, at + 2)
            self.vlans.append(Header(id=tci & 0xfff, pcp=tci >> 13, dei=tci >> 12 & 1))
            at += 4
        self.type = kind
        if kind == 0x800:
            self._ip(at + 2)
        elif kind == 0x86dd:
            self._ip6(at + 2)

    def _ip(self, at):
        d = self.data
        if len(d) < at + 20 or d[at] >> 4 != 4 or d[at] & 15 < 5:
            return
        ihl = (d[at] & 15) * 4
        total, ident, frag = struct.unpack_from(">HHH", d, at + 2)
        self.ip = Header(src=ipaddress.ip_address(d[at + 12:at + 16]), dst=ipaddress.ip_address(d[at + 16:at + 20]),
                         ihl=ihl // 4, tos=d[at + 1], len=total, id=ident, df=frag >> 14 & 1, mf=frag >> 13 & 1,
                         mbz=frag >> 15, frag=frag & 0x1fff, ttl=d[at + 8], proto=d[at + 9], header=at)
        self.src, self.dst, self.proto, self.ip_len = self.ip.src, self.ip.dst, self.ip.proto, total
        self.fragment = (frag & 0x1fff) * 8 or None
        if not frag & 0x1fff:
            self._transport(at + ihl, min(len(d), at + total))

    def _ip6(self, at):
        d = self.data
        if len(d) < at + 40 or d[at] >> 4 != 6:
            return
        word, length, proto, hops = struct.unpack_from(">IHBB", d, at)
        self.ip6 = Header(src=ipaddress.ip_address(d[at + 8:at + 24]), dst=ipaddress.ip_address(d[at + 24:at + 40]),
                          tos=word >> 20 & 0xff, flow=word & 0xfffff, len=length, next=proto, hops=hops, header=at)
        self.src, self.dst, self.proto, self.ip_len = self.ip6.src, self.ip6.dst, proto, length + 40
        self._transport(at + 40, min(len(d), at + 40 + length))

    def _transport(self, at, end):
        d = self.data[:end]
        left = end - at
        if self.proto == 6 and left >= 20 and d[at + 12] >> 4 >= 5:
            sport, dport, seq, ack, off, flags, window, _, urgent = struct.unpack_from(">HHIIBBHHH", d, at)
            header = (off >> 4) * 4
            self.tcp = Header(sport=sport, dport=dport, seq=seq, ack=ack, flags=flags, window=window, urgent=urgent,
                              doff=off >> 4, reserved=off & 15, options=d[at + 20:at + header], header=at)
            self.payload = d[at + header:]
        elif self.proto == 17 and left >= 8:
            sport, dport, length, _ = struct.unpack_from(">HHHH", d, at)
            self.udp = Header(sport=sport, dport=dport, len=length)
            self.payload = d[at + 8:]
            if 53 in (sport, dport) and len(self.payload) >= 12:
                self._dns()
        elif self.proto == 1 and left >= 8:
            self.icmp = Header(type=d[at], code=d[at + 1])
        elif self.proto == 58 and left >= 4:
            self.icmp6 = Header(type=d[at], code=d[at + 1])
        if self.tcp or self.udp:
            self.sport, self.dport = sport, dport

    def _dns(self):
        p = self.payload
        ident, flags, questions, answers, _, _ = struct.unpack_from(">HHHHHH", p)
        qtype, at = None, 12
        if questions:
            while at < len(p) and p[at] and p[at] < 64:
                at += p[at] + 1
            if at + 5 <= len(p) and p[at] == 0:
                qtype = int.from_bytes(p[at + 1:at + 3], "big")
        self.dns = Header(id=ident, qr=flags >> 15, opcode=flags >> 11 & 15, rcode=flags & 15, qdcount=questions,
                          ancount=answers, qtype=qtype)

    @property
    def ttl(self):
        return self.ip.ttl if self.ip else self.ip6.hops if self.ip6 else None


def packets(path):
    with open(path, "rb") as file:
        head = file.read(24)
        nano = head[:4] == b"\x4d\x3c\xb2\xa1"
        assert nano or head[:4] == b"\xd4\xc3\xb2\xa1", "a savefile of this byte order"
        assert head[20:24] == b"\1\0\0\0", "Ethernet"
        number = 0
        while True:
            record = file.read(16)
            if len(record) < 16:
                return
            seconds, part, caplen, length = struct.unpack("<IIII", record)
            number += 1
            yield Packet(number, seconds * 10**9 + part * (1 if nano else 1000), length, file.read(caplen))


def v6(address):
    """The address as a number of 128 bits, IPv4 mapped."""
    n = int(address)
    return n if address.version == 6 else 0xffff << 32 | n
