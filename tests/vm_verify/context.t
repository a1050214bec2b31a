== numbers of the context
-- context xdp
-- asm
ldxw r0, [r1+12]
lsh64 r0, 8
ldxw r2, [r1+16]
or64 r0, r2
exit
-- r0 0x201
== what is not known reads as 0
-- context xdp
-- asm
ldxw r0, [r1+20]
exit
-- r0 0
== a part of a number
-- context xdp
-- asm
ldxb r0, [r1+12]
ldxh r2, [r1+14]
add64 r0, r2
exit
-- r0 2
== behind the context
-- context xdp
-- asm
ldxw r0, [r1+24]
exit
-- error struct xdp_md has nothing to read at bytes 24 to 27
== before the context
-- context xdp
-- asm
ldxw r0, [r1-4]
exit
-- error struct xdp_md has nothing to read at bytes -4 to -1
== across two members
-- context xdp
-- asm
ldxdw r0, [r1+12]
exit
-- error struct xdp_md has nothing to read at bytes 12 to 19
== between two members
-- context xdp
-- asm
ldxw r0, [r1+14]
exit
-- error struct xdp_md has nothing to read at bytes 14 to 17
== half a pointer
-- context xdp
-- asm
ldxh r0, [r1+0]
exit
-- error struct xdp_md.data is a pointer: it is read as a whole, 4 bytes at 0
== two pointers at once
-- context xdp
-- asm
ldxdw r0, [r1+0]
exit
-- error struct xdp_md has nothing to read at bytes 0 to 7
== a pointer, sign-extended
-- context xdp
-- asm
ldxsw r2, [r1+0]
mov64 r0, 0
exit
-- error struct xdp_md.data is a pointer
== a number, sign-extended
-- context xdp
-- asm
ldxsw r0, [r1+12]
exit
-- r0 2
== writing to the context
-- context xdp
-- asm
stw [r1+12], 1
mov64 r0, 0
exit
-- error struct xdp_md.ingress_ifindex is read-only
== writing to a pointer of the context
-- context xdp
-- asm
mov64 r2, 0
stxw [r1+0], r2
mov64 r0, 0
exit
-- error struct xdp_md.data is read-only
== a pointer stored in the context
-- context xdp
-- asm
stxdw [r1+0], r10
mov64 r0, 0
exit
-- error a pointer to the stack is stored in the context
== atomics on the context
-- context xdp
-- asm
mov64 r2, 1
atomic32 0x00, [r1+12], r2
mov64 r0, 0
exit
-- error an atomic instruction on the context
== the context, moved by a constant
-- context xdp
-- asm
add64 r1, 8
ldxw r0, [r1+4]
exit
-- r0 2
== the context, moved by a constant, out of it
-- context xdp
-- asm
add64 r1, 16
ldxw r0, [r1+8]
exit
-- error struct xdp_md has nothing to read at bytes 24 to 27
== the context, moved by a variable
-- context xdp
-- asm
ldxw r2, [r1+12]
and64 r2, 4
add64 r1, r2
ldxw r0, [r1+12]
exit
-- error a variable offset into the context
== the same instruction for the context and for something else
-- context xdp
-- asm
stdw [r10-8], 1
ldxw r3, [r1+12]
mov64 r2, r1
jeq r3, 0, on
mov64 r2, r10
add64 r2, -20
on:
ldxw r0, [r2+12]
exit
-- error the same instruction accesses different things on different paths, one of them the context
== the same instruction for two members of the context
-- context xdp
-- asm
ldxw r3, [r1+12]
jeq r3, 0, on
add64 r1, 4
on:
ldxw r0, [r1+12]
exit
-- error the same instruction accesses different things on different paths
== the same instruction for one member on two paths
-- context xdp
-- asm
ldxw r3, [r1+12]
mov64 r4, 1
jeq r3, 0, on
mov64 r4, 2
on:
ldxw r0, [r1+16]
add64 r0, r4
exit
-- r0 3
== the context from the stack
-- context xdp
-- asm
stxdw [r10-8], r1
mov64 r1, 0
ldxdw r2, [r10-8]
ldxw r0, [r2+12]
exit
-- r0 2
== a socket buffer's length
-- context skb
-- asm
ldxw r0, [r1+0]
exit
-- r0 64
== a socket buffer's bytes
-- context skb
-- asm
mov64 r0, 0
ldxw r2, [r1+76]
ldxw r3, [r1+80]
mov64 r4, r2
add64 r4, 3
jgt r4, r3, out
ldxb r0, [r2+2]
out:
exit
-- r0 2
== a time of 64 bits
-- context skb
-- asm
ldxdw r0, [r1+152]
exit
-- r0 0
== a member that nobody knows here
-- context skb
-- asm
ldxw r0, [r1+68]
exit
-- error struct __sk_buff has nothing to read at bytes 68 to 71
