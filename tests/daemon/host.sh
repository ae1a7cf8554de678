# shellcheck shell=bash
# The host that the daemon sees, and the words that cases are written in. Every process started here dies with the
# process namespace, every mount with the mount namespace; the only trace is $TOP, which host_down removes.

TOP='' DIR='' LNSD='' FAULTS=()
# LeakSanitizer starts a process at the end, which the worker's sandbox forbids. What is freed is kept from being used again
# for a while only, so that how much memory is in use can still be told.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1:${ASAN_OPTIONS-}
BIN=$PWD/$BUILD
LAC=$BIN/tools/lac
export LNSD_PLUGIN=$BIN/lnsd-pppd.so

# ---- host

# A /dev with a /dev/ppp that can be opened, and ptys of its own
dev_up() {
	local node
	mount -t tmpfs tmpfs "$TOP/dev"
	for node in null zero full random urandom tty; do
		: >"$TOP/dev/$node"
		mount --bind "/dev/$node" "$TOP/dev/$node"
	done
	: >"$TOP/dev/ppp"
	mount --bind /dev/null "$TOP/dev/ppp"
	mkdir "$TOP/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$TOP/dev/pts"
	ln -s pts/ptmx "$TOP/dev/ptmx"
	ln -s /proc/self/fd "$TOP/dev/fd"
	mount --move "$TOP/dev" /dev
}

# users UID: the host's users, and lnsd with this uid
users() {
	grep -v '^lnsd:' "$TOP/passwd.host" >"$TOP/passwd"
	echo "lnsd:x:$1:$1::/:/usr/sbin/nologin" >>"$TOP/passwd"
}

host_up() {
	TOP=$(mktemp -d)
	chmod 755 "$TOP"
	mkdir "$TOP/dev"
	cp /etc/passwd "$TOP/passwd.host"
	cp /etc/passwd "$TOP/passwd"
	mount --bind "$TOP/passwd" /etc/passwd
	mount -t tmpfs tmpfs /run
	# and what outlives a boot
	mount -t tmpfs tmpfs /var/lib
	dev_up
	users 64321
	ip link set lo up
}

host_down() {
	umount /etc/passwd
	rm -rf "$TOP"
}

begin_case() {
	DIR=$(mktemp -d "$TOP/case.XXXXXX")
	LNSD='' LACS=()
	conf
	users 64321
}

no_lnsd() {
	! pgrep -f "^$BIN/lnsd " >/dev/null
}

finish_case() {
	local pid
	for pid in "${LACS[@]}" $LNSD; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	# its worker ends when it sees that: the next daemon needs its port
	wait_for 10 'no lnsd is left' no_lnsd
	# what a daemon that was killed left behind
	pkill -KILL -x testpppd
	rm -rf /run/lnsd /var/lib/lnsd
}

# ---- the daemon

# conf [SECTION.KEY=VALUE...]: writes the configuration, and one user
conf() {
	local setting
	{
		# the kernel's way has cases of its own, on a kernel of their own
		printf '[server]\ndata-path = pty\n'
		printf '[ipsec]\nmanage = no\nrequire = no\n[auth]\nusers-file = %s\nmethods = pap\n' "$DIR/users"
		printf 'max-sessions-per-user = 1000\n[ppp]\npppd = %s\n' "$BIN/tools/testpppd"
		printf '[network]\nnat = no\n'
		for setting; do printf '[%s]\n%s\n' "${setting%%.*}" "${setting#*.}"; done
	} >"$DIR/lnsd.conf"
	printf '[test]\npassword = plain:test\n' >"$DIR/users"
	chmod 600 "$DIR/users"
}

# lnsd_start [COMMAND...]: starts lnsd, by this command, and waits until it serves; gives up after 10 s
lnsd_start() {
	: >"$DIR/lnsd.log" # the one before was ready, too
	"$@" "$BIN/lnsd" -d -c "$DIR/lnsd.conf" </dev/null 2>"$DIR/lnsd.log" &
	LNSD=$!
	wait_for 10 'lnsd is ready' grep -q ' ready$' "$DIR/lnsd.log"
}

worker() {
	pgrep -P "$LNSD" -f 'lnsd' | head -n 1
}

# SIGTERM; gives the exit code
lnsd_stop() {
	kill -TERM "$LNSD"
	wait_for 10 'lnsd has ended' gone "$LNSD"
	wait "$LNSD"
	local code=$?
	LNSD=''
	return "$code"
}

ctl() {
	timeout 20 "$BIN/lnsctl" "$@"
}

# journal PATTERN: how many lines of the log match
journal() {
	grep -acE "$1" "$DIR/lnsd.log"
}

# lines_are COUNT PATTERN
lines_are() {
	[[ $(journal "$2") == "$1" ]]
}

# lac NAME STEP...: runs in the background, output in NAME.log, until it serves (its last step must be `serve`)
lac() {
	"$LAC" 127.0.0.1 1701 "${@:2}" >"$DIR/$1.log" 2>&1 &
	LACS+=($!)
	# a pppd a session
	wait_for $((10 + $# / 2)) "lac $1 serves" grep -qE '^(serving|failed)' "$DIR/$1.log"
	check "lac $1 comes up" ! grep -q '^failed' "$DIR/$1.log"
}

# lac_now STEP...: runs to its end
lac_now() {
	timeout 30 "$LAC" 127.0.0.1 1701 "$@" >>"$DIR/now.log" 2>&1
}

rss_kb() {
	awk '/^VmRSS/ {print $2}' "/proc/$1/status"
}

cpu_ticks() {
	awk '{print $14 + $15}' "/proc/$1/stat"
}

# ---- words

gone() {
	[[ ! -d /proc/$1 || $(awk '/^State/ {print $2}' "/proc/$1/status" 2>/dev/null) == Z ]]
}

fault() {
	FAULTS+=("$*")
}

# check WHAT COMMAND...: the command must succeed; `!` first: must fail. What it says is for said.
check() {
	local what=$1
	shift
	if [[ $1 == '!' ]]; then
		shift
		if "$@" >"$DIR/said" 2>&1; then fault "not so: $what"; fi
	elif ! "$@" >"$DIR/said" 2>&1; then
		fault "not so: $what: $(head -c 300 "$DIR/said")"
	fi
}

# said PATTERN: the last command of check said so
said() {
	grep -qE "$1" "$DIR/said" || fault "'$1' was not said, but: $(head -c 300 "$DIR/said")"
}

# equal WHAT EXPECTED GOT
equal() {
	[[ $2 == "$3" ]] || fault "$1: expected '$2', got '$3'"
}

# at_most WHAT LIMIT GOT
at_most() {
	(($3 <= $2)) || fault "$1: expected at most $2, got $3"
}

# finds [OPTION...] PATTERN: grep -q at the end of a pipe; all of it is read, or pipefail makes a fault of a writer's SIGPIPE
finds() {
	grep "$@" >/dev/null
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= until)); then
			fault "did not come true in time: $what"
			return 1
		fi
		sleep 0.05
	done
}
