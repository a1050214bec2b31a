# expect.py WHAT FILE [NAME=VALUE…]: what a class written in FPL should find in a savefile, computed from its packets (packets.py), in
# lines that are compared with what ffpf and other tools print, sorted.
import sys
from packets import packets
import classes

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58


def table(rows):
    for row in sorted(rows):
        print(*row)


def records(path, frames=True):
    """protocol src sport dst dport packets bytes first last flags; first and last in ms; bytes of frames or of IP"""
    found = {}
    for p in packets(path):
        if p.src is None:
            continue
        key = (p.proto, str(p.src), p.sport or 0, str(p.dst), p.dport or 0)
        flow = found.setdefault(key, [0, 0, p.time, 0, 0])
        flow[0] += 1
        flow[1] += p.len if frames else p.ip_len
        flow[3] = p.time
        flow[4] |= p.tcp.flags if p.tcp else 0
    table([*key, *flow[:2], flow[2] // 10**6, flow[3] // 10**6, flow[4]] for key, flow in found.items())


def nfpcapd(path):
    """The flows that nfpcapd sees. It counts IP bytes; what it does otherwise is said below."""
    found, fragmented = {}, {}
    for p in packets(path):
        if p.src is None or p.eth.type == 0x88a8:  # a service tag: not understood
            continue
        dport = p.dport or 0
        if p.icmp:
            dport = p.icmp.type << 8 | p.icmp.code
        if p.icmp6:
            dport = p.icmp6.type << 8 | p.icmp6.code
        size, key = p.ip_len, (p.proto, str(p.src), p.sport or 0, str(p.dst), dport)
        if p.ip and (p.ip.mf or p.ip.frag):  # reassembled: one packet, of the first fragment's flow
            datagram = fragmented.setdefault((p.src, p.dst, p.ip.id, p.proto), [None, 0])
            datagram[0] = key if not p.ip.frag else datagram[0]
            datagram[1] += p.ip_len - p.ip.ihl * 4
            if p.ip.mf:
                continue
            key, size = datagram[0], datagram[1] + p.ip.ihl * 4
        flow = found.setdefault(key, [0, 0, p.time, 0, 0])
        flow[0] += 1
        flow[1] += size
        flow[3] = p.time
        flow[4] |= p.tcp.flags if p.tcp else 0
    table([*key, *flow[:2], flow[2] // 10**6, flow[3] // 10**6, flow[4]] for key, flow in found.items())


def totals(path):
    found = list(packets(path))
    print(len(found), sum(p.len for p in found))


def trailing(path):
    """client/port of SYNs whose options have, behind their end, a last byte that is not zero and no other one"""
    for p in packets(path):
        options = p.tcp.options if p.tcp else b""
        at = 0
        while at < len(options) and options[at]:
            at += 1 if options[at] == 1 else max(options[at + 1] if at + 1 < len(options) else 1, 1)
        behind = options[at + 1:]
        if behind and behind[-1] and not any(behind[:-1]):
            print(f"{p.src}/{p.sport}")


if __name__ == "__main__":
    what = {f.__name__: f for f in (records, nfpcapd, totals, trailing)}
    given = dict(w.split("=", 1) for w in sys.argv[3:])
    if sys.argv[1] in what:
        what[sys.argv[1]](sys.argv[2])
    else:
        classes.show(sys.argv[1], sys.argv[2], given)
