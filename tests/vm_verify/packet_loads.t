== a legacy load of two bytes
-- context skb
-- asm
mov64 r6, r1
raw 28 00 00 00 0c 00 00 00
exit
-- r0 0x0c0d
== of four, at an offset in a register
-- context skb
-- asm
mov64 r6, r1
mov64 r7, 3
raw 40 70 00 00 02 00 00 00
exit
-- r0 0x05060708
== the offset may be any number
-- context skb
-- asm
mov64 r6, r1
ldxw r7, [r1+0]
neg64 r7
raw 50 70 00 00 02 00 00 00
mov64 r0, 5
exit
-- r0 0
== behind the packet's end the program ends with 0
-- context skb
-- asm
mov64 r6, r1
raw 30 00 00 00 40 00 00 00
mov64 r0, 5
exit
-- r0 0
== the last byte is there
-- context skb
-- asm
mov64 r6, r1
raw 30 00 00 00 3f 00 00 00
exit
-- r0 63
== half of it is behind the end
-- context skb
-- asm
mov64 r6, r1
raw 28 00 00 00 3f 00 00 00
mov64 r0, 5
exit
-- r0 0
== in a function it ends the function
-- context skb
-- asm
mov64 r6, r1
local part
add64 r0, 7
exit
part:
mov64 r6, r1
raw 30 00 00 00 40 00 00 00
mov64 r0, 5
exit
-- r0 7
== what it gives has so many bytes
-- context skb
-- asm
mov64 r6, r1
raw 30 00 00 00 04 00 00 00
stdw [r10-8], 0
and64 r0, 7
mov64 r2, r10
add64 r2, -8
add64 r2, r0
ldxb r0, [r2+0]
exit
-- r0 0
== its result is a number without a sign
-- context skb
-- asm
mov64 r6, r1
stdw [r10-8], 0
raw 30 00 00 00 04 00 00 00
mov64 r2, r10
add64 r2, r0
ldxb r0, [r2-256]
exit
-- error not all of them were written
== arguments are gone behind it
-- context skb
-- asm
mov64 r6, r1
raw 30 00 00 00 04 00 00 00
mov64 r0, r1
exit
-- error r1 is read
== r6 is not the context
-- context skb
-- asm
mov64 r6, 0
raw 30 00 00 00 04 00 00 00
exit
-- error the context in r6
== r6 was never set
-- context skb
-- asm
raw 30 00 00 00 04 00 00 00
exit
-- error the context in r6
== the offset is a pointer
-- context skb
-- asm
mov64 r6, r1
raw 50 60 00 00 04 00 00 00
exit
-- error is no number
== of a program at xdp
-- context xdp
-- asm
mov64 r6, r1
raw 30 00 00 00 04 00 00 00
exit
-- error struct __sk_buff
== a function that ends early has not set what its caller reads
-- context skb
-- asm
mov64 r6, r1
mov64 r2, r10
add64 r2, -8
local part
ldxdw r0, [r10-8]
exit
part:
mov64 r6, r1
mov64 r7, r2
raw 30 00 00 00 40 00 00 00
stdw [r7+0], 5
mov64 r0, 5
exit
-- error not all of them were written before
== a function that ends early gives 0
-- context skb
-- asm
mov64 r6, r1
stdw [r10-8], 0
local part
mov64 r1, r10
sub64 r1, r0
ldxb r0, [r1+0]
exit
part:
mov64 r6, r1
raw 30 00 00 00 40 00 00 00
mov64 r0, 5
exit
-- error reach beyond the stack
== a function that ends early, and its caller minds
-- context skb
-- asm
mov64 r6, r1
stdw [r10-8], 7
local part
jeq r0, 0, out
mov64 r1, r10
sub64 r1, r0
ldxb r0, [r1+0]
out:
exit
part:
mov64 r6, r1
raw 30 00 00 00 3f 00 00 00
mov64 r0, 8
exit
-- r0 7
