# Three programs: of the class 1, of the class of the packet's length over 100, and one of another kind.
license GPL
variable calls 8
program all xdp
	address r1, calls
	mov64 r2, 1
	atomic64 0, [r1+0], r2
	mov64 r0, 1
	exit
program long xdp/long
	ldxw r2, [r1+4]
	ldxw r3, [r1+0]
	sub64 r2, r3
	address r3, calls
	mov64 r4, 2
	atomic64 0, [r3+0], r4
	mov64 r0, 1
	jgt r2, 100, +1
	mov64 r0, 2
	exit
program size tc
	ldxw r0, [r1+0]
	exit
