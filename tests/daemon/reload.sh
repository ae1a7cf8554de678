# shellcheck shell=bash
# Reload: what it tells, what it tries, and what it never does to those who are connected.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

hello_is() {
	[[ $(json reload --dry-run '[.changes[] | select(.key == "hello") | .old] | join(" ")') == "$1" ]]
}

trial_is_over() {
	! json status '.problems[].text' | finds 'on trial: at'
}

case_reload_tells_what_holds_when() {
	lnsd_start
	lac a tunnel session serve
	check 'nothing to do' ctl reload
	equal 'it says so much' 'done' "$(cat "$DIR/said")"
	conf server.hello=77s network.dns=9.9.9.9 server.port=1702
	printf '[test]\npassword = plain:test\nexpires = 2099-01-01\n' >"$DIR/users"
	check 'dry run' ctl reload --dry-run
	said '^at once:$'
	said '^  \[server\] hello +1m -> 77s$'
	said '^for new sessions:$'
	said '^  \[network\] dns +none -> 9\.9\.9\.9$'
	said '^needs a restart \(systemctl restart lnsd\):$'
	said '^  \[server\] port +1701 -> 1702$'
	said '^test: 1 session would be changed$'
	said '^nothing was changed$'
	equal 'nothing of it is in the log' 1 "$(journal '^reload: ')"
	equal 'as JSON' 'false hello now 1m 77s' \
		"$(json reload --dry-run '"\(.applied) " + (.changes[] | select(.key == "hello") | "\(.key) \(.effect) \(.old) \(.new)")')"
	equal 'it holds' 'true restart' "$(json reload '"\(.applied) " + (.changes[] | select(.key == "port") | .effect)')"
	check 'users too' has_line lnsd 'reload: test: 1 session changed'
	check 'again' ctl reload
	said '^  \[server\] port +1701 -> 1702$'
	check 'what holds is not told again' ! grep -q hello "$DIR/said"
	equal 'status tells what waits' 'changed, and not in force yet: server.port' "$(json status '.problems[].text')"
	conf server.hello=77s network.dns=9.9.9.9
	check 'taken back' ctl reload
	equal 'nothing waits' 0 "$(json status '.problems | length')"
	check 'the session lives' sessions_are 1
	check 'two options at once' ! ctl reload --dry-run --undo
	said 'one of --dry-run'
}

# Who asked for it may be cut off, and lnsctl killed: the daemon alone goes back.
case_reload_on_trial_goes_back_by_itself() {
	lnsd_start
	lac a tunnel session serve
	conf server.hello=77s server.max-sessions=1
	printf '[other]\npassword = plain:test\n' >"$DIR/users"
	check 'a trial' ctl reload --confirm 2s
	said '^test: 1 session ended'
	said 'done, for 2 s: then it goes back, unless it is confirmed'
	wait_for 5 'the user is gone' sessions_are 0
	check 'status says so' ctl status
	said 'the configuration is on trial: at [0-9:]+ the one of before comes back'
	check 'nobody comes in' ! lac_now tunnel session echo:5 stop
	wait_for 15 'it goes back' trial_is_over
	check 'in the log' has_line lnsd 'reload: nobody has confirmed it'
	check 'the value of before is in force' hello_is 1m
	check 'and so are the users of before' lac_now tunnel session echo:20 stop
	equal 'status says that the files are others' \
		'a reload on trial has gone back: what is in force is not what the files say' "$(json status '.problems[].text')"
	check 'too late' ! ctl reload --confirmed
	said 'no reload is on trial'
}

case_reload_on_trial_is_confirmed_or_undone() {
	lnsd_start
	conf server.hello=77s
	check 'a trial' ctl reload --confirm 1h
	check 'one for good is refused' ! ctl reload
	said 'refused, one is on trial'
	kill -HUP "$LNSD"
	wait_for 5 'by signal, too' lines_are 2 'reload: refused, one is on trial'
	conf server.hello=88s
	check 'another trial' ctl reload --confirm 1h
	check 'undone' ctl reload --undo
	said 'the configuration of before is in force again'
	check 'of before both' hello_is 1m
	check 'a trial' ctl reload --confirm 2s
	check 'confirmed' ctl reload --confirmed
	said '^confirmed$'
	equal 'no problem is left' 0 "$(json status '.problems | length')"
	sleep 2.5
	check 'it stays' hello_is ''
	check 'no such time' ! ctl reload --confirm soon
	said 'no time of up to a day'
	check 'a mistake leaves a trial as it was' ctl reload --confirm 1h
	conf server.hello=never
	check 'refused' ! ctl reload --confirm 1h
	check 'undone' ctl reload --undo
	conf server.hello=88s
	check 'in force' hello_is ''
}

# Each has two descriptors of the keeper's: with 500, more than select() could take.
case_reloads_drop_none_of_many_sessions() {
	local sessions=500 reloads=100 words=() i began ids
	conf network.pool=10.99.0.0/22
	lnsd_start
	for ((i = 0; i < sessions / 10; i++)); do words+=(session); done
	for ((i = 0; i < 10; i++)); do lac "lac$i" tunnel "${words[@]}" serve; done
	wait_for 60 'all are up' many_up "$sessions"
	ids=$(json sessions '[.[].id] | sort | join(" ")')
	began=$EPOCHREALTIME
	for ((i = 0; i < reloads; i++)); do
		conf network.pool=10.99.0.0/22 "server.hello=$((60 + i % 2))s" "network.mtu=$((1300 + i))" "log.level=debug"
		ctl reload >/dev/null || fault "reload $i failed"
	done
	printf '       %d sessions, %d reloads: %d left, %d ms a reload\n' "$sessions" "$reloads" "$(json sessions length)" \
		$(((${EPOCHREALTIME/./} - ${began/./}) / 1000 / reloads))
	check 'all are up' many_up "$sessions"
	equal 'the same ones' "$ids" "$(json sessions '[.[].id] | sort | join(" ")')"
	equal 'none has ended' 0 "$(journal '^logout ')"
	check 'data flows' lac_now tunnel session echo:50 stop
}

many_up() {
	[[ $(json sessions '[.[] | select(.state == "up")] | length') == "$1" ]]
}
