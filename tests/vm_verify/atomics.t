== an addition on the stack
-- asm
stdw [r10-8], 40
mov64 r2, 2
atomic64 0x00, [r10-8], r2
ldxdw r0, [r10-8]
exit
-- r0 42
== on what was never written
-- asm
mov64 r2, 2
atomic64 0x00, [r10-8], r2
mov64 r0, 0
exit
-- error 8 bytes of the stack at r10-8 are read
== not aligned
-- asm
stdw [r10-8], 40
stdw [r10-16], 40
mov64 r2, 2
atomic64 0x00, [r10-12], r2
mov64 r0, 0
exit
-- error an atomic instruction on 8 bytes at an offset that is not a multiple of 8
== 32 bits at a multiple of four
-- asm
stdw [r10-8], 0
mov64 r2, 2
atomic32 0x00, [r10-4], r2
ldxw r0, [r10-4]
exit
-- r0 2
== 32 bits, not aligned
-- asm
stdw [r10-8], 0
mov64 r2, 2
atomic32 0x00, [r10-6], r2
mov64 r0, 0
exit
-- error an atomic instruction on 4 bytes at an offset that is not a multiple of 4
== fetch
-- asm
stdw [r10-8], 40
mov64 r2, 2
atomic64 0x01, [r10-8], r2
mov64 r0, r2
exit
-- r0 40
== what was fetched is any number
-- memory 64
-- asm
stdw [r10-8], 4
mov64 r2, 2
atomic64 0x01, [r10-8], r2
add64 r1, r2
ldxb r0, [r1+0]
exit
-- error the number added to r1 has no lower bound
== what was changed is any number
-- memory 64
-- asm
stdw [r10-8], 4
mov64 r2, 2
atomic64 0x40, [r10-8], r2
ldxdw r2, [r10-8]
add64 r1, r2
ldxb r0, [r1+0]
exit
-- error the number added to r1 has no lower bound
== what was fetched has 32 bits
-- asm
stdw [r10-8], -1
mov64 r2, 2
atomic32 0x41, [r10-8], r2
mov64 r0, r2
exit
-- r0 0xffffffff
== exchange
-- asm
stdw [r10-8], 7
mov64 r2, 9
atomic64 0xe1, [r10-8], r2
ldxdw r0, [r10-8]
mul64 r0, 10
add64 r0, r2
exit
-- r0 97
== exchange with a pointer
-- asm
stdw [r10-8], 7
mov64 r2, r10
atomic64 0xe1, [r10-8], r2
mov64 r0, 0
exit
-- error an atomic instruction with a pointer as its operand
== exchange of a pointer
-- asm
stxdw [r10-8], r10
mov64 r2, 1
atomic64 0xe1, [r10-8], r2
mov64 r0, 0
exit
-- error an atomic instruction on a pointer that lies on the stack
== compare and exchange
-- asm
stdw [r10-8], 7
mov64 r0, 7
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
ldxdw r0, [r10-8]
exit
-- r0 9
== compare and exchange of what differs
-- asm
stdw [r10-8], 8
mov64 r0, 7
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
ldxdw r2, [r10-8]
mul64 r0, 10
add64 r0, r2
exit
-- r0 88
== compare and exchange needs r0
-- asm
stdw [r10-8], 8
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
mov64 r0, 0
exit
-- error r0 is read, but was never set
== compare with a pointer
-- asm
stdw [r10-8], 8
mov64 r0, r10
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
mov64 r0, 0
exit
-- error an atomic instruction with a pointer as its operand
== the operand was never set
-- asm
stdw [r10-8], 8
atomic64 0x00, [r10-8], r3
mov64 r0, 0
exit
-- error r3 is read, but was never set
== on the packet
-- context xdp
-- writes
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 8
jgt r4, r3, out
mov64 r4, 1
atomic64 0x00, [r2+0], r4
out:
exit
-- error an atomic instruction on the packet
== on a value
-- context xdp
-- map m array 4 16 1
-- asm
value r2, m+8
mov64 r4, 5
atomic64 0x00, [r2+0], r4
atomic32 0x00, [r2+4], r4
ldxw r0, [r2+0]
exit
-- r0 5
== on a value, beyond its end
-- context xdp
-- map m array 4 16 1
-- asm
value r2, m+8
mov64 r4, 5
atomic64 0x00, [r2+8], r4
mov64 r0, 0
exit
-- error r2 may point 8 bytes behind the end of m
== on a value that may be NULL
-- context xdp
-- map m array 4 16 1
-- asm
stw [r10-4], 0
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r4, 5
atomic64 0x00, [r0+0], r4
mov64 r0, 0
exit
-- error r0 may be NULL: compare it with 0 first
== on a number
-- asm
mov64 r4, 5
mov64 r2, 64
atomic64 0x00, [r2+0], r4
mov64 r0, 0
exit
-- error r2 is a number, not a pointer
== a variable offset that keeps the alignment
-- memory 64
-- asm
ldxb r3, [r1+1]
and64 r3, 56
add64 r1, r3
mov64 r4, 5
atomic64 0x00, [r1+0], r4
mov64 r0, 1
exit
-- r0 1
== a variable offset that does not keep the alignment
-- memory 64
-- asm
ldxb r3, [r1+1]
and64 r3, 60
add64 r1, r3
mov64 r4, 5
atomic32 0x00, [r1+0], r4
and64 r3, 56
atomic64 0x00, [r1+0], r4
mov64 r0, 1
exit
-- error not a multiple of 8
