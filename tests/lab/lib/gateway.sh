# shellcheck shell=bash
# The gateway, with the names that an administrator uses: /etc/lnsd, libreswan's own /etc/ipsec.conf, lnsd and lnsctl
# from `make install`. Its logs are in $DIR.

KEY='a shared secret of the lab'
POOL_GATEWAY=10.99.0.1
declare -A SETTING=()
PLUTO='' LNSD=''

gw_defaults() {
	SETTING=(
		[network.pool]=10.99.0.10-10.99.0.250
		[network.gateway]=$POOL_GATEWAY
		[network.dns]="172.16.0.53, 172.16.0.54"
	)
	USERS=('alice secret' 'bob hunter2' 'carol s3same')
}

# gw_set SECTION.KEY VALUE
gw_set() {
	SETTING[$1]=$2
}

gw_conf() {
	local name section last=
	for name in $(printf '%s\n' "${!SETTING[@]}" | sort); do
		section=${name%%.*}
		[[ $section == "$last" ]] || printf '[%s]\n' "$section"
		last=$section
		printf '%s = %s\n' "${name#*.}" "${SETTING[$name]}"
	done
}

gw_write() {
	local user
	mkdir -p /etc/lnsd/lnsd.conf.d
	gw_conf >/etc/lnsd/lnsd.conf
	(
		umask 077
		for user in "${USERS[@]}"; do printf '[%s]\npassword = plain:%s\n' "${user%% *}" "${user#* }"; done >/etc/lnsd/users
		echo "$KEY" >/etc/lnsd/psk
	)
}

pluto_start() {
	gw ipsec checknss >/dev/null 2>&1 || gw ipsec initnss >/dev/null 2>&1 || true
	mkdir -p /run/pluto
	gw ipsec pluto --config /etc/ipsec.conf --logfile "$DIR/pluto.log" --nofork </dev/null >"$DIR/pluto.out" 2>&1 &
	PLUTO=$!
	wait_for 10 "pluto" gw ipsec whack --status
}

pluto_stop() {
	[[ $PLUTO ]] || return 0
	gw ipsec whack --shutdown >/dev/null 2>&1 || true
	ended 5 "$PLUTO" || kill -KILL "$PLUTO" 2>/dev/null || true
	wait "$PLUTO" 2>/dev/null || true
	PLUTO=
}

lnsd_start() {
	gw lnsd "$@" </dev/null >>"$DIR/lnsd.log" 2>&1 &
	LNSD=$!
	poll 10 lnsd_answers || fail "lnsd does not answer: $(tail -n 1 "$DIR/lnsd.log")"
}

lnsd_answers() {
	gw lnsctl status >/dev/null
}

# lnsd_stop: its exit status
lnsd_stop() {
	kill -TERM "$LNSD"
	ended 10 "$LNSD" || fail "lnsd runs 10 s after SIGTERM"
	local code=0
	wait "$LNSD" || code=$?
	LNSD=
	return $code
}

# ended SECONDS PID: also when it is a child that nobody has waited for
ended() {
	poll "$1" not alive "$2"
}

alive() {
	local state
	state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) || return 1
	[[ $state && $state != Z* ]]
}

gw_start() {
	gw_write
	pluto_start
	lnsd_start
	wait_for 10 "the conns of lnsd in pluto" gw_loaded
}

gw_loaded() {
	gw ipsec whack --status | grep -q '"lnsd-psk"'
}

status() {
	gw lnsctl status --json
}

sessions() {
	gw lnsctl sessions --json
}

tunnels() {
	gw lnsctl tunnels --json
}

# count status's field: no_sessions, no_half_open …
status_is() {
	[[ $(field "$(status)" ".$1") == "$2" ]]
}

# session_of USER: the document of the one session, or nothing
session_of() {
	sessions | jq -c --arg user "$1" '.[] | select(.user == $user)'
}

has_session() {
	[[ $(session_of "$1") ]]
}

# Nothing of a client is left: no session, no tunnel, nothing half open, no pppd.
gw_is_idle() {
	local s
	s=$(status) && jq -e '.sessions == 0 and .tunnels == 0 and .half_open == 0' <<<"$s" && ! gw_has_pppd
}

gw_has_pppd() {
	gw_pppds | grep -q .
}

gw_pppds() {
	local pid
	for pid in $(ip netns pids gw); do
		if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == pppd ]]; then echo "$pid"; fi
	done
}
