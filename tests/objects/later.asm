# A new version of udp.asm: matches TCP; `protocols` has become larger, `senders` and `seen` are what they were.
license GPL
map protocols array 4 8 512
map senders hash 4 8 4096
variable seen 8
program udp xdp
	ldxw r2, [r1+4]
	ldxw r6, [r1+0]
	address r3, seen
	ldxdw r4, [r3+0]
	add64 r4, 1
	stxdw [r3+0], r4
	mov64 r0, 0
	mov64 r3, r6
	add64 r3, 34
	jgt r3, r2, +5
	ldxh r3, [r6+12]
	jne r3, 8, +3
	ldxb r7, [r6+23]
	jne r7, 6, +1
	mov64 r0, 1
	exit
