# shellcheck shell=bash
# Cases about who is shut out, in the words of host.sh and cases.sh, on kernels with nf_tables and without.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# bans_start [SECTION.KEY=VALUE...]: three failures are enough, also from here; `guess` and `know` change what clients say
bans_start() {
	guess
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 3' 'auth.ban-never = none' "$@"
	lnsd_start
}

guess() {
	printf 'user test\npassword guess\n' >"$DIR/options"
}

know() {
	printf 'user test\npassword test\n' >"$DIR/options"
}

bans_are() {
	[[ $(json bans length) == "$1" ]]
}

# fails COUNT
fails() {
	local i
	for ((i = 0; i < $1; i++)); do lac_now tunnel session stop; done
}

case_ban_follows_the_third_wrong_password() {
	bans_start
	fails 2
	wait_for 5 'two refusals' lines_are 2 'refused user="test".* cause=wrong-password '
	equal 'nobody is shut out' 0 "$(json bans length)"
	fails 1
	wait_for 5 'the ban' bans_are 1
	equal 'who and why' '127.0.0.1 wrong-password' "$(json bans '.[0] | "\(.address) \(.reason)"')"
	equal 'for ten minutes' 600 "$(json bans '.[0] | (.until | fromdate) - (.since | fromdate)')"
	equal 'its line' 1 "$(journal 'banned address=127.0.0.1 reason=wrong-password ban_s=600')"
	know
	check 'the right password does not help' ! lac_now tunnel session stop
	check 'shown' ctl bans
	said '^127.0.0.1 +wrong-password '
	check 'let in' ctl bans del 127.0.0.1
	said '^let in again 127.0.0.1$'
	check 'it helps now' lac_now tunnel session echo:20 stop
	check 'a second time is an error' ! ctl bans del 127.0.0.1
	said 'is not banned'
	check 'no password is in the log' ! grep -q guess "$DIR/lnsd.log"
}

case_ban_leaves_those_who_are_connected_and_refuses_their_new_sessions() {
	know
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 3' 'auth.ban-never = none'
	lnsd_start
	"$LAC" 127.0.0.1 1701 tunnel session echo:20 "until:$DIR/banned" session serve >"$DIR/a.log" 2>&1 &
	LACS+=($!)
	wait_for 5 'the neighbour is connected' sessions_are 1
	guess
	fails 3
	wait_for 5 'the ban' bans_are 1
	equal 'only newcomers' false "$(json bans '.[0].packets_dropped')"
	check 'the neighbour stays' sessions_are 1
	know
	: >"$DIR/banned"
	wait_for 6 'a new session of the neighbour is refused' lines_are 1 'refused user="test".* cause=banned closed_by=server text="too many failures from this address"'
	check 'the first goes on' sessions_are 1
	check 'a new tunnel is refused' ! lac_now tunnel
	check 'it is counted' test "$(json status .dropped.banned)" -gt 0
	equal 'in the history' 'banned true' "$(json history '.[0] | "\(.cause) \(.refused)"')"
}

case_bans_survive_a_restart_and_end_in_time() {
	bans_start
	check 'an address' ctl bans add 192.0.2.7 1h
	check 'a net of IPv6' ctl bans add 2001:db8:1:2::9 2d
	check 'for a moment' ctl bans add 198.51.100.1 4
	equal 'listed in order' '2001:db8:1:2::/64 192.0.2.7 198.51.100.1' "$(json bans '[.[].address] | sort_by(. | test(":") | not) | join(" ")')"
	check 'the daemon ends' lnsd_stop
	equal 'mode and owner' '640 root:64321' "$(stat -c '%a %U:%g' /var/lib/lnsd/bans)"
	printf 'nonsense\n' >>/var/lib/lnsd/bans
	lnsd_start
	wait_for 5 'the short one ends' bans_are 2
	equal 'its line' 1 "$(journal 'ban over address=198.51.100.1 reason=admin')"
	equal 'the others' 'admin admin' "$(json bans '[.[].reason] | join(" ")')"
	check 'all are let in' ctl bans del all
	said '^let in again: 2$'
	equal 'none' 0 "$(json bans length)"
	check 'no address' ! ctl bans add example.net
	said 'an IPv4 or IPv6 address is needed'
	equal 'no time' 2 "$(ctl bans add 192.0.2.7 soon 2>/dev/null; echo $?)"
	equal 'no such thing' 2 "$(ctl bans remove 192.0.2.7 2>/dev/null; echo $?)"
}

case_bans_never_reach_who_is_exempt() {
	bans_start $'peer isp.address = 127.0.0.1'
	fails 4
	wait_for 5 'four refusals' lines_are 4 'refused user="test".* cause=wrong-password '
	equal 'a LAC is not shut out' 0 "$(json bans length)"
	check 'nor by command' ! ctl bans add 127.0.0.1
	said 'is never shut out'
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 3' 'auth.ban-never = none'
	check 'reload' ctl reload
	fails 3
	wait_for 5 'the ban' bans_are 1
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 3' 'auth.ban-never = 127.0.0.0/8'
	check 'reload' ctl reload
	equal 'lifted' 0 "$(json bans length)"
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 0' 'auth.ban-never = none'
	check 'reload' ctl reload
	fails 6
	wait_for 5 'refusals' lines_are 13 'refused user="test".* cause=wrong-password '
	equal 'it is off' 0 "$(json bans length)"
}

# filter NAME LOG: the addresses that it finds, each with a count
filter() {
	python3 tests/daemon/filter.py "conf/fail2ban/filter.d/$1.conf" "$2" | sort | uniq -c | xargs
}

case_fail2ban_finds_refusals_and_nothing_that_a_name_pretends() {
	printf 'user %s\npassword guess\n' 'x"peer=192.0.2.9:1' >"$DIR/options"
	conf "ppp.options-file = $DIR/options" 'auth.ban-after = 0'
	lnsd_start
	fails 1
	guess
	fails 2
	know
	check 'a right one' lac_now tunnel session stop
	wait_for 5 'three refusals' lines_are 3 '^refused user='
	equal 'found' '3 127.0.0.1' "$(filter lnsd "$DIR/lnsd.log")"
	{
		printf '"lnsd-psk-1"[2] %s #3: probable authentication failure (mismatch of preshared secrets?): malformed\n' 192.0.2.7 2001:db8::7
		printf '"office"[2] 192.0.2.8 #4: probable authentication failure (mismatch of preshared secrets?): malformed\n'
		printf '"lnsd-psk-1"[2] 192.0.2.8 #4: ISAKMP SA established\n'
	} >"$DIR/pluto.log"
	equal 'found in the log of pluto' '1 192.0.2.7 1 2001:db8::7' "$(filter lnsd-ike "$DIR/pluto.log")"
}
