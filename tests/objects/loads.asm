# A socket filter of the old kind: TCP over IPv4, with packet loads.
license GPL
program loads socket
	mov64 r6, r1
	raw 28 00 00 00 0c 00 00 00
	mov64 r7, r0
	raw 30 00 00 00 17 00 00 00
	mov64 r1, r0
	mov64 r0, 0
	jne r7, 0x800, +2
	jne r1, 6, +1
	mov64 r0, 1
	exit
