== a byte is at most 255
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+5]
add64 r1, r3
ldxb r0, [r1+0]
exit
-- error behind the end of the memory
== a byte is at most 255, and the memory larger
-- memory 256
-- asm
mov64 r0, 0
ldxb r3, [r1+5]
add64 r1, r3
ldxb r0, [r1+0]
exit
-- r0 5
== a half is at most 65535
-- memory 64
-- packet 00 01 02 03 04 05 06 07 08
-- asm
mov64 r0, 0
ldxh r3, [r1+6]
rsh64 r3, 10
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 1
== and
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 63
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== and with too many bits
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== and with a negative constant
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, -1
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error the number added to r1 has no lower bound
== and of 32 bits with a negative constant
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+0]
and32 r3, -64
rsh32 r3, 26
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== modulo
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mod64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== modulo one too many
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mod64 r3, 65
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== modulo by zero leaves the number
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mod64 r3, 0
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== signed modulo may be negative
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
smod64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== signed modulo, moved up
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
smod64 r3, 32
add64 r3, 31
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== division
-- memory 64
-- asm
mov64 r0, 0
ldxh r3, [r1+0]
div64 r3, 1040
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== division by zero gives zero
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
div64 r3, 0
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== division by a number that may be zero
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+0]
ldxb r4, [r1+3]
div64 r3, r4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== signed division
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+0]
sdiv64 r3, 4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== shift right
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
rsh64 r3, 58
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== shift right one too few
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
rsh64 r3, 57
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== arithmetic shift right may be negative
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
arsh64 r3, 58
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== arithmetic shift of a number that is not negative
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
rsh64 r3, 1
arsh64 r3, 57
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== shift by 64 is shift by 0
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+0]
lsh64 r3, 64
and64 r3, 7
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== 32-bit shift by a number of any size
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+0]
ldxb r4, [r1+1]
rsh32 r3, r4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error the offset of r1 into the memory has no upper bound
== 32-bit shift takes its amount modulo 32
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+2]
and64 r3, 1
lsh32 r3, 33
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== 32-bit shift left: what falls out is gone
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
lsh32 r3, 27
rsh32 r3, 27
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 4
== 64-bit shift left wraps, and its range is lost
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
lsh64 r3, 60
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== zero-extension by shifts
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
lsh64 r3, 32
rsh64 r3, 32
jgt r3, 0x70000000, out
rsh64 r3, 25
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== sign-extension by shifts
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
lsh64 r3, 32
arsh64 r3, 32
jslt r3, 0, out
jsgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== sign-extension by shifts, without the lower check
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
lsh64 r3, 32
arsh64 r3, 32
jsgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error the number added to r1 has no lower bound
== neg
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 31
neg64 r3
add64 r3, 32
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 28
== neg alone is negative
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 31
neg64 r3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== xor keeps to the bits that there are
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 48
xor64 r3, 15
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 15
== or
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 31
or64 r3, 32
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 36
== or of too many bits
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 31
or64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== multiplication
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
mul64 r3, 9
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 36
== multiplication beyond
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
mul64 r3, 10
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== multiplication that overflows
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mul64 r3, 2
rsh64 r3, 58
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== swapped bytes of a half
-- memory 64
-- asm
mov64 r0, 0
ldxh r3, [r1+0]
be16 r3
rsh64 r3, 10
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== swapped bytes are not small
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+0]
be16 r3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== be32 keeps 32 bits
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
be32 r3
rsh64 r3, 26
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== le16 cuts
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
le16 r3
rsh64 r3, 10
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== bswap64
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+9]
bswap64 r3
rsh64 r3, 60
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== sign-extending load may be negative
-- memory 64
-- asm
mov64 r0, 0
ldxsb r3, [r1+7]
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== sign-extending load, both bounds
-- memory 64
-- asm
mov64 r0, 0
ldxsb r3, [r1+7]
jslt r3, 0, out
jsgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 7
== sign-extending load, unsigned check
-- memory 64
-- asm
mov64 r0, 0
ldxsw r3, [r1+4]
jgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== movsx of a byte
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
movsx8_64 r3, r3
add64 r3, 128
rsh64 r3, 2
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== movsx of a byte is not positive
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
movsx8_64 r3, r3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== movsx of a small number
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+7]
and64 r3, 63
movsx8_64 r4, r3
mov64 r3, r4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 7
== movsx32 of a half is what it was
-- memory 64
-- asm
mov64 r0, 0
ldxh r3, [r1+6]
movsx32_64 r4, r3
mov64 r3, r4
rsh64 r3, 10
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== unsigned upper bound
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== unsigned upper bound one too high
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== unsigned upper bound, for eight bytes
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 56, out
add64 r1, r3
ldxdw r0, [r1+0]
out:
exit
-- accept
== unsigned upper bound, for eight bytes, one too high
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 57, out
add64 r1, r3
ldxdw r0, [r1+0]
out:
exit
-- error r1 may point 1 bytes behind
== signed upper bound only
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jsgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== both signed bounds
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jsgt r3, 63, out
jslt r3, 0, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== the lower bound first
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jslt r3, 0, out
jge r3, 64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== less or equal
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jle r3, 63, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== less
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jlt r3, 64, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== less, one too many
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jlt r3, 65, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== signed less and not less
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jslt r3, 64, in
exit
in:
jslt r3, 0, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== signed greater or equal
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jsge r3, 64, out
jsge r3, 0, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== signed less or equal
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jsle r3, 63, in
exit
in:
jsle r3, -1, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== equal
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
jne r3, 4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 4
== equal to something beyond
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jne r3, 64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== not equal trims the end of a range
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 64
jeq r3, 64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a 32-bit check of a 64-bit number
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt32 r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== a 32-bit check and a move of 32 bits
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt32 r3, 63, out
mov32 r3, r3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a move of 32 bits, checked: the whole is not
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov32 r4, r3
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== a move of 32 bits, checked: the low half of the whole is
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov32 r4, r3
jgt r4, 63, out
mov32 r3, r3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a move of 32 bits of a word, checked
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
mov32 r4, r3
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a check of the word, for a move of 32 bits
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
mov32 r4, r3
jgt r3, 63, out
mov64 r3, r4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a 32-bit signed check
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
jsgt32 r3, 63, out
jslt32 r3, 0, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a 32-bit signed check of one side
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
jsgt32 r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no upper bound
== 32-bit equality says nothing of the upper half
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jne32 r3, 4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== 32-bit equality with an upper half that is known
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
jne32 r3, 4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a 64-bit check, then 32-bit arithmetic that wraps
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 63, out
sub32 r3, 1
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no upper bound
== a 64-bit check, then 32-bit arithmetic that does not
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 62, out
add32 r3, 1
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== 32-bit subtraction that wraps always
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
sub32 r3, 8
add32 r3, 8
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 4
== 32-bit addition clears the upper half
-- memory 64
-- asm
mov64 r0, 0
lddw r3, 0xffffffff00000005
add32 r3, 1
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 6
== a bit that is not set
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 127
jset r3, 64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a bit that is set
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 127
jset r3, 64, in
exit
in:
sub64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a bit that is set, without taking it away
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 127
jset r3, 64, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error behind the end of the memory
== one of two bits that are set
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
and64 r3, 127
jset r3, 96, in
exit
in:
sub64 r3, 64
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== a mask that is not met
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jset r3, -64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a 32-bit mask that is not met
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jset32 r3, -64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== a 32-bit mask that is not met, of a word
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+0]
jset32 r3, -64, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a copy, checked
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov64 r4, r3
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a copy, checked after the other was changed
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov64 r4, r3
add64 r3, 1
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== a copy on the stack
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
stxdw [r10-8], r3
jgt r3, 63, out
ldxdw r3, [r10-8]
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a copy from the stack
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
stxdw [r10-8], r3
ldxdw r4, [r10-8]
jgt r4, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a copy on the stack of half the number
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
stxw [r10-8], r3
jgt r3, 63, out
ldxw r3, [r10-8]
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error the offset of r1 into the memory has no upper bound
== a copy on the stack of a word
-- memory 64
-- asm
mov64 r0, 0
ldxw r3, [r1+4]
stxw [r10-4], r3
jgt r3, 63, out
ldxw r3, [r10-4]
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a bounded word on the stack
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 63
stxw [r10-4], r3
ldxw r3, [r10-4]
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 4
== two bounded words side by side on the stack
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 63
stxw [r10-4], r3
stxw [r10-8], r3
ldxw r3, [r10-4]
ldxw r4, [r10-8]
add64 r3, r4
rsh64 r3, 1
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 4
== register against register
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov64 r4, 64
jge r3, r4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== register against register, the other way
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
mov64 r4, 64
jgt r4, r3, in
exit
in:
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== register against a bounded register
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
ldxb r4, [r1+8]
and64 r4, 63
jgt r3, r4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== register against an unbounded register
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
ldxdw r4, [r1+8]
jgt r3, r4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error no lower bound
== register equal to a bounded register
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
ldxb r4, [r1+8]
and64 r4, 63
jne r3, r4, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a difference of bounded numbers
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+1]
and64 r3, 31
ldxb r4, [r1+2]
and64 r4, 31
sub64 r3, r4
add64 r3, 31
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a difference of bounded numbers may be negative
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+1]
and64 r3, 31
ldxb r4, [r1+2]
and64 r4, 31
sub64 r3, r4
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== a sum that may overflow
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jgt r3, 63, out
ldxdw r4, [r1+8]
add64 r3, r4
jgt r3, 63, out
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== a huge bound
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
lddw r4, 0x7fffffffffffffff
jgt r3, r4, out
rsh64 r3, 57
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== bounds of an earlier range after a wrap
-- memory 64
-- asm
mov64 r0, 0
ldxdw r3, [r1+0]
jlt r3, 16, out
jgt r3, 63, out
sub64 r3, 32
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- error before the memory
== a negative offset that the constant makes good
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
sub64 r3, 8
add64 r1, 8
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- accept
== subtraction of a number from a pointer
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
add64 r1, 7
sub64 r1, r3
ldxb r0, [r1+0]
exit
-- r0 3
== subtraction of a number from a pointer, too much
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 7
add64 r1, 6
sub64 r1, r3
ldxb r0, [r1+0]
exit
-- error r1 may point 1 bytes before the memory
== multiples: a table of words
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 15
lsh64 r3, 2
add64 r1, r3
ldxw r0, [r1+0]
exit
-- accept
== multiples: a table of words, one entry more
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 31
lsh64 r3, 2
add64 r1, r3
ldxw r0, [r1+0]
exit
-- error behind the end of the memory
== or instead of plus
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
and64 r3, 60
or64 r3, 3
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 7
== a bit test by shift and and
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
rsh64 r3, 3
and64 r3, 1
lsh64 r3, 5
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 0
== a constant of 64 bits
-- memory 64
-- asm
mov64 r0, 0
lddw r3, 0x100000000
rsh64 r3, 27
add64 r1, r3
ldxb r0, [r1+0]
out:
exit
-- r0 32
== impossible after impossible
-- memory 64
-- asm
mov64 r0, 0
ldxb r3, [r1+4]
jgt r3, 200, a
jlt r3, 100, out
ja out
a:
jlt r3, 150, bad
mov64 r0, 3
exit
bad:
add64 r1, 4096
ldxb r0, [r1+0]
out:
exit
-- accept
