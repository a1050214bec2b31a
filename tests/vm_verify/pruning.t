== a number that mattered to a path that was cut off
# X: r3 is an offset. The first path comes to X by itself with 5; the second comes through Y, and is cut off at X; the
# third comes to Y with 500, and must not be cut off there.
-- memory 64
-- asm
mov64 r6, r1
ldxb r7, [r1+0]
ldxb r8, [r1+1]
mov64 r0, 0
jeq r7, 1, second
mov64 r3, 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
mov64 r0, 5
mov64 r0, 6
ja X
second:
jeq r8, 1, third
mov64 r3, 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
third:
mov64 r3, 500
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
Y:
mov64 r0, 5
mov64 r0, 6
mov64 r0, 7
mov64 r0, 8
mov64 r0, 9
mov64 r0, 10
mov64 r0, 11
jeq r7, 9, X
ja X
X:
add64 r6, r3
ldxb r0, [r6+0]
exit
-- error behind the end of the memory
== the same, with a number on the stack
-- memory 64
-- asm
mov64 r6, r1
ldxb r7, [r1+0]
ldxb r8, [r1+1]
mov64 r0, 0
jeq r7, 1, second
stdw [r10-8], 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
mov64 r0, 5
mov64 r0, 6
ja X
second:
jeq r8, 1, third
stdw [r10-8], 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
third:
stdw [r10-8], 500
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
Y:
mov64 r0, 5
mov64 r0, 6
mov64 r0, 7
mov64 r0, 8
mov64 r0, 9
mov64 r0, 10
mov64 r0, 11
jeq r7, 9, X
ja X
X:
ldxdw r3, [r10-8]
add64 r6, r3
ldxb r0, [r6+0]
exit
-- error behind the end of the memory
== the same, with a slot that was not written on the last path
-- memory 64
-- asm
mov64 r6, r1
ldxb r7, [r1+0]
ldxb r8, [r1+1]
mov64 r0, 0
jeq r7, 1, second
stdw [r10-8], 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
mov64 r0, 5
mov64 r0, 6
ja X
second:
jeq r8, 1, third
stdw [r10-8], 5
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
third:
mov64 r0, 1
mov64 r0, 2
mov64 r0, 3
mov64 r0, 4
ja Y
Y:
mov64 r0, 5
mov64 r0, 6
mov64 r0, 7
mov64 r0, 8
mov64 r0, 9
mov64 r0, 10
mov64 r0, 11
jeq r7, 9, X
ja X
X:
ldxdw r0, [r10-8]
exit
-- error not all of them were written before
== an offset that differs on two paths
-- memory 64
-- asm
ldxb r7, [r1+0]
ldxb r8, [r1+1]
mov64 r3, 63
jeq r7, 1, a
mov64 r3, 63
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
jeq r8, 1, join
ja join
a:
mov64 r3, 64
join:
mov64 r0, 0
add64 r1, r3
ldxb r0, [r1+0]
exit
-- error behind the end of the memory
== a jump that only one way can be gone, by a number from the other path
-- memory 64
-- asm
ldxb r7, [r1+0]
ldxb r8, [r1+1]
mov64 r3, 1
jeq r7, 1, a
mov64 r3, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
jeq r8, 1, join
ja join
a:
mov64 r3, 1
join:
mov64 r0, 0
jeq r3, 0, good
ldxb r0, [r1+64]
good:
exit
-- error behind the end of the memory
== numbers that are linked on one path only
-- memory 64
-- asm
ldxb r7, [r1+0]
ldxb r8, [r1+1]
ldxdw r3, [r1+8]
mov64 r4, r3
jeq r7, 1, a
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
jeq r8, 1, join
ja join
a:
ldxdw r4, [r1+16]
join:
mov64 r0, 0
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error the number added to r1 has no lower bound
== numbers that are linked on both paths
-- memory 64
-- asm
ldxb r7, [r1+0]
ldxb r8, [r1+1]
ldxdw r3, [r1+8]
mov64 r4, r3
jeq r7, 1, a
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
mov64 r0, 0
jeq r8, 1, join
ja join
a:
ldxdw r3, [r1+16]
mov64 r4, r3
join:
mov64 r0, 0
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a packet range that was proven on one path only
-- context xdp
-- asm
ldxw r7, [r1+12]
ldxw r8, [r1+16]
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 8
mov64 r0, 0
jeq r7, 1, join
jgt r4, r3, out
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r8, 1, join
ja join
join:
ldxb r0, [r2+7]
out:
exit
-- error behind the packet's end
== a packet pointer with another variable part on the other path
-- context xdp
-- asm
ldxw r7, [r1+12]
ldxw r8, [r1+16]
ldxw r2, [r1+0]
ldxw r3, [r1+4]
and64 r7, 7
and64 r8, 7
mov64 r5, r2
add64 r5, r7
mov64 r0, 0
jeq r8, 5, a
mov64 r9, r5
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r8, 1, join
ja join
a:
mov64 r9, r2
add64 r9, r8
join:
mov64 r4, r9
add64 r4, 8
jgt r4, r3, out
ldxb r0, [r5+7]
out:
exit
-- error behind the packet's end
== a pointer of another kind on the other path
-- memory 64
-- asm
ldxb r7, [r1+0]
ldxb r8, [r1+1]
stdw [r10-8], 0
mov64 r3, r1
jeq r7, 1, a
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r8, 1, join
ja join
a:
mov64 r3, r10
join:
ldxb r0, [r3+0]
exit
-- error reach beyond the stack
== a value that may be NULL on the other path
-- context xdp
-- map m array 4 8 4
-- asm
ldxw r7, [r1+12]
ldxw r8, [r1+16]
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r6, r0
mov64 r0, 0
jeq r7, 1, join
jeq r6, 0, out
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r8, 1, join
join:
ldxb r0, [r6+0]
out:
exit
-- error r6 may be NULL
== a register of the caller that differs, read after the call
-- memory 64
-- asm
mov64 r6, r1
ldxb r7, [r1+0]
mov64 r8, 5
jeq r7, 1, a
mov64 r8, 5
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r7, 2, join
ja join
a:
mov64 r8, 64
join:
mov64 r1, r7
local f
add64 r6, r8
ldxb r0, [r6+0]
exit
f:
mov64 r0, 0
jeq r1, 3, on
mov64 r0, 1
jeq r1, 4, on
mov64 r0, 2
jeq r1, 5, on
mov64 r0, 3
on:
exit
-- error behind the end of the memory
== a register that nobody reads any more does not matter
-- memory 64
-- asm
ldxb r7, [r1+0]
mov64 r0, 0
jeq r7, 1, join
mov64 r5, 3
jeq r7, 2, join
mov64 r5, r1
jeq r7, 3, join
mov64 r5, 4
join:
exit
-- r0 0
== twenty conditions that each set a bit of a sum: the sum does not matter
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jset r3, 1, +1
or64 r0, 1
jset r3, 2, +1
or64 r0, 2
jset r3, 4, +1
or64 r0, 4
jset r3, 8, +1
or64 r0, 8
jset r3, 16, +1
or64 r0, 16
jset r3, 32, +1
or64 r0, 32
jset r3, 64, +1
or64 r0, 64
jset r3, 128, +1
or64 r0, 128
jset r3, 256, +1
or64 r0, 256
jset r3, 512, +1
or64 r0, 512
jset r3, 1024, +1
or64 r0, 1024
jset r3, 2048, +1
or64 r0, 2048
jset r3, 4096, +1
or64 r0, 4096
jset r3, 8192, +1
or64 r0, 8192
jset r3, 16384, +1
or64 r0, 16384
jset r3, 32768, +1
or64 r0, 32768
jset r3, 65536, +1
or64 r0, 65536
jset r3, 131072, +1
or64 r0, 131072
jset r3, 262144, +1
or64 r0, 262144
jset r3, 524288, +1
or64 r0, 524288
jset r3, 1048576, +1
or64 r0, 1048576
jset r3, 2097152, +1
or64 r0, 2097152
jset r3, 4194304, +1
or64 r0, 4194304
jset r3, 8388608, +1
or64 r0, 8388608
exit
-- accept
== a search in a loop, whose state at each end differs
-- memory 64
-- asm
mov64 r0, 0
mov64 r2, 0
again:
mov64 r3, r1
add64 r3, r2
ldxb r4, [r3+0]
jeq r4, 200, found
jgt r4, 100, skip
add64 r0, r4
skip:
add64 r2, 1
jlt r2, 64, again
exit
found:
mov64 r0, 1
exit
-- r0 2016
== a value of the same map on the other path, but not of the same entry
-- context xdp
-- map m array 4 8 4
-- asm
ldxw r7, [r1+12]
ldxw r8, [r1+16]
stw [r10-4], 1
jeq r7, 1, a
value r6, m
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
mov64 r0, 1
jeq r8, 1, join
ja join
a:
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r6, r0
jeq r6, 0, out
join:
value r9, m
sub64 r6, r9
mov64 r1, r10
add64 r1, -8
add64 r1, r6
stb [r1+0], 1
out:
mov64 r0, 0
exit
-- error the difference of pointers to a map's value and to a map's value
