# Passes IPv4 with a time to live: a filter of the usual size, for chains of it.
license GPL
program ipv4 xdp
	ldxw r2, [r1+4]
	ldxw r1, [r1+0]
	mov64 r0, 0
	mov64 r3, r1
	add64 r3, 34
	jgt r3, r2, +5
	ldxh r3, [r1+12]
	jne r3, 8, +3
	ldxb r3, [r1+22]
	jeq r3, 0, +1
	mov64 r0, 1
	exit
