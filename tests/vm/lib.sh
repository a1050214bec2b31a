# shellcheck shell=bash
# Sourced by what boots a virtual machine: Debian's kernel and its headers, qemu, a first file system. Nothing is
# installed: packages are downloaded and unpacked into a cache of their own ($FFPF_VM_CACHE, else BUILD_DIR/vm), once.
#
#     host                              guest (software emulation, Debian's kernel)
#     ┌────────────────────────┐        ┌───────────────────────────────────────────┐
#     │ /            (9p, read-only) ══▶│ /mnt … chroot: the tests run the host's   │
#     │ results      (9p)      ◀═══════▶│ /mnt/run/results   programs               │
#     │ serial line            ◀────────│ /lib/modules: the kernel's, loaded        │
#     └────────────────────────┘        │ by need                                   │
#                                       └───────────────────────────────────────────┘
#
# qemu exits with 0 even after a panic, so a run is judged by a line with a token that only this run knows.

VM_ARCH=amd64
VM=${FFPF_VM_CACHE:-$BUILD/vm}
VM_ROOT=$VM/root

skip() { echo "skipped: $*"; exit 77; }

# What to fetch: kernel, headers, qemu and what it needs here that is not installed.
vm_packages() {
	local abi=$1
	echo "linux-image-$abi-$VM_ARCH" "linux-headers-$abi-$VM_ARCH" "linux-headers-$abi-common" busybox-static
	apt-cache depends "linux-headers-$abi-$VM_ARCH" | sed -n 's/.*Depends: \(linux-kbuild-[0-9.a-z+-]*\)$/\1/p'
	command -v qemu-system-x86_64 >/dev/null ||
		apt-get install -s --no-install-recommends qemu-system-x86 2>/dev/null | awk '/^Inst/ { print $2 }'
}

vm_abi() { apt-cache depends linux-image-$VM_ARCH 2>/dev/null | sed -n "s/.*Depends: linux-image-\(.*\)-$VM_ARCH$/\1/p"; }

vm_download() {
	local packages
	# shellcheck disable=SC2207
	packages=($(vm_packages "$1"))
	(cd "$VM/debs" && apt-get download -q -o APT::Sandbox::User=root "${packages[@]}" >"$VM/download.log" 2>&1)
}

# The kernel as the emulator starts it, out of the packed one.
vm_extract_kernel() {
	python3 - "$1" "$2" <<'PY'
import lzma, sys
packed = open(sys.argv[1], "rb").read()
at = packed.find(b"\xfd7zXZ\0")
while at >= 0:
    try:
        kernel = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(packed[at:])
    except lzma.LZMAError:
        kernel = b""
    if kernel[:4] == b"\x7fELF":
        open(sys.argv[2], "wb").write(kernel)
        sys.exit(0)
    at = packed.find(b"\xfd7zXZ\0", at + 1)
sys.exit("no kernel in " + sys.argv[1])
PY
}

# The first file system: busybox, what mounting over 9p needs, and a program that loads other modules by need.
vm_initrd() {
	local abi=$1 tree=$VM/initrd.d modules=$VM_ROOT/lib/modules/$1-$VM_ARCH module n=10
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,sbin,dev,proc,m,lib}
	cp "$VM_ROOT/bin/busybox" "$tree/bin/" && ln -sf busybox "$tree/bin/sh"
	for module in drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_legacy_dev \
		drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci net/9p/9pnet net/9p/9pnet_virtio \
		fs/netfs/netfs fs/fscache/fscache fs/9p/9p; do
		[ ! -e "$modules/kernel/$module.ko" ] || cp "$modules/kernel/$module.ko" "$tree/m/$n-${module##*/}.ko"
		n=$((n + 1))
	done
	cat >"$tree/init" <<'INIT'
#!/bin/sh
export PATH=/bin
/bin/busybox --install -s /bin
word() { sed -n "s/.*vm\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for k in /m/*.ko; do insmod $k; done
mkdir /mnt
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /mnt
mount -t proc proc /mnt/proc
mount -t sysfs sysfs /mnt/sys
mount --bind /dev /mnt/dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /mnt/run
mkdir -p /mnt/run/netns /mnt/run/tmp /mnt/run/results
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 results /mnt/run/results
ln -s /mnt$(word root)/lib/modules /lib/modules
ln -sf ../bin/busybox /sbin/modprobe
ip link set lo up
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run/tmp \
	VM_ROOT=$(word root) TOKEN=$(word token) chroot /mnt /bin/bash $(word run) $(word args | tr , ' ')
poweroff -f
INIT
	chmod +x "$tree/init"
	(cd "$tree" && find . | bin/busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$VM/initrd"
}

# Downloads and unpacks, or skips with the reason. Sets VM_KDIR.
vm_setup() {
	local abi deb
	[ "$(dpkg --print-architecture 2>/dev/null)" = $VM_ARCH ] || skip "the virtual machine is for Debian on $VM_ARCH"
	for tool in apt-get apt-cache python3 gcc make; do
		command -v $tool >/dev/null || skip "no $tool here: no virtual machine"
	done
	perl -MPod::Usage -e 1 2>/dev/null || skip "no whole perl here, with which the kernel checks comments: no virtual machine"
	mkdir -p "$VM/debs" || skip "$VM can't be written"
	exec 7>"$VM/.lock"
	flock 7
	if [ ! -e "$VM/complete" ]; then
		abi=$(vm_abi)
		if [ -z "$abi" ] || ! vm_download "$abi"; then # what is known of packages may be old, or nothing
			apt-get update -qq >"$VM/download.log" 2>&1
			abi=$(vm_abi)
			[ -n "$abi" ] || skip "no kernel package is known here (no network?)"
			vm_download "$abi" || skip "packages can't be fetched: $(tail -n 1 "$VM/download.log")"
		fi
		for deb in "$VM"/debs/*.deb; do dpkg -x "$deb" "$VM_ROOT" || skip "$deb can't be unpacked"; done
		rm -rf "$VM/debs"
		sed -i "s#^include /usr/src/#include $VM_ROOT/usr/src/#" "$VM_ROOT/usr/src/linux-headers-$abi-$VM_ARCH/Makefile"
		vm_extract_kernel "$VM_ROOT/boot/vmlinuz-$abi-$VM_ARCH" "$VM/vmlinux" || skip "the kernel can't be unpacked"
		"$VM_ROOT/bin/busybox" depmod -b "$VM_ROOT" "$abi-$VM_ARCH" || skip "no list of modules"
		vm_initrd "$abi" || skip "no first file system"
		echo "$abi" >"$VM/complete"
	fi
	exec 7>&-
	VM_KDIR=$VM_ROOT/usr/src/linux-headers-$(cat "$VM/complete")-$VM_ARCH
}

# vm_run LIMIT RESULTS_DIR PROGRAM [ARGS…]: PROGRAM (a bash script, absolute) as root in the guest, TOKEN in its
# environment; what the serial line said goes to RESULTS_DIR/serial
vm_run() {
	local limit=$1 results=$2 program=$3 qemu=$VM_ROOT/usr/bin/qemu-system-x86_64 args
	shift 3
	args=$(IFS=,; echo "$*")
	[ -x "$qemu" ] || qemu=$(command -v qemu-system-x86_64)
	TOKEN=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	LD_LIBRARY_PATH=$VM_ROOT/usr/lib/x86_64-linux-gnu:$VM_ROOT/lib/x86_64-linux-gnu timeout -k 5 "$limit" "$qemu" \
		-L "$VM_ROOT/usr/share/qemu" -L "$VM_ROOT/usr/share/seabios" -accel tcg,thread=multi -cpu max -m 1024 -smp 2 \
		-nodefaults -no-user-config -display none -serial stdio -no-reboot \
		-kernel "$VM/vmlinux" -initrd "$VM/initrd" \
		-append "console=ttyS0 quiet panic=-1 oops=panic vm.root=$VM_ROOT vm.token=$TOKEN vm.run=$program vm.args=$args" \
		-virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$results,mount_tag=results,security_model=none" \
		</dev/null 2>"$results/qemu" | tr -d '\r' >"$results/serial"
}
