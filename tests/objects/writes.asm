# Changes the last byte of the sender's address.
license GPL
program mark xdp
	ldxw r2, [r1+4]
	ldxw r1, [r1+0]
	mov64 r0, 0
	mov64 r3, r1
	add64 r3, 14
	jgt r3, r2, +2
	stb [r1+11], 0x77
	mov64 r0, 1
	exit
