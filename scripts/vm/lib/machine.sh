# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# machine.sh - boot one of Debian's kernels in a virtual machine that sees this
# machine's files, run one command there, bring back what it printed and how it
# ended, and judge the kernel log.  Sourced with what it takes: common.sh,
# packages.sh and kernels.sh.
#
# The host's root directory is shared by virtiofs, read-only; the guest's root
# is an overlay of memory on top of it.  So every program that is installed
# here can be run there, at the same path, and nothing done there comes back.
#
# Three serial ports: the kernel log, the command's output, the result.

rill_lib=$(dirname "${BASH_SOURCE[0]}")/../../lib
# shellcheck source=scripts/lib/common.sh
. "$rill_lib/common.sh"
# shellcheck source=scripts/lib/packages.sh
. "$rill_lib/packages.sh"
# shellcheck source=scripts/lib/kernels.sh
. "$rill_lib/kernels.sh"

rill_vm_packages=(qemu-system-x86 qemu-system-common busybox-static cpio gcc kmod
	libc6-dev xz-utils util-linux procps iproute2 ethtool python3)
# Of qemu 7.2 it is a part.
[ "$(host_suite)" = bookworm ] || rill_vm_packages+=(virtiofsd)

# What the guest's kernel must not say.  The same words end a run under UML.
rill_log_words='WARNING:|BUG:|BUG |KASAN|UBSAN|KCSAN|KFENCE|Oops|Call Trace'
rill_log_words+='|possible recursive|circular locking|inconsistent lock'
rill_log_words+='|suspicious RCU|refcount_t|memory leak|unreferenced object'
rill_log_words+='|Attempt to release|Objects remaining|general protection'
rill_log_words+='|unregister_netdevice: waiting|detected stall|hung task'
rill_log_words+='|blocked for more than|scheduling while atomic'
rill_log_words+='|sleeping function|Kernel panic|Out of memory'

# Taint bits that a module built outside the kernel's tree sets by being
# loaded: out of tree (4096), unsigned (8192).
rill_taint_allowed=$((4096 | 8192))

# A clock that counts instructions, in qemu's words: 4 ns for each.
rill_icount=shift=2
export rill_icount

# machine_argument ARGUMENT [VALUE] - take an argument that each command which
# boots a machine has: the kernel, or an option that means the same to all of
# them.  Sets vm_words, the number of words taken, and a variable of machine_boot
# or one of these:
#   vm_series    one of rill_series
#   vm_flavour   of the kernel
#   vm_choice    the module: build, a path, or nothing
vm_series='' vm_flavour=cloud vm_choice=build vm_env=()
machine_argument() {
	vm_words=2
	case $1 in
	-h | --help) usage; exit ;;
	--flavour) vm_flavour=${2-} ;;
	--module) vm_choice=${2-} ;;
	--memory) vm_memory=${2-} ;;
	--cpus) vm_cpus=${2-} ;;
	--timeout) vm_timeout=${2-} ;;
	--env) vm_env+=("${2-}") ;;
	--append) vm_append=${2-} ;;
	-*) die_usage "unknown option '$1'" ;;
	*)
		[ -z "$vm_series" ] || die_usage "unexpected '$1'"
		vm_series=$1 vm_words=1
		;;
	esac
}

# machine_release - the release of the kernel that was asked for.
machine_release() {
	kernel_release "$vm_series" "$vm_flavour"
}

# machine_module RELEASE - the module that was asked for, built if need be;
# nothing if none was.
machine_module() {
	case $vm_choice in
	'') ;;
	build)
		kernel_need "$1"
		machine_stripped "$1"
		;;
	*) realpath "$vm_choice" ;;
	esac
}

# machine_stripped RELEASE - rill.ko built for it, with rill_diag.ko beside it,
# without what only a debugger reads: that is nine tenths of the file, and each
# guest reads it whole.
machine_stripped() {
	local module name lock dir=$rill_cache/stripped-$1

	module=$(kernel_build "$1") || return
	mkdir -p "$dir" || return
	# Nobody may be linking it meanwhile.
	lock_fd lock "$rill_cache/build-$1.lock"
	for name in rill rill_diag; do
		strip -g -o "$dir/$name.new" "${module%/*}/$name.ko" || return
		# What looks at it asks for this name.
		mv "$dir/$name.new" "$dir/$name.ko" || return
	done
	unlock_fd lock
	echo "$dir/rill.ko"
}

# machine_check - what cannot work is said before anything is downloaded.
machine_check() {
	[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
		die "the virtual machines need Debian on amd64"
	[ "$(id -u)" = 0 ] ||
		die "must be root: virtiofsd shares / with the guest (use sudo)"
}

# machine_initrd RELEASE KERNEL-DIR - a busybox and the few modules that it
# takes to reach the shared root; prints its path.
machine_initrd() {
	local release=$1 dir=$2
	local out=$dir/initrd.cpio work
	local script=$rill_root/scripts/vm/initrd-init

	if [ -s "$out" ] && [ "$out" -nt "$script" ]; then
		echo "$out"
		return
	fi
	work=$(mktemp -d "$dir/initrd.XXXXXX")
	mkdir -p "$work"/{bin,dev,host,memory,modules,new,proc}
	cp /bin/busybox "$work/bin/busybox"
	cp "$script" "$work/init"
	chmod 755 "$work/init"
	modules_unpack "$dir" "$release" "$work/modules" \
		virtio_pci virtiofs overlay
	(cd "$work" && find . | cpio -o -H newc --quiet) >"$out.new"
	rm -rf "$work"
	mv "$out.new" "$out"
	echo "$out"
}

# machine_daemon DIRECTORY - set vm_daemon, the words of the virtiofsd that this
# host has, to serve it with: qemu's own in C, until version 7.2, or the one in
# Rust that followed.
machine_daemon() {
	local daemon=/usr/lib/qemu/virtiofsd

	[ -x "$daemon" ] || daemon=/usr/libexec/virtiofsd
	[ -x "$daemon" ] ||
		die "no virtiofsd (package virtiofsd, or qemu-system-common)"
	if package_installed virtiofsd; then
		# An overlay in the guest cannot look into a mount of its own
		# below the shared one, so none is announced.
		vm_daemon=("$daemon" --shared-dir="$1" --cache=always --sandbox=chroot
			--no-announce-submounts --log-level=error)
	else
		vm_daemon=("$daemon" -o source="$1" -o cache=always -o sandbox=chroot
			-o log_level=err)
	fi
}

# machine_share RUN-DIR - serve / on RUN-DIR/fs.sock, in the background.  In a
# mount namespace of its own where / is read-only, wherever that is allowed.
# With vm_share that directory in its place, where the checkout and RUN-DIR are
# at their own paths.
machine_share() {
	local run=$1 share=${vm_share:-/}
	local -a wrap=() vm_daemon
	local tries

	machine_daemon "$share"
	# Not in a plain chroot, where / is no mount that could be made so.
	if unshare --mount true 2>/dev/null; then
		# shellcheck disable=SC2016 # expanded by the inner shell
		wrap=(unshare --mount sh -c '
			mount --bind "$1" "$1" &&
			mount -t tmpfs tmpfs /run &&
			mount -o remount,bind,ro / || exit
			for dir in "$1" "$2"; do
				[ "$3" != / ] || break
				mount --bind "$dir" "$3$dir" || exit
			done
			shift 3
			exec "$@"' sh "$run" "$rill_root" "$share")
	fi
	if [ "$share" != / ]; then
		[ ${#wrap[@]} -gt 0 ] || die "cannot mount anything here"
		mkdir -p "$share$run" "$share$rill_root"
	fi
	{
		slot_give
		exec setpriv --pdeathsig TERM "${wrap[@]}" "${vm_daemon[@]}" \
			--socket-path="$run/fs.sock"
	} >"$run/virtiofsd.log" 2>&1 </dev/null &
	machine_share_pid=$!
	for tries in {1..100}; do
		[ -S "$run/fs.sock" ] && return
		kill -0 "$machine_share_pid" 2>/dev/null || break
		sleep 0.05
	done
	sed 's/^/virtiofsd: /' "$run/virtiofsd.log" >&2
	die "virtiofsd did not start"
}

# machine_run RELEASE COMMAND... - as machine_boot; up to twice more if not the
# kernel failed but qemu.  What the command printed before is void then: a line
# "# again" follows it.
machine_run() {
	local status tries

	for tries in 1 2 3; do
		status=0
		machine_boot "$@" || status=$?
		if [ "$tries" = 3 ] || ! machine_misran "$vm_log"; then
			break
		fi
		mv "$vm_log" "$vm_log.misrun$tries"
		say "${vm_name:-vm}: qemu ran an instruction that was replaced:" \
			"once more ($vm_log.misrun$tries)"
		# Whatever the guest was printing was cut off.
		printf '\n# again\n'
	done
	return "$status"
}

# machine_misran LOG - did qemu run a breakpoint that is not in memory?
#
# The kernel changes its code while it runs (static keys): it puts a breakpoint
# there, tells all processors, and removes it when the code is complete. Before
# version 8.1 qemu may lose that last change, if another thread translates the
# same page meanwhile, and so runs the breakpoint for ever (its commit
# deba78709a, "accel/tcg: Always lock pages before translation"). The proof is
# in the oops: the byte before the one in brackets, where the processor went on,
# is no breakpoint (cc).  Nothing that a test would fail for may come before it.
machine_misran() {
	local oops byte

	oops=$(tr -d '\r' <"$1" | grep -am 1 -A 8 -E "int3: |$rill_log_words" || true)
	[[ ${oops%%$'\n'*} == *int3:* ]] || return 1
	byte=$(sed -n 's/.*Code: .* \([0-9a-f]\{2\}\) <[0-9a-f]\{2\}>.*/\1/p' <<<"$oops" |
		head -n 1)
	[ -n "$byte" ] && [ "$byte" != cc ]
}

# machine_boot RELEASE COMMAND... - boot, run, return the command's exit code.
# Its output comes to stdout.  Options are variables of the caller:
#   vm_module    path of the rill.ko to load before the command; may be empty
#   vm_module_args  its parameters
#   vm_memory    MiB          vm_cpus  number
#   vm_timeout   seconds      vm_log   where to leave the kernel log
#   vm_name      for messages
#   vm_env       array of NAME=VALUE for the command
#   vm_append    more words for the kernel's command line
#   vm_slab      what the slab allocator checks, in words for the command line
#   vm_cpu       qemu's model of it
#   vm_icount    how the guest's clock counts its instructions, in qemu's words,
#                and its processors run in turns; without, the clock is the
#                host's, and they run at once
#   vm_share     directory that is the guest's root, instead of /
#   vm_kernel    directory with vmlinuz and lib/modules of RELEASE, which the
#                root has too, instead of the one that is fetched
#   vm_interactive  non-empty: the terminal is the command's
# Returns 124 when the time was up, 125 when the guest ended without a result,
# 126 when the command succeeded but the kernel log or the taint is not clean, or
# the clock not right (vm_dirty then is non-empty, whatever is returned).
machine_boot() {
	local release=$1 dir run status=0 code taint
	local log=${vm_log:?} start words
	local -a qemu accel=(-accel "tcg,thread=multi,tb-size=256")
	local run_fd

	shift
	vm_dirty=
	# qemu ends in order by ^C, and its status says nothing of that.
	[ -n "$(trap -p INT)" ] || trap 'exit 130' INT
	if [ -n "${vm_icount:-}" ]; then
		accel=(-accel "tcg,thread=single,tb-size=256" -icount "$vm_icount")
	fi
	dir=${vm_kernel:-$(kernel_fetch "$release")} || exit
	mkdir -p "$rill_cache/run" "$(dirname "$log")"
	machine_sweep
	run=$(mktemp -d "$rill_cache/run/vm.XXXXXX") || exit
	# Held by all that run for this guest.
	exec {run_fd}>"$run/lock"
	flock "$run_fd"
	machine_job "$run" "$dir" "$@"
	machine_share "$run"
	words=$(machine_cmdline "$run") || exit

	qemu=(qemu-system-x86_64
		-machine "q35,memory-backend=mem" "${accel[@]}"
		-cpu "${vm_cpu:-max,la57=off,erms=off,fsrm=off}" -smp "${vm_cpus:-2}" -m "${vm_memory:-1536}"
		-object "memory-backend-memfd,id=mem,size=${vm_memory:-1536}M,share=on"
		-chardev "socket,id=fs,path=$run/fs.sock"
		-device "vhost-user-fs-pci,chardev=fs,tag=host,queue-size=512"
		-nodefaults -display none -no-reboot -net none
		-serial "file:$log"
		-chardev "stdio,id=out,signal=off" -serial chardev:out
		-serial "file:$run/result"
		-kernel "$dir/vmlinuz"
		-initrd "$(machine_initrd "$release" "$dir")"
		-append "$words")

	start=$(machine_uptime </proc/uptime)
	if [ -n "${vm_interactive:-}" ]; then
		limited "${vm_timeout:-120}" "${qemu[@]}" || status=$?
	else
		limited "${vm_timeout:-120}" "${qemu[@]}" </dev/null \
			2>"$run/qemu.log" || status=$?
	fi
	# virtiofsd ends by itself when qemu does, if that ever spoke to it.
	kill "$machine_share_pid" 2>/dev/null || true
	wait "$machine_share_pid" 2>/dev/null || true

	code=$(sed -n 's/^exit \([0-9]*\).*/\1/p' "$run/result" 2>/dev/null || true)
	taint=$(sed -n 's/^taint \([0-9]*\).*/\1/p' "$run/result" 2>/dev/null || true)
	if [ -n "$code" ]; then
		status=$code
	elif [ "$status" = 124 ] || [ "$status" = 137 ]; then
		say "${vm_name:-vm}: time is up (${vm_timeout:-120} s)"
		status=124
	else
		sed 's/^/qemu: /' "$run/qemu.log" >&2 || true
		say "${vm_name:-vm}: the guest ended without a result"
		status=125
	fi
	if [ -z "${vm_icount:-}" ] && ! machine_clock_check "$run" "$start"; then
		vm_dirty=clock
	fi
	exec {run_fd}>&-
	rm -rf "$run"

	if ! machine_log_check "$log"; then
		vm_dirty="${vm_dirty:+$vm_dirty and }kernel log"
	fi
	if [ -n "$taint" ] && [ $((taint & ~rill_taint_allowed)) != 0 ]; then
		say "${vm_name:-vm}: the kernel is tainted: $taint"
		vm_dirty="${vm_dirty:+$vm_dirty and }taint"
	fi
	if [ "$status" = 0 ] && [ -n "$vm_dirty" ]; then
		status=126
	fi
	return "$status"
}

# machine_sweep - delete what guests have left whose command was killed.
machine_sweep() {
	local lock

	find "$rill_cache/run" -maxdepth 2 -path '*/vm.*/lock' -mmin +1 2>/dev/null |
		while read -r lock; do
			flock -n "$lock" rm -rf "${lock%/lock}"
		done || true
}

# machine_job RUN-DIR KERNEL-DIR COMMAND... - what guest-init reads.
machine_job() {
	local run=$1 dir=$2 assignment

	shift 2
	{
		[ -n "${vm_kernel:-}" ] || printf 'job_kernel=%q\n' "$dir"
		printf 'job_root=%q\n' "$rill_root"
		printf 'job_module=%q\n' "${vm_module:-}"
		printf 'job_module_args=%q\n' "${vm_module_args:-}"
		printf 'job_interactive=%q\n' "${vm_interactive:-}"
		for assignment in "${vm_env[@]}"; do
			printf 'export %s=%q\n' "${assignment%%=*}" "${assignment#*=}"
		done
		printf 'job_command=('
		printf '%q ' "$@"
		printf ')\n'
	} >"$run/job"
}

# machine_cmdline RUN-DIR - the guest kernel's command line.
# What an emulated processor is slow at is not asked of it: qemu 7.2 translates a
# program's code again at each other address (norandmaps), and copies byte by byte
# where the processor says that this is fast (erms, fsrm; all would be copying).
# One processor boots, and guest-init starts the others: while code is changed
# at boot no other may translate it (see machine_misran).  lpj, at 250 Hz of a
# processor of 3 GHz, or of 1 GHz where the clock counts instructions, spares the
# others a second of calibration.
# An oops ends the guest at once instead of leaving it half alive.  The slab
# allocator checks red zones and poison in rill's caches alone, and does not
# merge them with others, so that they can be counted.
machine_cmdline() {
	local lpj=12000000 tsc

	tsc=$(machine_tsc) || return
	[ -z "${vm_icount:-}" ] || lpj=4000000
	echo "console=ttyS0 loglevel=5 panic=-1 oops=panic mitigations=off norandmaps" \
		"maxcpus=1 noreplace-smp lpj=$lpj" \
		"tsc=reliable tsc_early_khz=$tsc no_timer_check audit=0 random.trust_cpu=on" \
		"${vm_slab-slab_nomerge slub_debug=FZPU,rill*,RILL*}" \
		"rill.root=$rill_root rill.job=$1/job ${vm_append:-}"
}

# machine_tsc - how many thousand times a second the guest's time stamp counter
# ticks.  A guest that has to find out compares it at boot with a timer, and where
# the host runs something else in between its clock runs several times too fast
# from then on.  The counter is the host's, or one of the instructions.
machine_tsc() {
	local lock tsc=$rill_cache/tsc source=$rill_root/scripts/vm/lib/tsc.c

	if [ -n "${vm_icount:-}" ]; then
		echo 1000000
		return
	fi
	lock_fd lock "$tsc.lock"
	if [ ! -x "$tsc" ] || [ "$source" -nt "$tsc" ]; then
		gcc -O2 -o "$tsc.new" "$source" && mv "$tsc.new" "$tsc" || return
	fi
	unlock_fd lock
	"$tsc"
}

# machine_uptime - of a line as /proc/uptime has it, the hundredths of a second;
# nothing of an empty one.
machine_uptime() {
	sed -n 's/^\([0-9]*\)\.\([0-9]*\) .*/\1\2/p'
}

# machine_clock_check RUN-DIR START - say so if the guest's clock has run faster
# than that of the host, which was up for START before it booted.
machine_clock_check() {
	local up elapsed

	elapsed=$(($(machine_uptime </proc/uptime) - $2))
	up=$(sed -n 's/^uptime //p' "$1/result" 2>/dev/null | machine_uptime)
	[ -n "$up" ] || return 0
	up=$((10#$up))
	[ "$up" -gt $((elapsed + elapsed / 50)) ] || return 0
	say "${vm_name:-vm}: by the guest's clock it took $((up / 100)) s," \
		"by the host's $((elapsed / 100)) s"
	return 1
}

# machine_log_check LOG - print what the kernel should not have said.
machine_log_check() {
	local lines

	lines=$(tr -d '\r' <"$1" | grep -aE "$rill_log_words" || true)
	[ -n "$lines" ] || return 0
	say "${vm_name:-vm}: the kernel log is not clean ($1):"
	printf '%s\n' "$lines" | head -n 20 | sed 's/^/    /' >&2
	return 1
}

# suite_says NAME WORDS - does a suite say so of itself, at its head?
suite_says() {
	grep -q "^# suite: $2" "$rill_root/scripts/vm/suites/$1"
}

# suite_loads_module NAME - a suite that loads the module by itself says so.
suite_loads_module() {
	suite_says "$1" "loads the module itself"
}

# suite_lines OUTPUT - what counts of it: nothing from before a second boot.
suite_lines() {
	awk '/^# again$/ { n = 0; next } { line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }' "$1"
}

# suite_judge NAME OUTPUT STATUS LOG - count what a suite printed, and say what
# was wrong beside it: STATUS is its exit code, vm_dirty what else is not clean.
# Sets suite_passed and suite_failed.
suite_judge() {
	local suite=$1 output=$2 status=$3 log=$4 plan

	suite_passed=$(suite_lines "$output" | grep -acE '^ok ' || true)
	suite_failed=$(suite_lines "$output" | grep -acE '^not ok ' || true)
	plan=$(suite_lines "$output" | sed -n 's/^1\.\.\([0-9]*\)$/\1/p' | tail -n 1)
	if [ -z "$plan" ] || [ $((suite_passed + suite_failed)) != "$plan" ]; then
		echo "not ok - $suite: ended early (exit code $status)"
		suite_failed=$((suite_failed + 1))
	elif [ "$suite_failed" = 0 ] && [ "$status" != 0 ] && [ "$status" != 126 ]; then
		echo "not ok - $suite: exit code $status"
		suite_failed=$((suite_failed + 1))
	fi
	if [ -n "$vm_dirty" ]; then
		echo "not ok - $suite: $vm_dirty not clean ($log)"
		suite_failed=$((suite_failed + 1))
	else
		echo "ok - $suite: kernel log and taint are clean"
		suite_passed=$((suite_passed + 1))
	fi
}
