# shellcheck shell=bash
# For the benchmarks: xl2tpd as the gateway in place of lnsd, with the same users and the same pppd, and what a daemon takes.
# shellcheck disable=SC2119,SC2120,SC2153,SC2154 # whether there are arguments is the caller's choice; DIR, USERS are the case's

XL2TPD=''
XL2TPD_ASKS=mschap-v2

# xl2tpd_start [yes|no]: data in user space, or in the kernel
xl2tpd_start() {
	local user
	mkdir -p "$DIR/gw"
	printf '%s\n' '[global]' "listen-addr = $GW" "force userspace = ${1:-yes}" '[lns default]' 'ip range = 10.99.0.10-10.99.0.250' \
		"local ip = $POOL_GATEWAY" 'require authentication = yes' 'require chap = yes' 'refuse pap = yes' 'name = gw' \
		'length bit = yes' "pppoptfile = $DIR/gw/options" >"$DIR/gw/xl2tpd.conf"
	printf '%s\n' "require-$XL2TPD_ASKS" auth noccp novj 'mtu 1400' 'mru 1400' nodefaultroute noipv6 'asyncmap 0' >"$DIR/gw/options"
	(umask 077 && for user in "${USERS[@]}"; do echo "${user% *} * \"${user#* }\" *"; done >/etc/ppp/chap-secrets)
	rm -f "$DIR/gw/control"
	start "$DIR/gw/xl2tpd.log" ip netns exec gw xl2tpd -D -c "$DIR/gw/xl2tpd.conf" -p "$DIR/gw/xl2tpd.pid" -C "$DIR/gw/control"
	XL2TPD=$!
	wait_for 5 "xl2tpd" test -p "$DIR/gw/control"
}

xl2tpd_stop() {
	kill -TERM "$XL2TPD"
	wait "$XL2TPD" || true
	wait_for 20 "xl2tpd's pppds end" not gw_has_pppd
	rm -f /etc/ppp/chap-secrets
}

# speed_start lnsd|xl2tpd, speed_stop lnsd|xl2tpd
speed_start() {
	if [[ $1 == lnsd ]]; then gw_start_plain; else xl2tpd_start; fi
}

speed_stop() {
	if [[ $1 == lnsd ]]; then lnsd_stop; else xl2tpd_stop; fi
}

# daemon_cpu_us: what the gateway's processes have taken, without its pppds
daemon_cpu_us() {
	local pid name sum=0 ns
	for pid in $(ip netns pids gw); do
		name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		case $name in lnsd* | xl2tpd) ;; *) continue ;; esac
		for ns in "/proc/$pid/task/"*/schedstat; do
			read -r ns _ <"$ns" && sum=$((sum + ns / 1000))
		done
	done
	echo $sum
}

# ratio A B
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'
}

# median_of NUMBER...
median_of() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# callers: those of client 5 who have their address
callers() {
	grep -c '^address ' "$DIR/c5/lac.log" || true
}

callers_up() {
	(($(callers) == $1))
}

# storm DAEMON COUNT: COUNT callers of client 5 at once, a tunnel each, and a pppd at the gateway: "came-up milliseconds CPU-in-us"
storm() {
	local daemon=$1 count=$2 i before began took
	speed_start "$daemon" >&2
	client_open 5
	before=$(daemon_cpu_us)
	began=$(now_ms)
	for ((i = 1; i <= count; i++)); do
		client_lac 5 patience:60000 again:1000 tunnel call "dial:user$i:pass$i" serve
	done
	poll 40 callers_up "$count" || true
	took=$(($(now_ms) - began))
	echo "$(callers) $took $(($(daemon_cpu_us) - before))"
	client_kill 5
	rm "$DIR/c5/lac.log"
	speed_stop "$daemon" >&2
}

# storms COUNT: of xl2tpd and of lnsd
storms() {
	local count=$1 daemon up took cpu i
	local -A each
	gw_set auth.methods chap
	XL2TPD_ASKS=chap
	USERS=()
	for ((i = 1; i <= count; i++)); do USERS+=("user$i pass$i"); done
	for daemon in xl2tpd lnsd; do
		storm $daemon "$count" >"$DIR/storm.$daemon"
		read -r up took cpu <"$DIR/storm.$daemon"
		((up > 0)) || fail "$daemon: nobody came up"
		each[$daemon]=$((cpu / up))
		note "$count at once, $daemon: $up up in $((took / 1000)) s, $(ratio $((up * 1000)) "$took") a second, CPU of the daemon ${each[$daemon]} us a session"
	done
	note "CPU a session, lnsd's to xl2tpd's: $(ratio "${each[lnsd]}" "${each[xl2tpd]}") (bar 0.2)"
}
