# shellcheck shell=bash
# The gateway, with the names that an administrator uses: /etc/lnsd, libreswan's own /etc/ipsec.conf, lnsd and lnsctl
# from `make install`. Its logs are in $DIR.
# shellcheck disable=SC2120 # whether there are arguments is the caller's choice

KEY='a shared secret of the lab'
POOL_GATEWAY=10.99.0.1
declare -A SETTING=() USER_KEYS=()
PLUTO='' LNSD=''
# a program, with its arguments, that lnsd is started under
LNSD_UNDER=()

gw_defaults() {
	SETTING=(
		[server.data-path]=pty
		[network.pool]=10.99.0.10-10.99.0.250
		[network.gateway]=$POOL_GATEWAY
		[network.dns]="172.16.0.53, 172.16.0.54"
	)
	USERS=('alice secret' 'bob hunter2' 'carol s3same')
}

# gw_secret NAME WORDS: a tunnel secret, and its file's name
gw_secret() {
	mkdir -p /etc/lnsd
	(umask 077 && echo "$2" >"/etc/lnsd/$1.secret")
	echo "/etc/lnsd/$1.secret"
}

# gw_set SECTION.KEY VALUE
gw_set() {
	SETTING[$1]=$2
}

# gw_user NAME KEY VALUE: of one of USERS, besides the password
gw_user() {
	USER_KEYS[$1]+="$2 = $3"$'\n'
}

gw_conf() {
	local name section last=
	# the name of a section may have a space: [peer isp]
	while read -r name; do
		section=${name%%.*}
		[[ $section == "$last" ]] || printf '[%s]\n' "$section"
		last=$section
		printf '%s = %s\n' "${name#*.}" "${SETTING[$name]}"
	done < <(printf '%s\n' "${!SETTING[@]}" | sort)
}

gw_write() {
	local user
	mkdir -p /etc/lnsd/lnsd.conf.d
	gw_conf >/etc/lnsd/lnsd.conf
	(
		umask 077
		for user in "${USERS[@]}"; do
			printf '[%s]\npassword = plain:%s\n%s' "${user%% *}" "${user#* }" "${USER_KEYS[${user%% *}]:-}"
		done >/etc/lnsd/users
		echo "$KEY" >/etc/lnsd/psk
	)
}

pluto_start() {
	gw ipsec checknss >/dev/null 2>&1 || gw ipsec initnss >/dev/null 2>&1 || true
	mkdir -p /run/pluto
	start "$DIR/pluto.out" ip netns exec gw ipsec pluto --config /etc/ipsec.conf --logfile "$DIR/pluto.log" --nofork
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
	# not by gw: what is started is lnsd itself, and gets the signals
	start "$DIR/lnsd.log" ip netns exec gw "${LNSD_UNDER[@]}" lnsd "$@"
	LNSD=$!
	poll 10 lnsd_answers || fail "lnsd does not answer: $(tail -n 1 "$DIR/lnsd.log")"
}

# gw_unit NAME: a service of the machine's lives in the gateway's network; for cases under systemd
gw_unit() {
	mkdir -p "/etc/systemd/system/$1.service.d"
	printf '[Service]\nNetworkNamespacePath=/run/netns/gw\n' >"/etc/systemd/system/$1.service.d/lab.conf"
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

# pluto reads what lnsd wrote for it, as after a boot; cases of their own have it the other way round
gw_start() {
	gw_write
	lnsd_start
	wait_for 20 "lnsd's files for pluto" gw_written
	pluto_start
	wait_for 15 "lnsd's connections in pluto" gw_loaded
}

# gw_start_plain: without IPsec, and so without pluto
# has_nft: the kernel has what lnsd's rules need; user-mode Linux has not
has_nft() {
	gw nft 'add table inet lab_probe; delete table inet lab_probe' 2>/dev/null
}

gw_start_plain() {
	gw_set ipsec.require no
	gw_set ipsec.manage no
	gw_write
	lnsd_start
}

gw_written() {
	[[ -s /etc/ipsec.d/lnsd.conf && -s /etc/ipsec.d/lnsd.secrets ]]
}

# gw_has_conns 'NAME NAME...': those of the first address that pluto has, sorted
gw_has_conns() {
	[[ $(gw ipsec whack --status | grep -oE '"lnsd-(psk|v2|cert|cert-v2)-1":' | tr -d '":' | sort -u | paste -sd ' ') == "$1" ]]
}

gw_loaded() {
	status_is ipsec.loaded true && gw ipsec whack --status | grep '"lnsd-psk-1"' >/dev/null
}

status() {
	gw lnsctl status --json
}

# problems: those of status, but for the one that user-mode Linux always has
problems() {
	local known=none
	((pace > 1)) || known='^no nftables'
	status | jq -c --arg known "$known" '.problems | map(select(.text | test($known) | not))'
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

# status_has FILTER: what another process tells of, as RADIUS's servers, comes a moment later
status_has() {
	status | jq -e "$1"
}

# session_of USER: the document of the one session, or nothing
session_of() {
	sessions | jq -c --arg user "$1" '.[] | select(.user == $user)'
}

# shown USER: what `lnsctl show` says of the user's session
shown() {
	gw lnsctl show "$(field "$(session_of "$1")" .id)" --json
}

has_session() {
	[[ $(session_of "$1") ]]
}

# The policy that lets nothing but ESP bring L2TP in: any peer, our port.
gw_guard() {
	gw ip xfrm policy | grep 'proto udp dport 1701'
}

# What the kernel dropped because no ESP protected it.
gw_unprotected() {
	gw awk '/XfrmInTmplMismatch|XfrmInNoPols|XfrmInPolBlock/ { n += $2 } END { print n + 0 }' /proc/net/xfrm_stat
}

gw_drops_more_than() {
	(($(gw_unprotected) > $1))
}

# gw_inbound: the SAs that come in, a line each: peer, SPI, reqid, mark that it sets, NAT port; "-" for none
gw_inbound() {
	gw ip xfrm state | awk -v ours="$GW $GW6" '
		function say() { if (index(ours " ", to " ") && spi) print from, spi, reqid, mark, port }
		$1 == "src" { say(); from = $2; to = $4; spi = ""; mark = port = "-" }
		/proto esp/ { spi = $4; reqid = $6 }
		/output-mark/ { mark = $2; sub("/.*", "", mark) }
		/encap type/ { port = $5 }
		END { say() }'
}

# gw_mark_of USER: the mark on the SA that the user's session comes in by, as the kernel has it
gw_mark_of() {
	gw_inbound | awk -v spi="$(field "$(session_of "$1")" .ipsec.spi_in)" '$2 == spi { print $4 }'
}

# gw_bound USER...: these have a session each, protected by an SA that the kernel has, with a mark of ours that no other has
gw_bound() {
	local s inbound user state spi mark seen=' '
	s=$(sessions)
	inbound=$(gw_inbound)
	json "users with a session" "$s" '[.[] | select(.ipsec.protected) | .user] | sort == ($users | split(" ") | sort)' --arg users "$*"
	while read -r user state spi mark; do
		equal "state of $user" "$state" up
		[[ $inbound == *" $spi "*" $mark "* && $mark == 0x2000* ]] || fail "$user's SA $spi with mark $mark is not in the kernel: $inbound"
		[[ $seen != *" $mark "* ]] || fail "$user has the mark $mark of somebody else"
		seen+="$mark "
	done < <(jq -r '.[] | select(.ipsec.protected) | "\(.user) \(.state) \(.ipsec.spi_in) \(.ipsec.mark)"' <<<"$s")
}

# gw_rekeyed USER COUNT: the user's session has gone over to new SAs so many times
gw_rekeyed() {
	(($(field "$(session_of "$1")" .ipsec.rekeys) >= $2))
}

# dropped WHAT: how many datagrams, as lnsctl status counts them: path, unprotected …
dropped() {
	field "$(status)" ".dropped.$1"
}

# gw_sa PEER GATEWAY: SPI and reqid of the SA from one to the other, as the kernel has it
gw_sa() {
	gw ip xfrm state list src "$1" dst "$2" | awk '/proto esp/ && $4 != "0x00000000" { print $4, $6; exit }'
}

logged() {
	says "$DIR/lnsd.log" "$1"
}

# Nothing of a client is left: no session, no tunnel but those that linger to answer a repeated good-bye, no pppd.
gw_is_idle() {
	tunnels | jq -e 'all(.state == "linger")' && gw_serves_nobody
}

# No session and no pppd; the tunnel is the client's to close.
gw_serves_nobody() {
	status_is sessions 0 && status_is half_open 0 && ! gw_has_pppd
}

gw_has_pppd() {
	gw_pppds | grep . >/dev/null
}

# gw_counter NAME: packets that our table has counted
gw_counter() {
	gw nft -j list counter inet lnsd "$1" | jq '.nftables[] | select(.counter).counter.packets'
}

gw_has_table() {
	gw nft list table inet lnsd
}

# gw_worker: the process that speaks with the world
gw_worker() {
	local pid
	for pid in $(ip netns pids gw); do
		if [[ $(stat -c %U "/proc/$pid" 2>/dev/null) == lnsd ]]; then echo "$pid"; fi
	done
}

gw_pppds() {
	local pid
	for pid in $(ip netns pids gw); do
		if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == pppd ]]; then echo "$pid"; fi
	done
}

has_no_session() {
	not has_session "$1"
}

# bad_start PATTERN [lnsd's arguments]: lnsd does not start, says why in one line that has PATTERN, and leaves nothing
bad_start() {
	local pattern=$1 code=0 said=$DIR/said
	shift
	gw timeout $((10 * patience)) lnsd "$@" </dev/null >"$said" 2>&1 || code=$?
	cat "$said" >>"$DIR/lnsd.log"
	((code != 0 && code != 124)) || fail "lnsd starts (exit $code), should say: $pattern"
	((code < 128)) || fail "lnsd dies ($code), should say: $pattern"
	says "$said" "$pattern" || fail "lnsd says '$(tail -n 1 "$said")', should say: $pattern"
	equal "lines that say '$pattern'" "$(grep -cE -- "$pattern" "$said")" 1
	refuse "a control socket is left" test -e /run/lnsd/ctl
	refuse "a policy is left" gw_guard
	refuse "a pppd is left" gw_has_pppd
}
