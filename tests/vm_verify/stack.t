== a byte that was never written
-- asm
ldxb r0, [r10-1]
exit
-- error 1 bytes of the stack at r10-1 are read, and not all of them were written before
== a word, three bytes of which were written
-- asm
sth [r10-4], 1
stb [r10-2], 1
ldxw r0, [r10-4]
exit
-- error not all of them were written before
== a word, written in pieces
-- asm
sth [r10-4], 0x201
stb [r10-2], 3
stb [r10-1], 4
ldxw r0, [r10-4]
exit
-- r0 0x04030201
== a word across two slots
-- asm
stdw [r10-8], 0x11223344
ldxw r0, [r10-6]
exit
-- r0 0x1122
== above the stack
-- asm
stb [r10+0], 1
mov64 r0, 0
exit
-- error 1 bytes at r10+0, by r10, reach beyond the stack
== partly above the stack
-- asm
stdw [r10-4], 1
mov64 r0, 0
exit
-- error 8 bytes at r10-4, by r10, reach beyond the stack
== the lowest byte
-- asm
stb [r10-512], 9
ldxb r0, [r10-512]
exit
-- r0 9
== below the stack
-- asm
stb [r10-513], 9
mov64 r0, 0
exit
-- error lie below the stack of 512 bytes
== far below the stack
-- asm
mov64 r3, r10
add64 r3, -100000
stb [r3+0], 9
mov64 r0, 0
exit
-- error lie below the stack
== through another register
-- asm
mov64 r3, r10
sub64 r3, 16
stdw [r3+8], 77
ldxdw r0, [r10-8]
exit
-- r0 77
== a pointer, there and back
-- memory 8
-- asm
stxdw [r10-8], r1
mov64 r1, 0
ldxdw r3, [r10-8]
ldxb r0, [r3+3]
exit
-- r0 3
== half a pointer is stored
-- memory 8
-- asm
stxw [r10-8], r1
mov64 r0, 0
exit
-- error a part of a pointer to the memory is stored
== a pointer at an odd place
-- memory 8
-- asm
stxdw [r10-9], r1
mov64 r0, 0
exit
-- error a pointer is stored on the stack at r10-9, which is not a multiple of 4
== half a pointer is read
-- memory 8
-- asm
stxdw [r10-8], r1
ldxw r0, [r10-8]
exit
-- error the bytes of a pointer on the stack are read as numbers
== a pointer and a number are read together
-- memory 8
-- asm
stxdw [r10-8], r1
stdw [r10-16], 0
ldxdw r0, [r10-12]
exit
-- error the bytes of a pointer on the stack are read as numbers
== a pointer with a byte of it overwritten is none
-- memory 8
-- asm
stxdw [r10-8], r1
stb [r10-8], 1
ldxdw r3, [r10-8]
ldxb r0, [r3+0]
exit
-- error not all of them were written before
== the rest of an overwritten pointer
-- memory 8
-- asm
stxdw [r10-8], r1
stw [r10-8], 1
ldxw r0, [r10-4]
exit
-- error not all of them were written before
== what overwrote a pointer
-- memory 8
-- asm
stxdw [r10-8], r1
stw [r10-8], 21
ldxw r0, [r10-8]
exit
-- r0 21
== a number with a byte of it overwritten
-- asm
stdw [r10-8], 5
stb [r10-7], 1
ldxdw r0, [r10-8]
exit
-- r0 0x105
== a number with a byte overwritten is not known any more
-- memory 16
-- asm
stdw [r10-8], 5
ldxb r3, [r1+0]
stxb [r10-7], r3
ldxdw r3, [r10-8]
add64 r1, r3
ldxb r0, [r1+0]
exit
-- error the number added to r1 has no lower bound
== a part of a known number
-- memory 16
-- asm
lddw r3, 0x0807060504030201
stxdw [r10-8], r3
ldxb r3, [r10-3]
add64 r1, r3
ldxb r0, [r1+0]
exit
-- r0 6
== the upper half of a known number
-- memory 16
-- asm
lddw r3, 0x0000000504030201
stxdw [r10-8], r3
ldxw r3, [r10-4]
add64 r1, r3
ldxb r0, [r1+0]
exit
-- r0 5
== a sign-extending load of a known number
-- asm
stdw [r10-8], 0xff
ldxsb r0, [r10-8]
exit
-- r0 -1
== a variable offset, read
-- memory 8
-- asm
stdw [r10-8], 0
stdw [r10-16], 0
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
ldxb r0, [r4+0]
exit
-- r0 0
== a variable offset, read, one byte beyond
-- memory 8
-- asm
stdw [r10-8], 0
stdw [r10-16], 0
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
ldxh r0, [r4+0]
exit
-- error reach beyond the stack
== a variable offset, some of it never written
-- memory 8
-- asm
stdw [r10-8], 0
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
ldxb r0, [r4+0]
exit
-- error not all of them were written before
== a variable offset may hit a pointer: read
-- memory 8
-- asm
stdw [r10-8], 0
stxdw [r10-16], r1
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
ldxb r0, [r4+0]
exit
-- error the bytes of a pointer on the stack are read as numbers
== a write with a variable offset may hit a pointer
-- memory 8
-- asm
stxdw [r10-8], r1
stdw [r10-16], 0
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
stb [r4+0], 1
ldxdw r4, [r10-8]
ldxb r0, [r4+0]
exit
-- error not all of them were written before
== a write with a variable offset changes what is known
-- memory 16
-- asm
stdw [r10-8], 1
stdw [r10-16], 1
ldxb r3, [r1+3]
and64 r3, 15
mov64 r4, r10
add64 r4, -16
add64 r4, r3
stb [r4+0], 255
ldxdw r4, [r10-8]
add64 r1, r4
ldxb r0, [r1+0]
exit
-- error the number added to r1 has no lower bound
== a write with a variable offset does not initialise
-- memory 8
-- asm
ldxb r3, [r1+3]
and64 r3, 7
mov64 r4, r10
add64 r4, -8
add64 r4, r3
stb [r4+0], 1
ldxb r0, [r10-8]
exit
-- error not all of them were written before
== a pointer stored with a variable offset
-- memory 8
-- asm
ldxb r3, [r1+3]
and64 r3, 8
mov64 r4, r10
add64 r4, -16
add64 r4, r3
stxdw [r4+0], r1
mov64 r0, 0
exit
-- error a pointer is stored at a variable place on the stack
== an offset into the stack without bounds
-- memory 8
-- asm
ldxw r3, [r1+3]
mov64 r4, r10
sub64 r4, r3
stb [r4+0], 1
mov64 r0, 0
exit
-- error the number taken from r4 has no upper bound
== the stack's address as a result
-- asm
mov64 r0, r10
exit
-- error r0 is a pointer to the stack at the end
== the stack's address in memory
-- memory 8
-- asm
stxdw [r1+0], r10
mov64 r0, 0
exit
-- error a pointer to the stack is stored in the memory: the program would leak an address
== written on one path only
-- memory 8
-- asm
ldxb r3, [r1+0]
jeq r3, 0, skip
stdw [r10-8], 1
skip:
ldxdw r0, [r10-8]
exit
-- error not all of them were written before
== 128 slots
-- asm
mov64 r3, r10
mov64 r0, 0
mov64 r4, 0
again:
sub64 r3, 4
stxw [r3+0], r4
add64 r4, 1
jlt r4, 128, again
ldxw r0, [r10-512]
exit
-- r0 127
== a null pointer that was checked through a copy on the stack
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
stxdw [r10-16], r0
jeq r0, 0, out
ldxdw r3, [r10-16]
stdw [r3+8], 6
ldxdw r0, [r3+8]
exit
out:
mov64 r0, 0
exit
-- r0 6
== a null pointer that was checked, but not this one
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
stxdw [r10-16], r0
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
ldxdw r3, [r10-16]
ldxdw r0, [r3+8]
exit
out:
mov64 r0, 0
exit
-- error r3 may be NULL: compare it with 0 first
