# shellcheck shell=bash
# The users' file while people are connected: what is changed takes effect at once, for whom it is about, and nobody else.

# accounts_start [SETTING...]: users alice, bob and carol, who are proved by their LAC, one session each
accounts_start() {
	conf "$@" $'peer isp.address = 127.0.0.1\nproxy-auth = accept'
	printf '[%s]\npassword = plain:x\n' alice bob carol >>"$DIR/users"
	lnsd_start
}

# as USER: a session of this user
as() {
	lac "$1" "proxy:pap:$1:x" tunnel session echo:20 serve
}

# user_set USER LINE: puts a line into the user's section
user_set() {
	sed -i "/^\[$1\]/a $2" "$DIR/users"
}

users_are() {
	[[ $(json sessions '[.[] | select(.state == "up") | .user] | sort | join(" ")') == "$1" ]]
}

# ended_with USER CAUSE CLOSED_BY
ended_with() {
	wait_for 10 "$1 ends with $2" has_line lnsd "logout user=\"$1\".* cause=$2 closed_by=$3 "
}

case_user_removed_disabled_or_expired_is_ended_at_once() {
	accounts_start
	as alice
	as bob
	as carol
	as test
	sed -i '/^\[alice\]/,+1d' "$DIR/users"
	user_set bob 'disabled = yes'
	user_set carol 'expires = 2020-01-01'
	check 'reload' ctl reload
	said '^alice: 1 session ended: '
	said '^bob: 1 session ended: '
	said '^carol: 1 session ended: '
	check 'nothing about others' ! grep -q test "$DIR/said"
	ended_with alice user-removed server
	ended_with bob disabled server
	ended_with carol expired server
	wait_for 5 'the other one stays' users_are test
	check 'a removed one is not let in' lac_now proxy:pap:alice:x tunnel session stop
	check 'it says so' has_line lnsd 'does not let in user="alice" .*cause=unknown-user'
	equal 'logouts' 3 "$(journal 'logout user="(alice|bob|carol)"')"
}

case_expiry_ends_a_session_when_it_comes() {
	accounts_start
	user_set alice "expires = $(date -u -d '+4 seconds' +%FT%TZ)"
	check 'reload' ctl reload
	as alice
	as bob
	ended_with alice expired server
	wait_for 5 'nobody else' users_are bob
	user_set bob "expires = $(date -u -d '+2 seconds' +%FT%TZ)"
	check 'set while connected' ctl reload
	said '^bob: 1 session changed'
	ended_with bob expired server
}

case_session_timeout_ends_a_session() {
	accounts_start auth.session-timeout=2s
	as alice
	ended_with alice session-timeout server
}

case_limit_refuses_or_replaces_the_oldest() {
	accounts_start auth.on-limit=replace
	user_set alice 'sessions = 1'
	user_set alice 'address = 10.99.0.77'
	check 'reload' ctl reload
	as alice
	as bob
	lac again proxy:pap:alice:x tunnel session echo:20 serve
	ended_with alice replaced server
	wait_for 5 'one each' users_are 'alice bob'
	equal 'the fixed address goes over' 10.99.0.77 "$(json sessions '.[] | select(.user == "alice") | .address')"
	equal 'one logout' 1 "$(journal 'logout user=')"
}

case_names_are_folded_as_configured() {
	accounts_start auth.fold-names=yes
	lac a 'proxy:pap:CORP\ALICE:x' tunnel session echo:20 serve
	wait_for 5 'in under the name of the file' users_are alice
	printf '[Alice]\npassword = plain:y\n' >>"$DIR/users"
	check 'two that are one are refused' ! ctl reload
	said 'users:[0-9]+: \[Alice\] differs from \[alice\] \(line [0-9]+\) in letter case only'
	wait_for 5 'the session lives' users_are alice
}

case_users_file_with_a_mistake_changes_nothing() {
	accounts_start
	as alice
	sed -i '/^\[alice\]/,+1d' "$DIR/users"
	printf '[dave]\npassword = plain:s3cret\nrate = s3cret\n' >>"$DIR/users"
	check 'refused' ! ctl reload
	said 'users:[0-9]+: \[dave\] rate: is no rate of 8kbit to 1000gbit'
	check 'nothing is shown' ! grep -q s3cret "$DIR/said" "$DIR/lnsd.log"
	rm "$DIR/users"
	check 'nor when it has gone' ! ctl reload
	said 'users: cannot be read'
	wait_for 5 'alice stays' users_are alice
	check 'and comes again' lac_now proxy:pap:alice:x tunnel session echo:20 stop
}

# user ARGUMENT...: lnsctl user with the daemon's configuration
user() {
	ctl --config "$DIR/lnsd.conf" user "$@"
}

case_lnsctl_user_changes_the_file_and_the_sessions_at_once() {
	accounts_start
	sed -i '1i # mine' "$DIR/users"
	as alice
	as bob
	check 'add' user add dave --password-stdin --rate 1mbit <<<'x'
	check 'who is new comes in' lac_now proxy:pap:dave:x tunnel session echo:20 stop
	check 'change' user set alice rate=20mbit/100mbit
	said '^alice: 1 session changed$'
	check 'disable' user disable alice
	said '^alice: 1 session ended: the user is disabled$'
	ended_with alice disabled server
	check 'del' user del dave
	check 'passwd' user passwd bob --password-stdin <<<'y'
	wait_for 5 'a changed password ends nothing' users_are bob
	check 'the old one is over' lac_now proxy:pap:bob:x tunnel session stop
	check 'it says so' has_line lnsd 'does not let in user="bob" .*cause=wrong-password'
	equal 'list' 'alice 0 true bob 1 false carol 0 false test 0 false' "$(
		timeout 20 "$BIN/lnsctl" --json --config "$DIR/lnsd.conf" user list |
			jq -r '[.[] | "\(.name) \(if .name == "test" then 0 else .sessions end) \(.disabled)"] | join(" ")')"
	check 'the comment stays' grep -qx '# mine' "$DIR/users"
	equal 'mode' 600 "$(stat -c %a "$DIR/users")"
	equal 'nothing beside it' 1 "$(find "$DIR" -name 'users*' | wc -l)"
}

case_lnsctl_user_refuses_what_the_file_cannot_have() {
	local before name
	accounts_start
	before=$(sha256sum <"$DIR/users")
	for name in '../x' 'a]b' 'a[b' $'a\nb' $'a\xff' ' a' "$(head -c 4096 /dev/zero | tr '\0' a)"; do
		check "name ${name:0:10}" ! user add "$name" --generate
		equal 'lines' 1 "$(wc -l <"$DIR/said")"
	done
	check 'twice' ! user add alice --generate
	check 'a value' ! user set alice rate=fast
	said '\[alice\] rate: is no rate'
	check 'the gateway' ! user set alice address=10.99.0.1
	check 'lines of its own' ! user set alice $'rate=1mbit\n[mallory]'
	check 'a password in sight' ! user set alice password=plain:z
	said 'lnsctl user passwd'
	equal 'the file is as it was' "$before" "$(sha256sum <"$DIR/users")"
}

# may USER: the session's rate, routes and destinations
may() {
	json sessions ".[] | select(.user == \"$1\") | \"\\(.rate) \\(.routes | join(\"+\")) \\(.allow | join(\"+\"))\""
}

may_is() {
	[[ $(may "$1") == "$2" ]]
}

case_sessions_tell_what_they_may_do_and_what_has_changed() {
	local id
	accounts_start
	user_set alice 'routes = 192.168.7.0/24, fd00:7::/64'
	user_set alice 'allow = 10.0.5.0/24:tcp/443, 10.0.6.7'
	check 'reload' ctl reload
	as alice
	as bob
	wait_for 5 'what alice may' may_is alice 'none 192.168.7.0/24+fd00:7::/64 10.0.5.0/24:tcp/443+10.0.6.7'
	wait_for 5 'what bob may' may_is bob 'none  '
	user_set alice 'rate = 20mbit/100mbit'
	sed -i 's/^allow.*/allow = 10.0.6.8/' "$DIR/users"
	check 'reload' ctl reload
	said '^alice: 1 session changed'
	wait_for 5 'what alice may now' may_is alice '20mbit/100mbit 192.168.7.0/24+fd00:7::/64 10.0.6.8'
	id=$(json sessions '.[] | select(.user == "alice") | .id')
	equal 'show' '20mbit/100mbit ["10.0.6.8"]' "$(json show "$id" '.session | "\(.rate) \(.allow | tojson)"')"
	check 'show for people' ctl show "$id"
	said '^rate: +20mbit/100mbit$'
	said '^routes: +192\.168\.7\.0/24, fd00:7::/64$'
	said '^allow: +10\.0\.6\.8$'
	wait_for 5 'bob as before' may_is bob 'none  '
}

all_may() {
	[[ $(json sessions 'map(.allow | join("+")) | unique | join(" ")') == "$1" ]]
}

# More than the wall holds while the worker does not read.
case_change_of_many_sessions_at_once_reaches_the_worker() {
	local worker words=() i
	accounts_start
	for ((i = 0; i < 200; i++)); do words+=(session); done
	lac a tunnel "${words[@]}" serve
	equal 'sessions' 200 "$(json sessions length)"
	user_set test 'allow = 10.0.6.8'
	worker=$(worker)
	kill -STOP "$worker"
	kill -HUP "$LNSD"
	wait_for 30 'the keeper is done' has_line lnsd 'test: 200 sessions changed'
	kill -CONT "$worker"
	wait_for 20 'all of them' all_may 10.0.6.8
	equal 'sessions that live' 200 "$(json sessions length)"
}
