# Matches UDP over IPv4; counts what it sees in `seen`, packets of each protocol in `protocols`, and remembers senders.
license GPL
map protocols array 4 8 256
map senders hash 4 8 4096
variable seen 8
function remember
	stxw [r10-4], r1
	stdw [r10-16], 1
	address r1, senders
	mov64 r2, r10
	add64 r2, -4
	mov64 r3, r10
	add64 r3, -16
	mov64 r4, 0
	call 2
	mov64 r0, 0
	exit
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
	jgt r3, r2, +18
	ldxh r3, [r6+12]
	jne r3, 8, +16
	ldxb r7, [r6+23]
	stxw [r10-4], r7
	address r1, protocols
	mov64 r2, r10
	add64 r2, -4
	call 1
	jeq r0, 0, +2
	mov64 r1, 1
	atomic64 0, [r0+0], r1
	ldxw r1, [r6+26]
	callf remember
	mov64 r0, 0
	jne r7, 17, +1
	mov64 r0, 1
	exit
	mov64 r0, 0
	exit
