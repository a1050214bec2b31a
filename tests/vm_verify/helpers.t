== a helper destroys its arguments
-- asm
mov64 r3, 5
call get_prandom_u32
mov64 r0, r3
exit
-- error r3 is read, but was never set, or a call has destroyed it
== r6 to r9 survive a helper
-- asm
mov64 r6, 5
call get_prandom_u32
mov64 r0, r6
exit
-- r0 5
== a helper's result is any number
-- memory 16
-- asm
mov64 r6, r1
call get_prandom_u32
and64 r0, 15
add64 r6, r0
ldxb r0, [r6+0]
exit
-- accept
== a helper's result without bounds
-- memory 16
-- asm
mov64 r6, r1
call ktime_get_ns
add64 r6, r0
ldxb r0, [r6+0]
exit
-- error the number added to r6 has no lower bound
== a room on the stack
-- context xdp
-- asm
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_load_bytes
ldxdw r0, [r10-8]
be64 r0
exit
-- r0 0x0405060708090a0b
== a room smaller than what is read from it
-- context xdp
-- asm
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 7
call xdp_load_bytes
ldxdw r0, [r10-8]
exit
-- error 8 bytes of the stack at r10-8 are read
== a room that reaches beyond the stack
-- context xdp
-- asm
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 9
call xdp_load_bytes
exit
-- error 9 bytes at r10-8, by r3, reach beyond the stack
== a room below the stack
-- context xdp
-- asm
mov64 r2, 4
mov64 r3, r10
add64 r3, -520
mov64 r4, 9
call xdp_load_bytes
exit
-- error lie below the stack of 512 bytes
== a room of a size between bounds
-- context xdp
-- asm
ldxw r4, [r1+16]
and64 r4, 7
add64 r4, 1
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
ldxb r0, [r10-8]
exit
-- r0 4
== a room of a size between bounds is not surely filled
-- context xdp
-- asm
ldxw r4, [r1+16]
and64 r4, 7
add64 r4, 1
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
ldxb r0, [r10-7]
exit
-- error not all of them were written before
== a room of a size between bounds, initialised before
-- context xdp
-- asm
stdw [r10-8], 0
ldxw r4, [r1+16]
and64 r4, 7
add64 r4, 1
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
ldxdw r0, [r10-8]
exit
-- r0 0x0504
== a size that may be 0
-- context xdp
-- asm
ldxw r4, [r1+16]
and64 r4, 7
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
exit
-- error r4, the size, may be 0
== a size that may be negative
-- context xdp
-- asm
ldxw r4, [r1+16]
sub64 r4, 10
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
exit
-- error r4, the size, may be negative
== a size of 32 bits that was negative
-- context xdp
-- asm
ldxw r4, [r1+16]
sub32 r4, 10
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
exit
-- error r4, the size,
== a size that a branch bounds on both sides
-- context xdp
-- asm
ldxw r4, [r1+16]
mov64 r0, 0
jslt r4, 1, out
jsgt r4, 8, out
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
call xdp_load_bytes
out:
exit
-- r0 0
== a size from the packet, too large
-- context xdp
-- asm
ldxw r5, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r5
add64 r4, 2
mov64 r0, 0
jgt r4, r3, out
ldxb r4, [r5+1]
jeq r4, 0, out
mov64 r2, 0
mov64 r3, r10
add64 r3, -64
call xdp_load_bytes
out:
exit
-- error 255 bytes at r10-64, by r3, reach beyond the stack
== a size from the packet, bounded
-- context xdp
-- asm
ldxw r5, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r5
add64 r4, 2
mov64 r0, 0
jgt r4, r3, out
ldxb r4, [r5+1]
jeq r4, 0, out
jgt r4, 64, out
mov64 r2, 0
mov64 r3, r10
add64 r3, -64
call xdp_load_bytes
out:
exit
-- r0 0
== the size is a pointer
-- context xdp
-- asm
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, r10
call xdp_load_bytes
exit
-- error r4 of xdp_load_bytes must be a number
== the context is something else
-- context xdp
-- asm
mov64 r1, 0
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_load_bytes
exit
-- error r1 of xdp_load_bytes must be the context, as it was in r1 at the beginning
== the context, moved
-- context xdp
-- asm
add64 r1, 4
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_load_bytes
exit
-- error r1 of xdp_load_bytes must be the context
== a room in the packet
-- context xdp
-- asm
ldxw r3, [r1+0]
ldxw r5, [r1+4]
mov64 r4, r3
add64 r4, 8
mov64 r0, 0
jgt r4, r5, out
mov64 r2, 4
mov64 r4, 8
call xdp_load_bytes
out:
exit
-- error the program writes to the packet, and may not
== a room in the packet that may be written
-- context xdp
-- writes
-- asm
mov64 r6, r1
ldxw r3, [r1+0]
ldxw r5, [r1+4]
mov64 r4, r3
add64 r4, 8
mov64 r0, 0
jgt r4, r5, out
mov64 r2, 16
mov64 r4, 4
call xdp_load_bytes
ldxw r3, [r6+0]
ldxw r5, [r6+4]
mov64 r4, r3
add64 r4, 8
mov64 r0, 0
jgt r4, r5, out
ldxb r0, [r3+0]
out:
exit
-- r0 16
== a room in a value
-- context xdp
-- map m array 4 16 1
-- asm
mov64 r2, 4
value r3, m
mov64 r4, 16
call xdp_load_bytes
value r3, m
ldxb r0, [r3+15]
exit
-- r0 19
== a room larger than a value
-- context xdp
-- map m array 4 16 1
-- asm
mov64 r2, 4
value r3, m
mov64 r4, 17
call xdp_load_bytes
exit
-- error r3 may point 1 bytes behind the end of m
== writing to the packet by a helper, without permission
-- context xdp
-- asm
stdw [r10-8], 0
mov64 r2, 0
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_store_bytes
exit
-- error xdp_store_bytes writes to the packet, and the program may not
== writing to the packet by a helper
-- context xdp
-- writes
-- asm
stdw [r10-8], 7
mov64 r6, r1
mov64 r2, 0
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_store_bytes
mov64 r1, r6
mov64 r2, 0
mov64 r3, r10
add64 r3, -8
mov64 r4, 1
call xdp_load_bytes
ldxb r0, [r10-8]
exit
-- r0 7
== writing what was never written
-- context xdp
-- writes
-- asm
mov64 r2, 0
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
call xdp_store_bytes
exit
-- error 8 bytes of the stack at r10-8 are read
== no memory, of no size
-- context xdp
-- asm
stdw [r10-8], 3
mov64 r1, 0
mov64 r2, 0
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
mov64 r5, 10
call csum_diff
exit
-- r0 13
== no memory, of some size
-- context xdp
-- asm
stdw [r10-8], 3
mov64 r1, 0
mov64 r2, 4
mov64 r3, r10
add64 r3, -8
mov64 r4, 8
mov64 r5, 10
call csum_diff
exit
-- error r1 is NULL, but the size in r2 may be more than 0
== memory of a size that may be 0
-- context xdp
-- asm
stdw [r10-8], 3
ldxw r2, [r1+16]
and64 r2, 4
mov64 r1, r10
add64 r1, -8
mov64 r3, 0
mov64 r4, 0
mov64 r5, 10
call csum_diff
exit
-- r0 10
== memory in the packet
-- context xdp
-- asm
ldxw r3, [r1+0]
ldxw r5, [r1+4]
mov64 r4, r3
add64 r4, 20
mov64 r0, 0
jgt r4, r5, out
mov64 r1, 0
mov64 r2, 0
mov64 r4, 20
mov64 r5, 0
call csum_diff
out:
exit
-- r0 190
== memory in the packet, one byte too many
-- context xdp
-- asm
ldxw r3, [r1+0]
ldxw r5, [r1+4]
mov64 r4, r3
add64 r4, 20
mov64 r0, 0
jgt r4, r5, out
mov64 r1, 0
mov64 r2, 0
mov64 r4, 21
mov64 r5, 0
call csum_diff
out:
exit
-- error r3 may point 1 bytes behind the packet's end
== the context as memory
-- context xdp
-- asm
mov64 r3, r1
mov64 r1, 0
mov64 r2, 0
mov64 r4, 4
mov64 r5, 0
call csum_diff
exit
-- error r3 of csum_diff must be a pointer to memory
== a helper that changes the packet
-- context xdp
-- asm
mov64 r6, r1
ldxw r7, [r1+0]
mov64 r2, 4
call xdp_adjust_head
ldxb r0, [r7+0]
exit
-- error r7 was a packet pointer, and a helper has changed the packet since
== a helper that changes the packet: the end is void, too
-- context xdp
-- asm
mov64 r6, r1
ldxw r8, [r1+4]
mov64 r2, 4
call xdp_adjust_head
ldxw r7, [r6+0]
mov64 r1, r7
add64 r1, 4
jgt r1, r8, out
out:
mov64 r0, 0
exit
-- error r8 was a packet pointer
== a helper that changes the packet: what lies on the stack is void
-- context xdp
-- asm
mov64 r6, r1
ldxw r7, [r1+0]
stxdw [r10-8], r7
mov64 r2, 4
call xdp_adjust_head
ldxdw r7, [r10-8]
mov64 r0, 0
exit
-- error 8 bytes of the stack at r10-8 are read
== a helper that changes the packet, and all is loaded again
-- context xdp
-- asm
mov64 r6, r1
mov64 r2, 4
call xdp_adjust_head
ldxw r7, [r6+0]
ldxw r8, [r6+4]
mov64 r1, r7
add64 r1, 4
mov64 r0, 0
jgt r1, r8, out
ldxb r0, [r7+0]
out:
exit
-- r0 4
== numbers taken from the packet before it changed are good
-- context xdp
-- asm
mov64 r6, r1
ldxw r7, [r1+0]
ldxw r8, [r1+4]
mov64 r1, r7
add64 r1, 4
mov64 r0, 0
jgt r1, r8, out
ldxb r9, [r7+3]
mov64 r1, r6
mov64 r2, 4
call xdp_adjust_head
mov64 r0, r9
out:
exit
-- r0 3
