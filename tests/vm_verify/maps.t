== a value without a null check
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 0
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
ldxdw r0, [r0+0]
exit
-- error r0 may be NULL: compare it with 0 first
== a value with a null check
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
stdw [r0+8], 11
ldxdw r0, [r0+8]
out:
exit
-- r0 11
== a null check the other way round
-- context xdp
-- map m hash 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r6, r0
mov64 r0, 5
jne r6, 0, in
exit
in:
ldxdw r0, [r6+8]
exit
-- r0 5
== the wrong branch
-- context xdp
-- map m hash 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jne r0, 0, in
ldxdw r0, [r0+8]
exit
in:
mov64 r0, 0
exit
-- error r0 is a number, not a pointer
== a null check against a register
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r7, 0
jeq r0, r7, out
ldxdw r0, [r0+0]
out:
exit
-- r0 0
== a 32-bit null check
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq32 r0, 0, out
ldxdw r0, [r0+0]
out:
mov64 r0, 0
exit
-- error a 32-bit comparison of r0
== a comparison with something else than 0
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jgt r0, 4096, in
mov64 r0, 0
exit
in:
ldxdw r0, [r0+0]
exit
-- error is compared with a number
== arithmetic before the null check
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
add64 r0, 8
jeq r0, 0, out
ldxdw r0, [r0+0]
out:
exit
-- error r0 may be NULL: compare it with 0 before arithmetic on it
== the copy is good, too
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r6, r0
jeq r6, 0, out
ldxdw r0, [r0+0]
exit
out:
mov64 r0, 0
exit
-- r0 0
== behind the value
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
ldxdw r0, [r0+9]
exit
out:
mov64 r0, 0
exit
-- error r0 may point 1 bytes behind the end of m, which has 16
== before the value
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
ldxdw r0, [r0-8]
exit
out:
mov64 r0, 0
exit
-- error r0 may point 8 bytes before m
== a variable offset in the value
-- context xdp
-- map m array 4 64 4
-- asm
ldxw r6, [r1+12]
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
jgt r6, 7, out
lsh64 r6, 3
add64 r0, r6
stdw [r0+0], 3
ldxdw r0, [r0+0]
exit
out:
mov64 r0, 0
exit
-- r0 3
== a variable offset in the value, one too far
-- context xdp
-- map m array 4 64 4
-- asm
ldxw r6, [r1+12]
stw [r10-4], 2
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
jgt r6, 8, out
lsh64 r6, 3
add64 r0, r6
ldxdw r0, [r0+0]
exit
out:
mov64 r0, 0
exit
-- error r0 may point 8 bytes behind the end of m
== the key was never written
-- context xdp
-- map m array 4 16 4
-- asm
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r0, 0
exit
-- error not all of them were written before
== half the key was written
-- context xdp
-- map m hash 8 16 4
-- asm
stw [r10-8], 1
map r1, m
mov64 r2, r10
add64 r2, -8
call map_lookup_elem
mov64 r0, 0
exit
-- error 8 bytes of the stack at r10-8 are read
== the key reaches beyond the stack
-- context xdp
-- map m hash 8 16 4
-- asm
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r0, 0
exit
-- error reach beyond the stack
== the key lies in the packet
-- context xdp
-- map m hash 4 16 4
-- asm
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 4
mov64 r0, 1
jgt r4, r3, out
map r1, m
call map_lookup_elem
jeq r0, 0, out
mov64 r0, 2
out:
exit
-- r0 0
== the key lies in the packet, partly
-- context xdp
-- map m hash 4 16 4
-- asm
ldxw r2, [r1+0]
ldxw r3, [r1+4]
mov64 r4, r2
add64 r4, 3
mov64 r0, 1
jgt r4, r3, out
map r1, m
call map_lookup_elem
mov64 r0, 0
out:
exit
-- error r2 may point 1 bytes behind the packet's end
== the key lies in another value
-- context xdp
-- map m array 4 16 4
-- map n hash 8 8 4
-- asm
value r2, m+8
map r1, n
call map_lookup_elem
jeq r0, 0, out
mov64 r0, 2
out:
exit
-- r0 0
== the key would be a pointer
-- context xdp
-- map m hash 8 16 4
-- asm
stxdw [r10-8], r1
map r1, m
mov64 r2, r10
add64 r2, -8
call map_lookup_elem
mov64 r0, 0
exit
-- error the bytes of a pointer on the stack are read as numbers
== the key is a number
-- context xdp
-- map m array 4 16 4
-- asm
map r1, m
mov64 r2, 4
call map_lookup_elem
mov64 r0, 0
exit
-- error r2 of map_lookup_elem must be a pointer to memory
== the map is a number
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 0
mov64 r1, 0
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r0, 0
exit
-- error r1 of map_lookup_elem must be a map
== the map is a value
-- context xdp
-- map m array 4 16 4
-- asm
stw [r10-4], 0
value r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r0, 0
exit
-- error r1 of map_lookup_elem must be a map
== a map is not memory
-- context xdp
-- map m array 4 16 4
-- asm
map r1, m
ldxw r0, [r1+0]
exit
-- error r1 is a map: only helpers look into it
== no arithmetic on maps
-- context xdp
-- map m array 4 16 4
-- asm
map r1, m
add64 r1, 8
mov64 r0, 0
exit
-- error arithmetic on r1, which points to a map
== no such map
-- context xdp
-- map m array 4 16 4
-- asm
raw 18 51 00 00 01 00 00 00
raw 00 00 00 00 00 00 00 00
mov64 r0, 0
exit
-- error insn 0: there is no map 1
== a map with an offset
-- context xdp
-- map m array 4 16 4
-- asm
raw 18 51 00 00 00 00 00 00
raw 00 00 00 00 08 00 00 00
mov64 r0, 0
exit
-- error a map has no offset
== the address of a value
-- context xdp
-- map m array 4 16 1
-- asm
value r1, m+4
stw [r1+0], 8
ldxw r0, [r1+0]
exit
-- r0 8
== the address of a value, behind its end
-- context xdp
-- map m array 4 16 1
-- asm
value r1, m+12
ldxdw r0, [r1+0]
exit
-- error r1 may point 4 bytes behind the end of m
== the address of a value, before its begin
-- context xdp
-- map m array 4 16 1
-- asm
value r1, m+4
ldxw r0, [r1-8]
exit
-- error r1 may point 4 bytes before m
== the address of what is behind a value
-- context xdp
-- map m array 4 16 1
-- asm
value r1, m+16
mov64 r0, 0
exit
-- error m has values of 16 bytes, there is none at 16
== the address of a value of a hash
-- context xdp
-- map m hash 4 16 1
-- asm
value r1, m
mov64 r0, 0
exit
-- error only the values of plain arrays have addresses, and m is none
== the address of a value of each CPU
-- context xdp
-- map m percpu_array 4 16 1
-- asm
value r1, m
mov64 r0, 0
exit
-- error only the values of plain arrays have addresses
== a counter of each CPU
-- context xdp
-- map m percpu_array 4 8 4
-- asm
stw [r10-4], 3
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
ldxdw r1, [r0+0]
add64 r1, 1
stxdw [r0+0], r1
mov64 r0, r1
out:
exit
-- r0 1
== constants are read
-- context xdp
-- map c array 4 16 1 reads
-- asm
value r1, c+2
ldxb r0, [r1+0]
exit
-- r0 15
== constants are not written
-- context xdp
-- map c array 4 16 1 reads
-- asm
value r1, c
stb [r1+0], 1
mov64 r0, 0
exit
-- error programs only read c
== constants are not written atomically
-- context xdp
-- map c array 4 16 1 reads
-- asm
value r1, c
mov64 r2, 1
atomic64 0x00, [r1+0], r2
mov64 r0, 0
exit
-- error programs only read c
== constants are not written by a helper
-- context xdp
-- map c array 4 16 1 reads
-- asm
stw [r10-4], 0
stdw [r10-16], 0
stdw [r10-24], 0
map r1, c
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -24
mov64 r4, 0
call map_update_elem
exit
-- error programs only read c
== a room for a helper in constants
-- context xdp
-- map c array 4 16 1 reads
-- asm
mov64 r2, 0
value r3, c
mov64 r4, 8
call xdp_load_bytes
exit
-- error programs only read c
== a table of constants
-- context xdp
-- map c array 4 64 1 reads
-- asm
ldxw r3, [r1+12]
and64 r3, 63
value r1, c
add64 r1, r3
ldxb r0, [r1+0]
exit
-- r0 15
== update, then lookup
-- context xdp
-- map m hash 4 8 4
-- asm
stw [r10-4], 7
stdw [r10-16], 99
map r1, m
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -16
mov64 r4, 0
call map_update_elem
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
ldxdw r0, [r0+0]
out:
exit
-- r0 99
== the value of an update was never written
-- context xdp
-- map m hash 4 8 4
-- asm
stw [r10-4], 7
map r1, m
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -16
mov64 r4, 0
call map_update_elem
exit
-- error 8 bytes of the stack at r10-16 are read
== an update without its flags
-- context xdp
-- map m hash 4 8 4
-- asm
stw [r10-4], 7
stdw [r10-16], 99
map r1, m
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -16
call map_update_elem
exit
-- error r4 is read, but was never set
== an update with a pointer as flags
-- context xdp
-- map m hash 4 8 4
-- asm
stw [r10-4], 7
stdw [r10-16], 99
map r1, m
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -16
mov64 r4, r10
call map_update_elem
exit
-- error r4 of map_update_elem must be a number
== the value of an update is a pointer
-- context xdp
-- map m hash 4 8 4
-- asm
stw [r10-4], 7
stxdw [r10-16], r10
map r1, m
mov64 r2, r10
add64 r2, -4
mov64 r3, r10
add64 r3, -16
mov64 r4, 0
call map_update_elem
exit
-- error the bytes of a pointer on the stack are read as numbers
== a pointer stored in a value
-- context xdp
-- map m array 4 8 4
-- asm
value r2, m
stxdw [r2+0], r1
mov64 r0, 0
exit
-- error a pointer to the context is stored in a map's value: the program would leak an address
== deleting from an array
-- context xdp
-- map m array 4 8 4
-- asm
stw [r10-4], 7
map r1, m
mov64 r2, r10
add64 r2, -4
call map_delete_elem
exit
-- error map_delete_elem can't be used with the map m, by its kind
== a map of programs is no map for lookups
-- context xdp
-- map p programs 4 4 4
-- asm
stw [r10-4], 7
map r1, p
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
mov64 r0, 0
exit
-- error map_lookup_elem can't be used with the map p, by its kind
== values of two lookups are not compared
-- context xdp
-- map m array 4 8 4
-- asm
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
mov64 r6, r0
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r0, 0, out
jgt r0, r6, out
out:
mov64 r0, 0
exit
-- error can't be compared so
== the difference of pointers into one value
-- context xdp
-- map m array 4 8 4
-- asm
value r2, m+1
value r3, m+6
sub64 r3, r2
mov64 r0, r3
exit
-- r0 5
== the difference of pointers into different things
-- context xdp
-- map m array 4 8 4
-- asm
value r2, m
sub64 r2, r10
mov64 r0, r2
exit
-- error the difference of pointers to a map's value and to the stack
== a null check on both sides of a join
-- context xdp
-- map m array 4 8 4
-- asm
ldxw r7, [r1+12]
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r7, 0, other
jeq r0, 0, out
ja use
other:
jeq r0, 0, out
use:
ldxb r0, [r0+0]
exit
out:
mov64 r0, 0
exit
-- r0 0
== a null check on one side of a join
-- context xdp
-- map m array 4 8 4
-- asm
ldxw r7, [r1+12]
stw [r10-4], 1
map r1, m
mov64 r2, r10
add64 r2, -4
call map_lookup_elem
jeq r7, 0, use
jeq r0, 0, out
use:
ldxb r0, [r0+0]
exit
out:
mov64 r0, 0
exit
-- error r0 may be NULL
