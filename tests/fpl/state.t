== counters that nobody declared
n++; if (tcp) syns += len; t[ip.src]++; u[ip.src, tcp.dport] += len
