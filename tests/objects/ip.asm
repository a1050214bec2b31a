# Matches IPv4 over Ethernet: the smallest filter, for benchmarks.
license GPL
program ip xdp
	ldxw r2, [r1+4]
	ldxw r1, [r1+0]
	mov64 r0, 0
	mov64 r3, r1
	add64 r3, 34
	jgt r3, r2, +3
	ldxh r3, [r1+12]
	jne r3, 8, +1
	mov64 r0, 1
	exit
