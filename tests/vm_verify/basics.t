== a number
-- asm
mov64 r0, 7
exit
-- r0 7
== r0 is never set
-- asm
exit
-- error r0 is read, but was never set
== a register that was never set
-- asm
mov64 r0, r3
exit
-- error r3 is read, but was never set
== r1 is there, and may be nothing
-- asm
mov64 r0, r1
exit
-- r0 0
== r1 as the result
-- memory 8
-- asm
mov64 r0, r1
exit
-- error r0 is a pointer to the memory at the end
== the length of the memory
-- memory 24
-- asm
mov64 r0, r2
exit
-- r0 24
== r2 is nothing where there is a context
-- context xdp
-- asm
mov64 r0, r2
exit
-- error r2 is read, but was never set
== set on one path only
-- memory 8
-- asm
ldxb r3, [r1+0]
jeq r3, 0, out
mov64 r0, 1
out:
exit
-- error r0 is read
== set on both paths
-- memory 8
-- asm
ldxb r3, [r1+1]
mov64 r0, 2
jeq r3, 0, out
mov64 r0, 1
out:
exit
-- r0 1
== an unknown instruction
-- asm
raw ff 00 00 00 00 00 00 00
exit
-- error insn 0: not well formed: unknown instruction
== an empty program
-- asm
-- error the program is empty
== falls off the end
-- asm
mov64 r0, 0
-- error falls off the end
== a jump out of the program
-- asm
mov64 r0, 0
ja +7
exit
-- error leaves the program
== a jump into a constant
-- asm
ja +1
lddw r0, 1
exit
-- error second half
== writes to r10
-- asm
mov64 r10, 0
mov64 r0, 0
exit
-- error r10 is read-only
== an unknown helper
-- asm
call 9999
exit
-- error unknown helper
== a legacy packet load
-- asm
raw 30 00 00 00 00 00 00 00
exit
-- error insn 0: legacy packet loads are for programs with a struct __sk_buff
== code that nothing reaches
-- asm
mov64 r0, 3
exit
mov64 r0, r9
exit
-- r0 3
== a branch that can't be taken may be nonsense
-- asm
mov64 r0, 5
jgt r0, 9, bad
exit
bad:
ldxdw r0, [r9+0]
exit
-- r0 5
== an endless loop of one instruction
-- asm
mov64 r0, 0
again:
ja again
-- error this loop may never end
== an endless loop that changes nothing
-- memory 8
-- asm
again:
ldxb r3, [r1+0]
mov64 r0, 0
jne r3, 9, again
exit
-- error this loop may never end
== an endless loop that counts
-- asm
mov64 r0, 0
again:
add64 r0, 1
ja again
-- error its paths have more than 1000000 instructions
== a loop of a constant number of rounds
-- asm
mov64 r0, 0
mov64 r1, 100
again:
add64 r0, r1
sub64 r1, 1
jne r1, 0, again
exit
-- r0 5050
== a loop of many rounds
-- asm
mov64 r0, 0
mov64 r1, 0
again:
add64 r0, 2
add64 r1, 1
jlt r1, 100000, again
exit
-- r0 200000
== a loop that ends by what is in memory, at most after eight rounds
-- memory 16
-- asm
mov64 r0, 0
mov64 r3, r1
mov64 r4, 0
again:
ldxb r5, [r3+0]
jeq r5, 6, out
add64 r0, r5
add64 r3, 1
add64 r4, 1
jlt r4, 8, again
out:
exit
-- r0 15
== the bound is one too many
-- memory 8
-- asm
mov64 r0, 0
mov64 r3, r1
mov64 r4, 0
again:
ldxb r5, [r3+0]
add64 r0, r5
add64 r3, 1
add64 r4, 1
jle r4, 8, again
exit
-- error r3 may point 1 bytes behind the end of the memory
== nested loops
-- asm
mov64 r0, 0
mov64 r1, 0
outer:
mov64 r2, 0
inner:
add64 r0, 1
add64 r2, 1
jlt32 r2, 30, inner
add64 r1, 1
jslt r1, 20, outer
exit
-- r0 600
== a loop whose step is a power
-- asm
mov64 r0, 0
mov64 r1, 1
again:
add64 r0, 1
lsh64 r1, 1
jne r1, 0, again
exit
-- r0 64
== a loop whose step a byte decides may stand still
-- memory 8
-- asm
mov64 r0, 0
mov64 r4, 0
ldxb r3, [r1+0]
again:
add64 r4, r3
jlt r4, 16, again
exit
-- error may never end
== a loop whose step a byte decides moves
-- memory 8
-- asm
mov64 r0, 0
mov64 r4, 0
ldxb r3, [r1+5]
or64 r3, 1
again:
add64 r0, 1
add64 r4, r3
jlt r4, 16, again
exit
-- r0 4
== a long jump
-- asm
mov64 r0, 1
jal +1
mov64 r0, 2
exit
-- r0 1
== a number compared with itself
-- memory 8
-- asm
ldxdw r3, [r1+0]
mov64 r0, 1
jne r3, r3, bad
jsgt32 r3, r3, bad
jle r3, r3, good
bad:
ldxb r0, [r1+9]
good:
exit
-- r0 1
== a number compared with itself, by its bits
-- memory 8
-- asm
ldxdw r3, [r1+0]
mov64 r0, 1
jset r3, r3, on
mov64 r0, 2
on:
exit
-- r0 1
