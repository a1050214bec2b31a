== falls off the end
-- asm
mov64 r0, 0
-- error falls off the end
== a conditional jump may not be last
-- asm
exit
jeq r0, 0, -2
-- error falls off the end
== a helper call may not be last
-- asm
call 7
-- error falls off the end
== jump before the program
-- asm
ja -2
-- error leaves the program
== jump behind the program
-- asm
jeq r0, 0, +1
exit
-- error leaves the program
== long jump behind the program
-- asm
jal +2000000
exit
-- error leaves the program
== long jump far before
-- asm
raw 06 00 00 00 00 00 00 80
exit
-- error leaves the program
== local call behind the program
-- asm
local +5
exit
-- error leaves the program
== jump into a constant
-- asm
ja +1
lddw r0, 5
exit
-- error second half
== local call into a constant
-- asm
local +1
lddw r0, 5
exit
-- error second half
== a constant cut short
-- asm
exit
raw 18 00 00 00 00 00 00 00
-- error without its second half
== a constant with a wrong second half
-- asm
raw 18 00 00 00 00 00 00 00
exit
-- error without its second half
== a map reference
-- asm
raw 18 11 00 00 03 00 00 00
raw 00 00 00 00 00 00 00 00
exit
-- error not plain
== unknown helper
-- asm
call 99
exit
-- error unknown helper
== kernel function call
-- asm
raw 85 20 00 00 01 00 00 00
exit
-- error kind of call
== callx
-- asm
raw 8d 00 00 00 00 00 00 00
exit
-- error unknown instruction
== register 11
-- asm
mov64 r11, 0
exit
-- error register
== source register 12
-- asm
mov64 r0, r12
exit
-- error register
== writing r10
-- asm
add64 r10, -8
exit
-- error read-only
== loading into r10
-- asm
ldxb r10, [r1+0]
exit
-- error read-only
== fetching into r10
-- asm
atomic64 0x01, [r1+0], r10
exit
-- error read-only
== legacy packet loads of 64 bits
-- asm
raw 38 00 00 00 00 00 00 00
exit
-- error unknown
== legacy indirect packet loads of 64 bits
-- asm
raw 58 10 00 00 00 00 00 00
exit
-- error unknown
== a legacy packet load with a source
-- asm
raw 20 10 00 00 00 00 00 00
exit
-- error must be zero
== a legacy packet load with a destination
-- asm
raw 40 01 00 00 00 00 00 00
exit
-- error must be zero
== second half alone
-- asm
raw 00 00 00 00 00 00 00 00
exit
-- error unknown
== unknown atomic
-- asm
atomic64 0x10, [r1+0], r2
exit
-- error atomic
== atomic exchange without the fetch bit
-- asm
atomic64 0xe0, [r1+0], r2
exit
-- error atomic
== atomic of a byte
-- asm
raw d3 21 00 00 00 00 00 00
exit
-- error unknown instruction
== sign-extending load of 64 bits
-- asm
raw 99 10 00 00 00 00 00 00
exit
-- error unknown instruction
== byte swap of 24 bits
-- asm
be24 r0
exit
-- error unknown instruction
== unconditional swap with the source bit
-- asm
raw df 00 00 00 10 00 00 00
exit
-- error unknown instruction
== sign-extending move from 24 bits
-- asm
movsx24_64 r0, r1
exit
-- error unknown instruction
== sign-extending move from 32 bits to 32
-- asm
movsx32_32 r0, r1
exit
-- error unknown instruction
== sign-extending move of a constant
-- asm
raw b7 00 08 00 05 00 00 00
exit
-- error unknown instruction
== division with offset 2
-- asm
raw 37 00 02 00 05 00 00 00
exit
-- error unknown instruction
== addition with an offset
-- asm
raw 07 00 01 00 05 00 00 00
exit
-- error unknown instruction
== negation by a register
-- asm
raw 8f 10 00 00 00 00 00 00
exit
-- error must be zero
== constant form with a source register
-- asm
raw 07 10 00 00 05 00 00 00
exit
-- error must be zero
== register form with a constant
-- asm
raw 0f 10 00 00 05 00 00 00
exit
-- error must be zero
== load with a constant
-- asm
raw 71 10 00 00 05 00 00 00
exit
-- error must be zero
== exit with a constant
-- asm
raw 95 00 00 00 05 00 00 00
-- error must be zero
== arithmetic operation 14
-- asm
raw e7 00 00 00 05 00 00 00
exit
-- error unknown instruction
== jump operation 14
-- asm
raw e5 00 00 00 05 00 00 00
exit
-- error unknown instruction
== 32-bit exit
-- asm
raw 96 00 00 00 00 00 00 00
-- error unknown instruction
