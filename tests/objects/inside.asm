# Small enough to stand in the generated program, and does what could disturb it: changes r6 to r9, uses its stack, has
# several exits, a loop, variables. Class: 1 + (number of bytes of the packet's first 14 that are 0), or 0 for runts.
license GPL
variable seen 8
variable zeros 8
program inside xdp
	mov64 r6, r1
	ldxw r7, [r6+0]
	ldxw r8, [r6+4]
	address r2, seen
	ldxdw r3, [r2+0]
	add64 r3, 1
	stxdw [r2+0], r3
	mov64 r3, r7
	add64 r3, 14
	jgt r3, r8, +18
	stxdw [r10-8], r7
	stdw [r10-16], 0
	mov64 r9, 14
	ldxdw r7, [r10-8]
	ldxb r4, [r7+0]
	jne r4, 0, +3
	ldxdw r5, [r10-16]
	add64 r5, 1
	stxdw [r10-16], r5
	add64 r7, 1
	sub64 r9, 1
	jne r9, 0, -8
	ldxdw r0, [r10-16]
	address r2, zeros
	atomic64 0, [r2+0], r0
	add64 r0, 1
	exit
	mov64 r0, 0
	exit
