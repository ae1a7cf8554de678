# shellcheck shell=bash
# For the benchmarks: xl2tpd as the gateway in place of lnsd, with the same users and the same pppd, and what a daemon takes.
# shellcheck disable=SC2119,SC2120,SC2153,SC2154 # whether there are arguments is the caller's choice; DIR, USERS are the case's

XL2TPD=''

# xl2tpd_start [yes|no]: data in user space, or in the kernel
xl2tpd_start() {
	local user
	mkdir -p "$DIR/gw"
	printf '%s\n' '[global]' "listen-addr = $GW" "force userspace = ${1:-yes}" '[lns default]' 'ip range = 10.99.0.10-10.99.0.250' \
		"local ip = $POOL_GATEWAY" 'require authentication = yes' 'require chap = yes' 'refuse pap = yes' 'name = gw' \
		'length bit = yes' "pppoptfile = $DIR/gw/options" >"$DIR/gw/xl2tpd.conf"
	printf '%s\n' require-mschap-v2 auth noccp novj 'mtu 1400' 'mru 1400' nodefaultroute noipv6 'asyncmap 0' >"$DIR/gw/options"
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
