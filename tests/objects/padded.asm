# A key whose last two bytes nobody writes, as the compiler lays out struct { u32; u16 }; and in a function, too.
license GPL
map seen hash 8 8 16
function look
	stxw [r10-16], r1
	sth [r10-12], 7
	stdw [r10-24], 1
	address r1, seen
	mov64 r2, r10
	add64 r2, -16
	mov64 r3, r10
	add64 r3, -24
	mov64 r4, 0
	call 2
	exit
program padded xdp
	stw [r10-8], 5
	sth [r10-4], 6
	stdw [r10-24], 1
	address r1, seen
	mov64 r2, r10
	add64 r2, -8
	mov64 r3, r10
	add64 r3, -24
	mov64 r4, 0
	call 2
	mov64 r1, 5
	callf look
	mov64 r0, 1
	exit
