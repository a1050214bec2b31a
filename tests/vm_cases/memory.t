== loads of every size
-- asm
ldxb r0, [r1+1]
ldxh r2, [r1+2]
ldxw r3, [r1+4]
ldxdw r4, [r1+8]
be16 r2
be32 r3
be64 r4
lsh64 r0, 32
or64 r0, r2
add64 r0, r3
xor64 r0, r4
exit
-- mem 00 11 22 33 44 55 66 77 01 02 03 04 05 06 07 08
-- r0 0x0102031541538fa2
== sign-extending loads
-- asm
ldxsb r0, [r1+0]
ldxsh r2, [r1+0]
ldxsw r3, [r1+0]
add64 r0, r2
add64 r0, r3
exit
-- mem fe ff ff ff 01 01 01 01
-- r0 -6
== sign-extending loads of what is positive
-- asm
ldxsb r0, [r1+0]
ldxsh r2, [r1+0]
ldxsw r3, [r1+0]
add64 r0, r2
add64 r0, r3
exit
-- mem 01 00 00 00 ff ff ff ff
-- r0 3
== unaligned loads
-- asm
ldxdw r0, [r1+1]
be64 r0
exit
-- mem ff 01 02 03 04 05 06 07 08 ff
-- r0 0x0102030405060708
== stores of a constant
-- asm
stdw [r10-8], -1
stb [r10-8], 0x12
sth [r10-6], 0x1234
stw [r10-4], 0x7fffffff
ldxdw r0, [r10-8]
exit
-- r0 0x7fffffff1234ff12
== a stored constant is sign-extended to 64 bits
-- asm
stdw [r10-8], -2
ldxdw r0, [r10-8]
exit
-- r0 0xfffffffffffffffe
== stores of a register
-- asm
lddw r2, 0x1122334455667788
stxdw [r10-16], r2
stxb [r10-9], r2
stxh [r10-16], r2
stxw [r10-14], r2
ldxdw r0, [r10-16]
exit
-- r0 0x8822556677887788
== negative offset from another register
-- asm
add64 r1, 4
ldxb r0, [r1-4]
exit
-- mem 2a 00 00 00 00
-- r0 42
== a 64-bit constant
-- asm
lddw r0, 0xfedcba9876543210
exit
-- r0 0xfedcba9876543210
== atomic add, or, and, xor on 64 bits
-- asm
stdw [r10-8], 0xf0
mov64 r2, 0x0f
atomic64 0x00, [r10-8], r2
mov64 r3, 0x100
atomic64 0x40, [r10-8], r3
mov64 r4, 0x1f7
atomic64 0x50, [r10-8], r4
mov64 r5, 0x3
atomic64 0xa0, [r10-8], r5
ldxdw r0, [r10-8]
add64 r0, r2
exit
-- r0 0x203
== fetching atomics give the old value
-- asm
stdw [r10-8], 5
mov64 r2, 2
atomic64 0x01, [r10-8], r2
mov64 r3, 8
atomic64 0x41, [r10-8], r3
mov64 r4, 6
atomic64 0x51, [r10-8], r4
mov64 r5, 1
atomic64 0xa1, [r10-8], r5
ldxdw r0, [r10-8]
lsh64 r0, 8
or64 r0, r2
lsh64 r0, 8
or64 r0, r3
lsh64 r0, 8
or64 r0, r4
lsh64 r0, 8
or64 r0, r5
exit
-- r0 0x0705070f06
== a 32-bit fetching add extends with zeros and leaves the neighbour alone
-- asm
stdw [r10-8], -1
mov64 r0, -1
mov64 r2, 2
atomic32 0x01, [r10-8], r2
ldxdw r0, [r10-8]
xor64 r0, r2
exit
-- r0 0xfffffffffffffffe
== exchange
-- asm
stdw [r10-8], 7
mov64 r2, 9
atomic64 0xe1, [r10-8], r2
ldxdw r0, [r10-8]
lsh64 r0, 4
or64 r0, r2
exit
-- r0 0x97
== exchange of 32 bits
-- asm
stdw [r10-8], -1
mov64 r2, 9
atomic32 0xe1, [r10-4], r2
ldxdw r0, [r10-8]
exit
-- r0 0x9ffffffff
== compare and exchange that succeeds
-- asm
stdw [r10-8], 7
mov64 r0, 7
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
lsh64 r0, 8
ldxdw r3, [r10-8]
or64 r0, r3
exit
-- r0 0x709
== compare and exchange that fails
-- asm
stdw [r10-8], 7
mov64 r0, 6
mov64 r2, 9
atomic64 0xf1, [r10-8], r2
lsh64 r0, 8
ldxdw r3, [r10-8]
or64 r0, r3
exit
-- r0 0x707
== a 32-bit compare and exchange looks at 32 bits of r0, and clears the rest
-- asm
stdw [r10-8], 7
lddw r0, 0x100000007
mov64 r2, 9
atomic32 0xf1, [r10-8], r2
lsh64 r0, 8
ldxdw r3, [r10-8]
or64 r0, r3
exit
-- r0 0x709
== a failing 32-bit compare and exchange clears r0's upper half too
-- asm
stw [r10-8], 8
lddw r0, 0x500000007
mov64 r2, 9
atomic32 0xf1, [r10-8], r2
exit
-- r0 8
== counting, and the sum is not asked for
-- asm
ldxdw r0, [r1+8]
add64 r0, 200
stxdw [r1+8], r0
ldxdw r0, [r1+8]
exit
-- mem 0 0 0 0 0 0 0 0 ff ff
-- r0 0x100c7
== counting, and the sum is asked for
-- asm
mov64 r3, 1
ldxdw r2, [r1+8]
add64 r2, r3
stxdw [r1+8], r2
ldxdw r0, [r1+8]
lsh64 r0, 16
or64 r0, r2
exit
-- mem 0 0 0 0 0 0 0 0 ff 01
-- r0 0x02000200
== counting, with a jump into it
-- asm
mov64 r0, 7
jeq r2, r2, +1
ldxdw r0, [r1+8]
add64 r0, 1
stxdw [r1+8], r0
ldxdw r0, [r1+8]
exit
-- mem 0 0 0 0 0 0 0 0 ff 01
-- r0 8
