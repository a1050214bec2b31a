== a load without a check
-- context xdp
-- asm
ldxw r2, [r1+0]
ldxb r0, [r2+0]
exit
-- error r2 may point 1 bytes behind the packet's end: compare with data_end first
== a load behind a check
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
ldxh r0, [r2+12]
be16 r0
out:
exit
-- r0 0x0c0d
== a load one byte behind the check
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
ldxh r0, [r2+13]
out:
exit
-- error r2 may point 1 bytes behind the packet's end
== the check's other branch proves nothing
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
exit
out:
ldxb r0, [r2+0]
exit
-- error behind the packet's end
== before the packet
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
ldxb r0, [r2-1]
out:
exit
-- error r2 may point 1 bytes before the packet
== back from the pointer that was checked
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
add64 r2, 14
jgt r2, r3, out
ldxb r0, [r2-1]
out:
exit
-- r0 13
== greater or equal: the byte pointed to is there, too
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 3
jge r4, r3, out
ldxb r0, [r2+3]
out:
exit
-- r0 3
== greater or equal: but no more than that
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 3
jge r4, r3, out
ldxh r0, [r2+3]
out:
exit
-- error r2 may point 1 bytes behind
== less than the end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 7
jlt r4, r3, in
exit
in:
ldxdw r0, [r2+0]
and64 r0, 255
exit
-- r0 0
== at most the end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 8
jle r4, r3, in
exit
in:
ldxb r0, [r2+7]
exit
-- r0 7
== at most the end is not one more
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 8
jle r4, r3, in
exit
in:
ldxb r0, [r2+8]
exit
-- error r2 may point 1 bytes behind
== the end first: end > pointer
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 9
jgt r3, r4, in
exit
in:
ldxb r0, [r2+9]
exit
-- r0 9
== the end first: end >= pointer
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 9
jge r3, r4, in
exit
in:
ldxb r0, [r2+9]
exit
-- error r2 may point 1 bytes behind
== the end first: end < pointer
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jlt r3, r4, out
ldxw r0, [r2+0]
out:
exit
-- r0 0x03020100
== the end first: end <= pointer
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jle r3, r4, out
ldxb r0, [r2+4]
out:
exit
-- r0 4
== the end first: the wrong way round
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jge r3, r4, out
ldxb r0, [r2+0]
out:
exit
-- error behind the packet's end
== equal to the end
-- context xdp
-- packet 01 02 03 04
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jne r4, r3, out
ldxw r0, [r2+0]
out:
exit
-- r0 0x04030201
== not equal to the end proves nothing
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jeq r4, r3, out
ldxb r0, [r2+0]
out:
exit
-- error behind the packet's end
== signed comparison of pointers
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
add64 r2, 4
jsgt r2, r3, out
out:
exit
-- error can't be compared so
== 32-bit comparison of pointers
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
add64 r2, 4
jgt32 r2, r3, out
out:
exit
-- error a 32-bit comparison of r2
== a packet that is too short takes the other way
-- context xdp
-- packet 01 02 03
-- asm
mov64 r0, 42
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jgt r4, r3, out
ldxw r0, [r2+0]
out:
exit
-- r0 42
== an empty packet
-- context xdp
-- packet
-- asm
ldxw r2, [r1+0]
ldxw r3, [r1+4]
sub64 r3, r2
mov64 r0, r3
exit
-- r0 0
== the length by subtraction
-- context xdp
-- asm
ldxw r2, [r1+0]
ldxw r0, [r1+4]
sub64 r0, r2
exit
-- r0 64
== the length by subtraction proves no range
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r3
sub64 r4, r2
jlt r4, 20, out
ldxb r0, [r2+19]
out:
exit
-- error behind the packet's end
== a variable offset, checked
-- context xdp
-- packet 00 01 02 03 04 05 06 07 08 09 0a 0b 08 00 45 11 12 13 14 15 16 17 18 06 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 00 50
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 34
jgt r4, r3, out
ldxb r5, [r2+14]
and64 r5, 15
lsh64 r5, 2
mov64 r4, r2
add64 r4, r5
mov64 r6, r4
add64 r6, 18
jgt r6, r3, out
ldxh r0, [r4+16]
be16 r0
out:
exit
-- r0 80
== a variable offset, checked by another pointer with another offset
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 34
jgt r4, r3, out
ldxb r5, [r2+14]
mov64 r4, r2
add64 r4, r5
mov64 r6, r2
add64 r6, r5
add64 r6, 8
jgt r6, r3, out
ldxb r0, [r4+0]
out:
exit
-- error r4 may point 1 bytes behind
== a variable offset before the packet
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 20
jgt r4, r3, out
ldxb r5, [r2+14]
mov64 r4, r2
sub64 r4, r5
mov64 r6, r4
add64 r6, 8
jgt r6, r3, out
ldxb r0, [r4+0]
out:
exit
-- error before the packet
== back by a constant in a variable offset
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 20
jgt r4, r3, out
ldxb r5, [r2+4]
add64 r5, 10
mov64 r4, r2
add64 r4, r5
jgt r4, r3, out
ldxb r0, [r4-1]
out:
exit
-- r0 13
== a variable offset of 32 bits
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 20
jgt r4, r3, out
ldxw r5, [r2+4]
mov64 r4, r2
add64 r4, r5
mov64 r6, r4
add64 r6, 2
jgt r6, r3, out
ldxb r0, [r4+0]
out:
exit
-- error behind the packet's end
== a variable offset of 64 bits
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 20
jgt r4, r3, out
ldxdw r5, [r2+4]
add64 r2, r5
out:
exit
-- error the number added to r2 has no lower bound
== a variable offset that was bounded first
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 20
jgt r4, r3, out
ldxh r5, [r2+4]
be16 r5
rsh64 r5, 6
jgt r5, 60, out
add64 r2, r5
mov64 r6, r2
add64 r6, 2
jgt r6, r3, out
ldxb r0, [r2+1]
out:
exit
-- r0 17
== a huge constant
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
lddw r3, 0x100000000
add64 r2, r3
exit
-- error farther than anything reaches
== a huge constant in steps
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
add64 r2, 0x1fffffff
add64 r2, 1
exit
-- error away from the packet
== a constant that nobody has so many bytes of
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 70000
jgt r4, r3, out
ldxb r0, [r2+0]
out:
exit
-- error behind the packet's end
== the largest packet
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 65535
jgt r4, r3, out
ldxb r0, [r2+32767]
out:
exit
-- r0 0
== the end is not for reading
-- context xdp
-- asm
ldxw r3, [r1+4]
ldxb r0, [r3+0]
exit
-- error r3 points behind the packet: it is only to compare with
== not even before the end
-- context xdp
-- asm
ldxw r3, [r1+4]
ldxb r0, [r3-1]
exit
-- error r3 points behind the packet
== no arithmetic on the end
-- context xdp
-- asm
ldxw r3, [r1+4]
sub64 r3, 1
mov64 r0, 0
exit
-- error arithmetic on r3, which points to the packet's end
== a store without permission
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
stb [r2+0], 0
out:
exit
-- error the program writes to the packet, and may not
== a store with permission
-- context xdp
-- writes
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
stw [r2+10], 0x1234
ldxw r0, [r2+10]
out:
exit
-- r0 0x1234
== a store behind the check
-- context xdp
-- writes
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
stw [r2+11], 0x1234
out:
exit
-- error r2 may point 1 bytes behind
== there is no metadata before the packet
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+8]
ldxw r3, [r1+0]
mov64 r4, r2
add64 r4, 4
jgt r4, r3, out
ldxw r0, [r2+0]
out:
exit
-- r0 0
== metadata without a check
-- context xdp
-- asm
ldxw r2, [r1+8]
ldxw r0, [r2+0]
exit
-- error r2 may point 4 bytes behind the packet's metadata: compare with data first
== metadata checked against the packet's end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+8]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
jgt r4, r3, out
ldxw r0, [r2+0]
out:
exit
-- error metadata
== unaligned loads of every size
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 40
jgt r4, r3, out
ldxdw r0, [r2+3]
ldxw r5, [r2+9]
xor64 r0, r5
ldxsw r5, [r2+9]
sub64 r0, r5
ldxh r5, [r2+11]
add64 r0, r5
ldxsb r5, [r2+1]
add64 r0, r5
out:
exit
-- accept
== a checked pointer through the stack
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
stxdw [r10-8], r2
mov64 r4, r2
add64 r4, 14
jgt r4, r3, out
ldxdw r5, [r10-8]
ldxb r0, [r5+13]
out:
exit
-- r0 13
== a loop over the packet with a check in each round
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r5, 0
again:
mov64 r4, r2
add64 r4, 1
jgt r4, r3, out
ldxb r4, [r2+0]
add64 r0, r4
add64 r2, 1
add64 r5, 1
jlt r5, 32, again
out:
exit
-- r0 496
== a loop over the packet until its end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
again:
jge r2, r3, out
ldxb r4, [r2+0]
add64 r0, r4
add64 r2, 1
ja again
out:
exit
-- error more than 8192 branches wait to be followed
== back from a variable offset that was never compared with the end
-- context xdp
-- asm
ldxw r2, [r1+0]
ldxw r5, [r1+16]
and64 r5, 255
add64 r5, 8
add64 r2, r5
ldxb r0, [r2-8]
exit
-- error r2 may point 1 bytes behind the packet's end: compare with data_end first
== back from a variable offset that is at most the end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
ldxw r5, [r1+16]
and64 r5, 255
add64 r5, 8
add64 r2, r5
jgt r2, r3, out
ldxb r0, [r2-8]
out:
exit
-- r0 1
== the byte at a variable offset that is at most the end
-- context xdp
-- asm
mov64 r0, 0
ldxw r2, [r1+0]
ldxw r3, [r1+4]
ldxw r5, [r1+16]
and64 r5, 255
add64 r2, r5
jgt r2, r3, out
ldxb r0, [r2+0]
out:
exit
-- error r2 may point 1 bytes behind the packet's end
== back from a fixed offset without a comparison
-- context xdp
-- asm
ldxw r2, [r1+0]
add64 r2, 8
ldxb r0, [r2-8]
exit
-- error r2 may point 1 bytes behind the packet's end
