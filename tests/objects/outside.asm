# Reads a byte of the packet that may not be there.
license GPL
program careless xdp
	ldxw r1, [r1+0]
	ldxb r0, [r1+50]
	exit
