# Keeps what bpf_ktime_get_ns said last; matches everything.
license GPL
variable last 8
program clock socket
	call 5
	address r1, last
	stxdw [r1+0], r0
	mov64 r0, 1
	exit
