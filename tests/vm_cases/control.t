== jumps forward and backward: the sum of 1 to 10
-- asm
mov64 r0, 0
mov64 r2, 10
add64 r0, r2
sub64 r2, 1
jne r2, 0, -3
exit
-- r0 55
== unconditional jumps
-- asm
ja +1
exit
mov64 r0, 1
jal +1
exit
add64 r0, 2
ja +0
jal +0
exit
-- r0 3
== unconditional jump backward as the last instruction
-- asm
mov64 r0, 7
ja +1
exit
ja -2
-- r0 7
== a jump over a 64-bit constant
-- asm
mov64 r0, 3
ja +2
lddw r0, 0x1111111111111111
exit
-- r0 3
== helper calls get five arguments and the environment
-- asm
mov64 r1, 1
mov64 r2, 2
mov64 r3, 3
mov64 r4, 4
mov64 r5, 5
call 7
exit
-- r0 0x12345e
== helpers are known by their numbers
-- asm
mov64 r1, 20
mov64 r2, 22
call -3
exit
-- r0 42
== local call: arguments, saved registers, a stack of its own
-- asm
mov64 r6, 6
mov64 r7, 7
mov64 r8, 8
mov64 r9, 9
stdw [r10-8], 1000
mov64 r1, 30
local +7
ldxdw r1, [r10-8]
add64 r0, r1
add64 r0, r6
add64 r0, r7
add64 r0, r8
add64 r0, r9
exit
stdw [r10-8], 2000
mov64 r6, 60
mov64 r7, 70
mov64 r8, 80
mov64 r9, 90
mov64 r0, r1
exit
-- r0 1060
== local calls nest eight frames deep
-- asm
mov64 r0, 0
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
exit
-- r0 7
== a function that calls itself is refused
-- asm
mov64 r1, 8
local +1
exit
sub64 r1, 1
jeq r1, 0, +1
local -3
exit
-- error never end
== nine frames are refused
-- asm
mov64 r0, 0
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
local +1
exit
add64 r0, 1
exit
-- error nest deeper than eight
== functions that call each other are refused
-- asm
local +1
exit
local +1
exit
local -3
exit
-- error never end
== a jump into another function is refused
-- asm
local +2
mov64 r0, 0
ja +1
mov64 r0, 1
exit
-- error from one function into another
== a function that falls into the next is refused
-- asm
local +2
local +2
exit
mov64 r0, 0
mov64 r0, 1
exit
-- error falls off the end
== a constant and exit inside a local call returns to the caller
-- asm
local +2
add64 r0, 1
exit
mov64 r0, 4
exit
-- r0 5
== r1 to r5 and r0 begin as given, the others as zero
-- asm
mov64 r0, r2
or64 r0, r6
or64 r0, r9
exit
-- r0 0
== 32-bit results clear the upper half
-- asm
lddw r0, 0xffffffffffffffff
mov32 r0, r0
exit
-- r0 0xffffffff
== neg of 64 and 32 bits
-- asm
mov64 r0, 5
neg64 r0
mov64 r2, 5
neg32 r2
sub64 r0, r2
exit
-- r0 0xffffffff00000000
== neg of the smallest
-- asm
lddw r0, 0x8000000000000000
neg64 r0
exit
-- r0 0x8000000000000000
== sign-extending moves to 64 bits
-- asm
lddw r1, 0x1122334480008080
movsx8_64 r2, r1
movsx16_64 r3, r1
movsx32_64 r4, r1
mov64 r0, r2
add64 r0, r3
add64 r0, r4
exit
-- r0 0xffffffff80000080
== sign-extending moves to 32 bits
-- asm
lddw r1, 0x1122334480008081
movsx8_32 r2, r1
movsx16_32 r3, r1
mov64 r0, r2
add64 r0, r3
exit
-- r0 0x1ffff8002
== byte order: big
-- asm
lddw r1, 0x0102030405060708
mov64 r2, r1
mov64 r3, r1
mov64 r4, r1
be16 r2
be32 r3
be64 r4
mov64 r0, r4
xor64 r0, r3
xor64 r0, r2
exit
-- r0 0x080706050c040c03
== byte order: little
-- asm
lddw r1, 0x0102030405060708
mov64 r2, r1
mov64 r3, r1
mov64 r4, r1
le16 r2
le32 r3
le64 r4
mov64 r0, r4
xor64 r0, r3
xor64 r0, r2
exit
-- r0 0x0102030400000708
== byte order: always swapped
-- asm
lddw r1, 0x0102030405060708
mov64 r2, r1
mov64 r3, r1
mov64 r4, r1
bswap16 r2
bswap32 r3
bswap64 r4
mov64 r0, r4
sub64 r0, r3
sub64 r0, r2
exit
-- r0 0x08070604fbfbf3f5
