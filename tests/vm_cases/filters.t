# What the superinstructions run, and jumps into their middle.
== load, swap, jump if equal: taken
-- asm
ldxh r2, [r1+0]
be16 r2
jeq r2, 0x800, +2
mov64 r0, 1
exit
mov64 r0, r2
exit
-- mem 08 00
-- r0 0x800
== load, swap, jump if not equal: not taken
-- asm
ldxw r2, [r1+0]
be32 r2
jne r2, 0x7fffffff, +1
mov64 r0, 5
exit
-- mem 7f ff ff ff
-- r0 5
== a negative constant equals no loaded word in 64 bits, but in 32
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
jeq r2, -1, +1
add64 r0, 1
ldxw r2, [r1+0]
jeq32 r2, -1, +1
add64 r0, 2
ldxw r2, [r1+0]
be32 r2
jne r2, -1, +1
add64 r0, 4
ldxw r2, [r1+0]
be32 r2
jne32 r2, -1, +1
add64 r0, 8
exit
-- mem ff ff ff ff
-- r0 9
== bytes, halfwords and words without a swap
-- asm
mov64 r0, 0
ldxb r2, [r1+0]
jeq r2, 6, +1
add64 r0, 1
ldxh r2, [r1+0]
jne32 r2, 0x606, +1
add64 r0, 2
ldxw r2, [r1+0]
jeq32 r2, 0x6060606, +1
add64 r0, 4
ldxb r2, [r1+0]
jne r2, 7, +1
add64 r0, 8
exit
-- mem 06 06 06 06
-- r0 2
== a jump into the middle of a load and compare
-- asm
mov64 r0, 0
mov64 r2, 17
ja +2
add64 r0, 1
ldxb r2, [r1+0]
jeq r2, 17, +1
exit
add64 r0, 40
mov64 r2, 1
jlt r0, 81, -6
exit
-- mem 11
-- r0 120
== a compare of another register is not part of the load
-- asm
mov64 r3, 4
ldxb r2, [r1+0]
jeq r3, 4, +1
exit
mov64 r0, r2
exit
-- mem 09
-- r0 9
== load into its own base register
-- asm
ldxh r1, [r1+0]
be16 r1
jne r1, 0x102, +1
mov64 r0, r1
exit
-- mem 01 02
-- r0 0x102
== bounds check: in, out
-- asm
mov64 r3, r1
mov64 r4, r3
add64 r4, 8
mov64 r5, r1
add64 r5, 4
jgt r5, r4, +2
mov64 r0, 1
ja +1
mov64 r0, 2
mov64 r5, r1
add64 r5, 9
jgt r5, r4, +1
add64 r0, 16
add64 r0, 32
exit
-- mem 00 00 00 00 00 00 00 00 00
-- r0 33
== bounds check against its own register is never greater
-- asm
mov64 r0, 1
mov64 r2, r1
add64 r2, 8
jgt r2, r2, +1
add64 r0, 1
exit
-- r0 2
== copy and add with the same register
-- asm
mov64 r0, 5
mov64 r0, r0
add64 r0, -7
exit
-- r0 -2
== a load at the very end is no superinstruction
-- asm
ja +2
ldxh r0, [r1+0]
ja +1
ja -3
exit
-- mem 05 00
-- r0 5
== load and test bits
-- asm
mov64 r0, 0
ldxb r2, [r1+0]
jset r2, 4, +1
add64 r0, 1
ldxb r2, [r1+0]
jset32 r2, 2, +1
add64 r0, 2
ldxh r2, [r1+0]
be16 r2
jset r2, 0x400, +1
add64 r0, 4
ldxh r2, [r1+0]
be16 r2
jset r2, 0x1ff, +1
add64 r0, r2
exit
-- mem 04 00
-- r0 0x402
== header length
-- asm
ldxb r4, [r1+0]
and64 r4, 15
lsh64 r4, 2
mov64 r0, r4
ldxb r4, [r1+0]
and64 r4, -1
lsh64 r4, 60
add64 r0, r4
exit
-- mem 46
-- r0 0x6000000000000018
