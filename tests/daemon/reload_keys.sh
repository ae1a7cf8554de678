# shellcheck shell=bash
# Each key of lnsd.conf behaves at a reload as its column says: L holds at once, N for new sessions, R after a restart.
# The list of keys comes from the daemon's own table; each must have its row in tests/daemon/reload_keys:
#
#	KEY | VALUE | WITH | NEW | SEEN
#
# WITH are other keys, set from the start; NEW is what the new session's LAC does ("tunnel session" when empty, "-": there
# is none); SEEN is a word of this file that is true when the VALUE is in force: for the session of before (old) or the one
# that began after the reload (new), its first argument. A key that is not built is refused: its row ends after the VALUE.
# shellcheck disable=SC2034,SC2153,SC2154 # variables are shared with host.sh, words are called by name

declare -A SET=() LACS_OF=() IDS=()

# ---- the configuration, key by key

settings_begin() {
	SET=([ipsec.manage]=no [ipsec.require]=no [auth.users-file]="$DIR/users" [auth.methods]=pap
		[auth.max-sessions-per-user]=1000 [ppp.pppd]="$BIN/tools/testpppd" [network.nat]=no)
}

# settings KEY=VALUE;KEY=VALUE...
settings() {
	local -a list
	local one
	IFS=';' read -ra list <<<"$1"
	for one in "${list[@]}"; do SET[${one%%=*}]=${one#*=}; done
}

# Peers and clients are sections with a name.
settings_write() {
	local key section last=''
	while read -r key; do
		section=${key%%.*}
		[[ $section == "$last" ]] || printf '[%s]\n' "$section" | sed -E 's/^\[(peer|client)\]/[\1 isp]/'
		last=$section
		printf '%s = %s\n' "${key#*.}" "${SET[$key]}"
	done < <(printf '%s\n' "${!SET[@]}" | sort) >"$DIR/lnsd.conf"
}

# ---- what is seen; $1 is old or new

pppd_of() {
	if [[ $1 == old ]]; then pgrep -o -f lnsd-fd; else pgrep -n -f lnsd-fd; fi
}

# args PATTERN: the command line of the session's pppd
args() {
	poll 30 has_args "$@"
}

has_args() {
	local pid
	pid=$(pppd_of "$1") && tr '\0' ' ' <"/proc/$pid/cmdline" | finds -E -- "$2"
}

# address PATTERN, of the session
address() {
	poll 30 has_address "${IDS[$1]}" "$2"
}

has_address() {
	json sessions ".[] | select(.id == \"$1\") | .address" | finds -E "$2"
}

# shown FILTER VALUE: of `lnsctl show`
shown() {
	poll 30 is_shown "${IDS[$1]}" "$2" "${3-}"
}

is_shown() {
	[[ -n $1 && $(json show "$1" "$2" 2>/dev/null) == "$3" ]]
}

# The session is not there, or was ended.
refused() {
	poll 30 is_gone "${IDS[$1]}"
}

is_gone() {
	! json sessions '.[].id' | finds -xF "${1:-none}"
}

failed() {
	grep -q '^failed' "$DIR/$1.log"
}

replaced() {
	[[ $1 == new && -n ${IDS[new]} ]] && poll 50 is_gone "${IDS[old]}"
}

ends() {
	[[ $1 == new ]] && poll 50 is_gone "${IDS[new]}"
}

# dies: the peer is not waited for any more, some seconds after it has stopped to answer
dies() {
	local pid=${LACS_OF[$1]} gone=1
	kill -STOP "$pid"
	within 7 is_gone "${IDS[$1]}" && gone=0
	kill -CONT "$pid"
	return "$gone"
}

# setup_ms FROM TO: of PPP, and so of the login
setup_ms() {
	local ms
	poll 100 has_setup_ms "${IDS[$1]}" || return 1
	ms=$(setup_ms_of "${IDS[$1]}")
	((ms >= $2 && ms <= $3))
}

setup_ms_of() {
	json sessions ".[] | select(.id == \"$1\") | .setup_ms.ppp"
}

has_setup_ms() {
	[[ $(setup_ms_of "$1") =~ ^[0-9]+$ ]]
}

no_more() {
	! lac_now tunnel session stop
}

hello() {
	poll 40 has_line lnsd 'send HELLO'
}

# listens PROTOCOL ADDRESS:PORT; whose socket it is may be a process that starts after the worker
listens() {
	poll 100 has_socket "$2" "$3"
}

has_socket() {
	ss -Hln "--$1" | awk '{print $4}' | finds -xF "$2"
}

# conn PATTERN, secret PATTERN: in what was written for libreswan
conn() {
	poll 100 grep -qsE -- "$2" /etc/ipsec.d/lnsd.conf
}

secret() {
	poll 100 grep -qsE -- "$2" /etc/ipsec.d/lnsd.secrets
}

modern() {
	poll 100 is_modern
}

is_modern() {
	[[ -s /etc/ipsec.d/lnsd.conf ]] && ! grep -q sha1 /etc/ipsec.d/lnsd.conf
}

follows() {
	poll 20 pgrep -f "^[^ ]*tail .*$2"
}

# policy PATTERN: in the kernel
policy() {
	poll 30 has_policy "$2"
}

no_policy() {
	poll 30 has_no_policy "$2"
}

has_policy() {
	ip xfrm policy | finds -E "$1"
}

has_no_policy() {
	! has_policy "$1"
}

# rules PATTERN, no_rules PATTERN: in the packet filter, in one line
rules() {
	poll 30 has_rules "$2"
}

no_rules() {
	poll 30 has_no_rules "$2"
}

has_rules() {
	nft list table inet lnsd | tr '\n' ' ' | finds -E "$1"
}

has_no_rules() {
	nft list table inet lnsd >/dev/null && ! has_rules "$1"
}

# proves NAME: a LAC that is trusted has heard this name and the right password
proves() {
	: >"$DIR/notes"
	lac_now "proxy:pap:$2:test" tunnel session stop
	grep -q '^proved=1 user=test ' "$DIR/notes"
}

proves_new() {
	[[ $1 == new ]] && proves "$@"
}

no_proof() {
	! proves "$@"
}

# Half-open tunnels that nobody goes on with
half_open() {
	local before
	before=$(json status .dropped.limit)
	"$BIN/tools/flood" -n 3 -r 1000 127.0.0.1 1701 sccrq >/dev/null
	poll 20 more_dropped "$before"
}

more_dropped() {
	(($(json status .dropped.limit) > $1))
}

# radius FILTER VALUE: of status
radius() {
	[[ $1 == new ]] && poll 40 radius_is "$2" "$3"
}

radius_is() {
	[[ $(json status ".radius | $1") == "$2" ]]
}

# interim SECRET: a new session's record comes soon
interim() {
	[[ $1 == new ]] || return 1
	peer "$1" accounting "$2" &
	local server=$!
	begin_session new tunnel session
	wait "$server"
}

# a wrong password is one too many
bans_at_once() {
	ctl bans del all >/dev/null
	lac_now tunnel session stop
	poll 20 bans_are 1
}

ban_lasts() {
	ctl bans del all >/dev/null
	ctl bans add 192.0.2.7 >/dev/null && [[ $(json bans '.[0] | (.until | fromdate) - (.since | fromdate)') == "$2" ]]
}

cannot_ban() {
	ctl bans del all >/dev/null
	! ctl bans add "$2" 2>/dev/null
}

logs_debug() {
	lac_now tunnel session stop
	has_line lnsd 'send SCCRP'
}

# What has ended since is not in it.
no_history() {
	local before
	before=$(json history length)
	lac_now tunnel session stop
	! within 2 history_grows "$before"
}

history_grows() {
	(($(json history length) > $1))
}

dials() {
	"$LAC" 127.0.0.1 1701 'listen:127.0.0.7:1799' answer serve >"$DIR/dialled.log" 2>&1 &
	local pid=$! code
	timeout 8 "$BIN/lnsctl" dial isp 1 >/dev/null 2>&1
	code=$?
	kill "$pid"
	wait "$pid"
	return "$code"
}

# peer WORD...: what a peer of tests/daemon/look.py sees; no_peer WORD...: what it sees not
peer() {
	python3 tests/daemon/look.py "${@:2}"
}

peer_new() {
	[[ $1 == new ]] && peer "$@"
}

no_peer() {
	peer "$@"
	(($? == 1))
}

no_peer_new() {
	[[ $1 == new ]] && no_peer "$@"
}

# ---- the walk

# within SECONDS COMMAND...: it comes true in time
within() {
	local i
	for ((i = 0; i < 10 * $1; i++)); do
		"${@:2}" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# poll TENTHS COMMAND...: the same, of a machine that may be three times as slow. What ought not to be is looked at shortly.
poll() {
	local i
	for ((i = 0; i < (HASTY ? 3 : 3 * $1); i++)); do
		"${@:2}" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# begin_session old|new STEP...: its LAC, and its ID when it came up
begin_session() {
	local before
	before=$(json sessions '.[].id' 2>/dev/null | sort)
	IDS[$1]=''
	"$LAC" 127.0.0.1 1701 "${@:2}" serve >"$DIR/$1.log" 2>&1 &
	LACS+=($!)
	LACS_OF[$1]=$!
	wait_for 20 "the $1 LAC has tried" grep -qE '^(serving|failed)' "$DIR/$1.log"
	IDS[$1]=$(comm -13 <(printf '%s\n' "$before") <(json sessions '.[].id' | sort) | head -n 1)
}

# not_yet WHEN old|new SEEN...
not_yet() {
	local HASTY=1
	if "$3" "$2" "${@:4}" 2>/dev/null; then fault "$KEY: in force $1: ${*:3}"; fi
}

seen_now() {
	local HASTY=0
	"$3" "$2" "${@:4}" || fault "$KEY: not in force $1: ${*:3}"
}

# Nothing is to be seen of it, but what reload says.
unseen() {
	[[ $1 == new ]]
}

# walk_one KEY LIVE VALUE WITH NEW SEEN...
walk_one() {
	local KEY=$1 live=$2 value=$3 with=$4 new=${5:-tunnel session}
	local -A effects=([L]=now [N]=new-sessions [R]=restart)
	shift 5
	settings_begin
	settings "$with"
	settings_write
	lnsd_start_quietly
	begin_session old tunnel session
	not_yet 'before the reload' old "$@"
	SET[$KEY]=$value
	settings_write
	json reload '.changes[] | "\(.section | split(" ")[0]).\(.key) \(.effect)"' >"$DIR/told"
	grep -qx "$KEY ${effects[$live]}" "$DIR/told" || fault "$KEY: reload tells '$(xargs <"$DIR/told")', not ${effects[$live]}"
	"walk_$live" "$new" "$@"
	old_lives "$live" "$1" || fault "$KEY: the session of before is gone"
	walk_end
}

# Where it ever was, and is not what the key is about: with a guess for a password it only seems to begin.
old_lives() {
	[[ -z ${IDS[old]} || $1 == R || $2 == replaced || $2 == bans_at_once || "$1 $2" == 'L refused' ]] || ! is_gone "${IDS[old]}"
}

walk_L() {
	seen_now 'at once' old "${@:2}"
}

walk_N() {
	not_yet 'for the session of before' old "${@:2}"
	# shellcheck disable=SC2086 # steps
	[[ $1 == - ]] || begin_session new $1
	seen_now 'for a new session' new "${@:2}"
}

# Nothing of it is in force before, and all of it after; status says that it waits.
walk_R() {
	not_yet 'without a restart' old "${@:2}"
	json status '.problems[].text' | finds "not in force yet: .*$KEY" || fault "$KEY: status does not say that it waits"
	lnsd_stop
	lnsd_start_quietly
	# shellcheck disable=SC2086 # steps
	[[ $1 == - ]] || begin_session new $1
	seen_now 'after a restart' new "${@:2}"
}

walk_end() {
	local pid
	for pid in "${LACS[@]}" $LNSD; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	LACS=() LNSD=''
	wait_for 10 'no lnsd is left' no_lnsd
	pkill -KILL -f '/[a-z]*pppd .*lnsd-fd'
	rm -rf /run/lnsd /var/lib/lnsd /etc/ipsec.d/lnsd.*
	ip xfrm policy flush # what a killed daemon leaves
}

# Without -d, which would be a log level.
lnsd_start_quietly() {
	: >"$DIR/lnsd.log" # the one before was ready, too
	"$BIN/lnsd" -c "$DIR/lnsd.conf" </dev/null 2>"$DIR/lnsd.log" &
	LNSD=$!
	wait_for 20 "$KEY: lnsd is ready" grep -q ' ready$' "$DIR/lnsd.log"
}

# walk_refused KEY VALUE: what is not built is refused, whatever it is set to
walk_refused() {
	local KEY=$1
	settings_begin
	settings_write
	lnsd_start_quietly
	SET[$KEY]=$2
	settings_write
	check "$KEY is refused" ! ctl reload
	said 'not yet supported'
	walk_end
}

# What rows refer to: files, and an /etc/ipsec.d that is ours
walk_prepare() {
	printf '[test]\npassword = plain:test\n' >"$DIR/users"
	printf '[other]\npassword = plain:test\n' >"$DIR/others"
	printf 'open sesame\n' >"$DIR/secret"
	printf 'a long pre-shared key\n' >"$DIR/psk"
	printf 'another pre-shared key\n' >"$DIR/psk2"
	printf 'user test\npassword guess\n' >"$DIR/guess"
	printf 'user test\npassword test\nnotes %s\n' "$DIR/notes" >"$DIR/notes.options"
	: >"$DIR/pluto.log"
	chmod 600 "$DIR"/{users,others,secret,psk,psk2}
	cp "$BIN/tools/testpppd" "$DIR/otherpppd"
	[[ -d /etc/ipsec.d ]] && mount -t tmpfs tmpfs /etc/ipsec.d
}

# walk KEYS: those of the daemon's keys that match
walk() {
	local key live built default row value with new seen words walked=0
	walk_prepare
	while read -r key live built default; do
		# shellcheck disable=SC2053 # a pattern
		[[ $key == $1 ]] || continue
		walked=$((walked + 1))
		if ! row=$(grep -E "^${key//./\\.} +\|" tests/daemon/reload_keys); then
			fault "$key: has no row in tests/daemon/reload_keys"
			continue
		fi
		row=${row//DIR/$DIR} row=${row//LNSCTL/$BIN/lnsctl}
		IFS='|' read -r _ value with new seen <<<"$row"
		read -r value <<<"$value"
		read -r with <<<"$with"
		read -r new <<<"$new"
		mapfile -t words < <(xargs -n 1 <<<"$seen")
		if [[ $built == refused ]]; then
			walk_refused "$key" "$value"
		else
			walk_one "$key" "$live" "$value" "$with" "$new" "${words[@]}"
		fi
		printf '       %-26s %s %-9s %-24s -> %-30s %s\n' "$key" "$live" "$built" "$default" "${value/$DIR\//…}" "${seen# }"
	done < <("$BIN/tools/options")
	((walked)) || fault "no key to walk"
	mountpoint -q /etc/ipsec.d && umount /etc/ipsec.d
}

# KEYS='name|name' walks these
case_reload_keys_behave_as_their_column() {
	walk "@(${KEYS:-!(@(auth|ipsec|network|server).*)})"
}

case_reload_keys_of_auth_behave_as_their_column() {
	walk 'auth.*'
}

case_reload_keys_of_ipsec_behave_as_their_column() {
	walk 'ipsec.*'
}

case_reload_keys_of_network_behave_as_their_column() {
	walk 'network.*'
}

case_reload_keys_of_server_behave_as_their_column() {
	walk 'server.*'
}
