== a local function
-- asm
mov64 r1, 5
mov64 r2, 6
local f
add64 r0, 1
exit
f:
mov64 r0, r1
mul64 r0, r2
exit
-- r0 31
== arguments are void after a call
-- asm
mov64 r1, 5
local f
mov64 r0, r1
exit
f:
mov64 r0, 0
exit
-- error r1 is read, but was never set, or a call has destroyed it
== r6 to r9 are kept
-- asm
mov64 r6, 5
mov64 r9, 6
local f
mov64 r0, r6
add64 r0, r9
exit
f:
mov64 r6, 100
mov64 r9, 100
mov64 r0, 0
exit
-- r0 11
== r6 of the caller is not the function's
-- asm
mov64 r6, 5
local f
exit
f:
mov64 r0, r6
exit
-- error r6 is read, but was never set
== an argument that was not given
-- asm
local f
exit
f:
mov64 r0, r4
exit
-- error r4 is read, but was never set
== a function without a result
-- asm
local f
mov64 r0, 7
exit
f:
exit
-- r0 7
== the result of a function without one
-- asm
local f
exit
f:
exit
-- error r0 is read, but was never set
== the result is bounded
-- memory 64
-- asm
mov64 r6, r1
ldxdw r1, [r1+0]
local f
add64 r6, r0
ldxb r0, [r6+0]
exit
f:
mov64 r0, r1
and64 r0, 63
exit
-- r0 0
== the result is not bounded enough
-- memory 63
-- asm
mov64 r6, r1
ldxdw r1, [r1+0]
local f
add64 r6, r0
ldxb r0, [r6+0]
exit
f:
mov64 r0, r1
and64 r0, 63
exit
-- error r6 may point 1 bytes behind the end of the memory
== a pointer to the caller's stack
-- asm
stdw [r10-8], 4
mov64 r1, r10
add64 r1, -8
local f
ldxdw r0, [r10-8]
exit
f:
ldxdw r2, [r1+0]
add64 r2, 1
stxdw [r1+0], r2
mov64 r0, 0
exit
-- r0 5
== the function initialises the caller's stack
-- asm
mov64 r1, r10
add64 r1, -8
local f
ldxdw r0, [r10-8]
exit
f:
stdw [r1+0], 3
mov64 r0, 0
exit
-- r0 3
== each function has a stack of its own
-- asm
stdw [r10-8], 4
local f
ldxdw r0, [r10-8]
exit
f:
stdw [r10-8], 9
mov64 r0, 0
exit
-- r0 4
== the caller's stack is not the function's
-- asm
stdw [r10-8], 4
local f
exit
f:
ldxdw r0, [r10-8]
exit
-- error 8 bytes of the stack at r10-8 are read, and not all of them were written before
== the stack of a function that has ended
-- asm
local f
ldxb r0, [r0+0]
exit
f:
stdw [r10-8], 9
mov64 r0, r10
add64 r0, -8
exit
-- error a function returns a pointer into its own stack
== the stack of a function that has ended, through the caller's
-- asm
mov64 r1, r10
add64 r1, -8
local f
ldxdw r1, [r10-8]
ldxb r0, [r1-8]
exit
f:
stdw [r10-8], 9
stxdw [r1+0], r10
mov64 r0, 0
exit
-- error a pointer into a function's stack is stored where its caller finds it
== a pointer to the caller's stack comes back
-- asm
stdw [r10-8], 4
mov64 r1, r10
add64 r1, -8
local f
ldxdw r0, [r0+0]
exit
f:
mov64 r0, r1
exit
-- r0 4
== two functions deep
-- asm
mov64 r1, 1
local f
exit
f:
add64 r1, 1
local g
mul64 r0, 3
exit
g:
mov64 r0, r1
add64 r0, 5
exit
-- r0 21
== deeper than allowed
-- frames 2
-- asm
mov64 r1, 1
local f
exit
f:
local g
exit
g:
mov64 r0, 1
exit
-- error calls nest deeper than 2
== as deep as allowed
-- frames 3
-- asm
mov64 r1, 1
local f
exit
f:
local g
exit
g:
mov64 r0, 1
exit
-- r0 1
== a function calls itself
-- asm
local f
exit
f:
local f
mov64 r0, 0
exit
-- error not well formed
== two functions call each other
-- asm
local f
exit
f:
local g
exit
g:
local f
exit
-- error not well formed
== nine frames
-- asm
local a
exit
a:
local b
exit
b:
local c
exit
c:
local d
exit
d:
local e
exit
e:
local f
exit
f:
local g
exit
g:
local h
exit
h:
mov64 r0, 0
exit
-- error not well formed
== eight frames
-- asm
local a
exit
a:
local b
exit
b:
local c
exit
c:
local d
exit
d:
local e
exit
e:
local f
exit
f:
local g
exit
g:
mov64 r0, 8
exit
-- r0 8
== a function called from two places with different arguments
-- memory 16
-- asm
mov64 r6, r1
mov64 r2, 3
local f
mov64 r7, r0
mov64 r1, r6
mov64 r2, 15
local f
add64 r0, r7
exit
f:
add64 r1, r2
ldxb r0, [r1+0]
exit
-- r0 18
== a function called from two places, once with a bad argument
-- memory 16
-- asm
mov64 r6, r1
mov64 r2, 3
local f
mov64 r7, r0
mov64 r1, r6
mov64 r2, 16
local f
add64 r0, r7
exit
f:
add64 r1, r2
ldxb r0, [r1+0]
exit
-- error r1 may point 1 bytes behind the end of the memory
== a jump into another function
-- asm
mov64 r1, 0
local f
jeq r0, 0, inside
exit
f:
mov64 r0, 0
inside:
mov64 r0, 1
exit
-- error not well formed
== a function that falls into the next
-- asm
local f
local g
exit
f:
mov64 r0, 0
g:
mov64 r0, 1
exit
-- error not well formed
== a loop in a function
-- asm
mov64 r1, 10
local f
exit
f:
mov64 r0, 0
again:
add64 r0, r1
sub64 r1, 1
jne r1, 0, again
exit
-- r0 55
== a loop around a call
-- asm
mov64 r6, 0
mov64 r7, 0
again:
mov64 r1, r6
local f
add64 r7, r0
add64 r6, 1
jlt r6, 10, again
mov64 r0, r7
exit
f:
mov64 r0, r1
lsh64 r0, 1
exit
-- r0 90
== the packet as an argument
-- context xdp
-- asm
ldxw r2, [r1+4]
ldxw r1, [r1+0]
local f
exit
f:
mov64 r0, 0
mov64 r3, r1
add64 r3, 4
jgt r3, r2, out
ldxw r0, [r1+0]
be32 r0
out:
exit
-- r0 0x010203
== a check in the function holds in the caller
-- context xdp
-- asm
ldxw r2, [r1+4]
ldxw r1, [r1+0]
mov64 r6, r1
local f
jeq r0, 0, out
ldxw r0, [r6+0]
be32 r0
out:
exit
f:
mov64 r0, 0
mov64 r3, r1
add64 r3, 4
jgt r3, r2, none
mov64 r0, 1
none:
exit
-- r0 0x010203
== a check in the function that its result does not tell
-- context xdp
-- asm
ldxw r2, [r1+4]
ldxw r1, [r1+0]
mov64 r6, r1
local f
ldxw r0, [r6+0]
exit
f:
mov64 r0, 0
mov64 r3, r1
add64 r3, 4
jgt r3, r2, none
mov64 r0, 1
none:
exit
-- error r6 may point 4 bytes behind the packet's end
== a null check in the function
-- context xdp
-- map m array 4 8 4
-- asm
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r6, r0
mov64 r1, r0
local f
jeq r0, 0, out
ldxdw r0, [r6+0]
out:
exit
f:
mov64 r0, 0
jeq r1, 0, none
mov64 r0, 1
none:
exit
-- r0 0
== a helper in a function changes the packet
-- context xdp
-- asm
mov64 r6, r1
ldxw r7, [r1+0]
ldxw r8, [r1+4]
mov64 r2, r7
add64 r2, 4
jgt r2, r8, out
local f
ldxb r0, [r7+0]
exit
out:
mov64 r0, 0
exit
f:
mov64 r2, 1
call xdp_adjust_head
exit
-- error r7 was a packet pointer, and a helper has changed the packet since
== a tail call that falls through
-- context xdp
-- map p programs 4 4 4
-- asm
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 17
exit
-- r0 17
== a tail call with a pointer in r0
-- context xdp
-- map p programs 4 4 4
-- asm
mov64 r0, r10
map r2, p
mov64 r3, 1
call tail_call
exit
-- error r0 is read
== a tail call without the context
-- context xdp
-- map p programs 4 4 4
-- asm
mov64 r1, 0
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 17
exit
-- error r1 of tail_call must be the context
== a tail call with another map
-- context xdp
-- map p array 4 4 4
-- asm
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 17
exit
-- error tail_call can't be used with the map p, by its kind
== a tail call in a function
-- context xdp
-- map p programs 4 4 4
-- asm
mov64 r6, r1
local f
jeq r0, 3, out
mov64 r0, 4
out:
exit
f:
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 3
exit
-- r0 3
== a tail call in a function may give any number
-- context xdp
-- map p programs 4 4 4
-- asm
mov64 r6, r1
local f
mov64 r1, r10
sub64 r1, r0
stb [r1+0], 1
mov64 r0, 0
exit
f:
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 3
exit
-- error the number taken from r1 has no upper bound
== a tail call in a function may change the packet
-- context xdp
-- map p programs 4 4 4
-- asm
ldxw r6, [r1+0]
ldxw r7, [r1+4]
mov64 r2, r6
add64 r2, 4
jgt r2, r7, out
local f
ldxb r0, [r6+0]
exit
out:
mov64 r0, 0
exit
f:
map r2, p
mov64 r3, 1
call tail_call
mov64 r0, 3
exit
-- error r6 was a packet pointer
