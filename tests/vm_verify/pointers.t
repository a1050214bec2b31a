== a sum of pointers
-- memory 8
-- asm
add64 r1, r10
mov64 r0, 0
exit
-- error the sum of two pointers
== a pointer taken from a number
-- memory 8
-- asm
mov64 r3, 0
sub64 r3, r1
mov64 r0, 0
exit
-- error r1, which points to the memory, is taken from a number
== a number plus a pointer is a pointer
-- memory 8
-- asm
mov64 r3, 4
add64 r3, r1
ldxb r0, [r3+0]
exit
-- r0 4
== and on a pointer
-- memory 8
-- asm
and64 r1, -8
mov64 r0, 0
exit
-- error arithmetic other than + and - on r1, which points to the memory
== xor with itself
-- memory 8
-- asm
xor64 r1, r1
mov64 r0, 0
exit
-- error arithmetic other than + and - on r1
== shift by a pointer
-- memory 8
-- asm
mov64 r0, 1
lsh64 r0, r1
exit
-- error arithmetic other than + and - on r1
== neg of a pointer
-- memory 8
-- asm
neg64 r1
mov64 r0, 0
exit
-- error arithmetic other than + and - on r1
== swapped bytes of a pointer
-- memory 8
-- asm
be64 r1
mov64 r0, 0
exit
-- error arithmetic other than + and - on r1
== half of a pointer
-- memory 8
-- asm
mov32 r0, r1
exit
-- error r1 is a pointer, and half of it is moved
== a byte of a pointer, sign-extended
-- memory 8
-- asm
movsx8_64 r0, r1
exit
-- error r1 is a pointer, and half of it is moved
== 32-bit arithmetic on a pointer
-- memory 8
-- asm
add32 r1, 4
mov64 r0, 0
exit
-- error 32-bit arithmetic on r1, which points to the memory
== the difference of a pointer with itself
-- memory 8
-- asm
mov64 r0, r1
add64 r0, 5
sub64 r0, r1
exit
-- r0 5
== the difference of pointers into the stack
-- asm
mov64 r0, r10
mov64 r2, r10
sub64 r2, 24
sub64 r0, r2
exit
-- r0 24
== a difference as an offset
-- memory 8
-- asm
mov64 r3, r1
add64 r3, 7
mov64 r4, r3
sub64 r4, r1
add64 r1, r4
ldxb r0, [r1+0]
exit
-- r0 7
== a loop that compares pointers
-- memory 8
-- asm
mov64 r0, 0
mov64 r3, r1
add64 r3, 8
again:
ldxb r4, [r1+0]
add64 r0, r4
add64 r1, 1
mov64 r5, r3
sub64 r5, r1
jsgt r5, 0, again
exit
-- r0 28
== pointers compared with each other
-- memory 8
-- asm
mov64 r0, 0
mov64 r3, r1
add64 r3, 4
jgt r3, r1, on
mov64 r0, 1
on:
exit
-- r0 0
== a pointer compared with a number
-- memory 8
-- asm
mov64 r0, 0
jgt r1, 5, on
mov64 r0, 1
on:
exit
-- error r1, which points to the memory, is compared with a number
== a number compared with a pointer
-- memory 8
-- asm
mov64 r0, 0
mov64 r3, 0
jsgt r3, r1, on
mov64 r0, 1
on:
exit
-- error r1, which points to the memory, is compared with a number
== bits of a pointer tested
-- memory 8
-- asm
mov64 r0, 0
jset r1, 1, on
mov64 r0, 1
on:
exit
-- error r1, which points to the memory, is compared with a number
== a pointer that is not NULL
-- memory 8
-- asm
mov64 r0, 0
jne r1, 0, on
ldxb r0, [r1+100]
on:
exit
-- r0 0
== no memory is NULL
-- asm
mov64 r0, 0
jne r1, 0, on
mov64 r0, 9
on:
exit
-- r0 9
== no memory can't be read
-- asm
ldxb r0, [r1+0]
exit
-- error r1 is a number, not a pointer
== a number as a pointer
-- asm
mov64 r1, 4096
ldxb r0, [r1+0]
exit
-- error r1 is a number, not a pointer
== a pointer that was stored as a number
-- memory 64
-- asm
ldxdw r2, [r1+0]
ldxb r0, [r2+0]
exit
-- error r2 is a number, not a pointer
== a pointer leaks through the memory
-- memory 64
-- asm
stxdw [r1+0], r1
mov64 r0, 0
exit
-- error the program would leak an address
== a store through a number
-- asm
mov64 r1, 4096
stb [r1+0], 1
mov64 r0, 0
exit
-- error r1 is a number, not a pointer
== a store of what was never set
-- memory 8
-- asm
stxb [r1+0], r5
mov64 r0, 0
exit
-- error r5 is read, but was never set
== the end of the memory
-- memory 8
-- asm
ldxdw r0, [r1+0]
and64 r0, 255
exit
-- r0 0
== behind the end of the memory
-- memory 8
-- asm
ldxdw r0, [r1+1]
exit
-- error r1 may point 1 bytes behind the end of the memory, which has 8
== before the memory
-- memory 8
-- asm
ldxb r0, [r1-1]
exit
-- error r1 may point 1 bytes before the memory
== the most negative offset
-- memory 8
-- asm
ldxb r0, [r1-32768]
exit
-- error r1 may point 32768 bytes before the memory
== an offset that comes back
-- memory 8
-- asm
add64 r1, 100000
ldxb r0, [r1-32767]
exit
-- error behind the end of the memory
== far away and back
-- memory 8
-- asm
add64 r1, 100000
sub64 r1, 99993
ldxb r0, [r1+0]
exit
-- r0 7
== by the most negative number
-- memory 8
-- asm
lddw r3, 0x8000000000000000
add64 r1, r3
add64 r1, r3
ldxb r0, [r1+0]
exit
-- error farther than anything reaches
== steps that add up to a wrap
-- memory 8
-- asm
ldxw r3, [r1+0]
mov64 r4, 0
again:
add64 r1, r3
add64 r4, 1
jlt r4, 100, again
ldxb r0, [r1+0]
exit
-- error has no upper bound
