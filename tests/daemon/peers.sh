# shellcheck shell=bash
# Cases about [peer NAME] and what lnsctl does with single peers, in the words of host.sh and cases.sh.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

problems_are() {
	[[ $(json status '.problems | length') == "$1" ]]
}

case_tunnel_secret_that_cannot_be_read_is_a_problem_of_its_peer_only() {
	conf $'peer isp.address = 127.0.0.9\nsecret-file = '"$DIR/secret"
	lnsd_start
	equal 'lines with the reason' 1 \
		"$(journal "$DIR/secret: cannot be read: No such file or directory; \[peer isp\] is refused")"
	wait_for 5 'it stands in status' problems_are 1
	equal 'text' '[peer isp] is refused: the tunnel secret cannot be read' "$(json status '.problems[0].text')"
	check 'the fix names the file' grep -qF "write it into $DIR/secret" <<<"$(json status '.problems[0].fix')"
	check 'others are served' lac_now tunnel session echo:20 stop
	check 'check says so' ctl check "$DIR/lnsd.conf"
	said 'secret: is not there: \[peer isp\] is refused'
	printf 'open sesame\n' >"$DIR/secret"
	chmod 644 "$DIR/secret"
	check 'reload' ctl reload
	said "$DIR/secret: mode 0644 lets others at the secret"
	wait_for 5 'it is solved' problems_are 0
	: >"$DIR/secret"
	check 'reload with an empty one' ctl reload
	said "$DIR/secret: is empty: .*\[peer isp\] is refused until it can be used"
	wait_for 5 'it stands in status again' problems_are 1
	check 'no secret is in the log' ! grep -q 'sesame' "$DIR/lnsd.log"
}

case_peers_that_change_are_told_at_a_reload() {
	conf $'peer a.address = 192.0.2.0/24' 'peer b.sequencing = on'
	lnsd_start
	conf 'peer b.sequencing = reorder' 'peer c.hide-avps = no'
	check 'reload' ctl reload
	said '^for new sessions:$'
	said '^  \[peer\] sections +a, b -> b, c$'
	said '^  \[peer b\] sequencing +on -> reorder$'
	said '^  \[peer a\] address +192.0.2.0/24 -> none$'
	conf $'peer b.address = 192.0.2.1/24\nport = 0' 'peer b.port = 1'
	check 'a wrong file is refused' ! ctl reload
	said "lnsd.conf:[0-9]+: \[peer b\] address: 192.0.2.1/24 has bits behind"
	said "lnsd.conf:[0-9]+: \[peer b\] port: 0 is out of range"
	said "lnsd.conf:[0-9]+: \[peer b\] the section stands in this file twice"
}

# The sandbox lets the worker do what it takes.
case_data_without_checksums_flows() {
	conf server.udp-checksum-data=no
	lnsd_start
	check 'data flows' lac_now tunnel session echo:200 stop
	conf server.udp-checksum-data=yes
	check 'reload' ctl reload
	check 'and with checksums again' lac_now tunnel session echo:200 stop
}

# proxied_start accept|ignore: with a LAC at 127.0.0.1, users, and notes of what pppd was told
proxied_start() {
	printf 'user test\npassword test\nnotes %s\n' "$DIR/notes" >"$DIR/options"
	conf "ppp.options-file = $DIR/options" $'peer isp.address = 127.0.0.1\nproxy-auth = '"$1"
	printf '[alice]\npassword = plain:sesame4u\naddress = 10.99.0.77\n' >>"$DIR/users"
	printf '[hash]\npassword = nt:8846f7eaee8fb117ad06bdd830b7586c\n[off]\npassword = plain:x\ndisabled = yes\n[one]\npassword = plain:x\nsessions = 1\n' >>"$DIR/users"
	lnsd_start
}

# pppd_heard WHAT PROVED USER: of the last session
pppd_heard() {
	equal "$1" "proved=$2 user=$3" "$(tail -n 1 "$DIR/notes" | cut -d' ' -f 1-2)"
}

case_caller_proved_by_its_lac_is_not_asked_again() {
	proxied_start accept
	lac a proxy:chap:alice:sesame4u tunnel session echo:50 serve
	pppd_heard 'by CHAP' 1 alice
	equal 'its own address' 10.99.0.77 "$(json sessions '.[0].address')"
	equal 'state and user' 'up alice' "$(json sessions '.[0] | "\(.state) \(.user)"')"
	equal 'proxied' true "$(json show "$(json sessions '.[0].id')" .session.proxied)"
	equal 'login lines' 1 "$(journal 'login user="alice".* address=10.99.0.77 ')"
	check 'disconnect by user' ctl disconnect alice
	wait_for 5 'logout line' has_line lnsd 'logout user="alice".* cause=admin closed_by=admin '
	check 'by PAP, with a hash' lac_now proxy:pap:hash:password tunnel session stop
	pppd_heard 'by PAP' 1 hash
	check 'no password is in the log' ! grep -qE 'sesame4u|=password|"password"' "$DIR/lnsd.log"
}

case_caller_that_its_lac_does_not_prove_is_asked() {
	proxied_start accept
	check 'a wrong password' lac_now proxy:pap:alice:guess tunnel session stop
	pppd_heard 'a wrong password' 0 test
	check 'a wrong response' lac_now proxy:chap:alice:guess tunnel session stop
	pppd_heard 'a wrong response' 0 test
	check 'an unknown user' lac_now proxy:pap:nobody:guess tunnel session stop
	pppd_heard 'an unknown user' 0 test
	check 'CHAP with a hash' lac_now proxy:chap:hash:password tunnel session stop
	pppd_heard 'CHAP with a hash' 0 test
	check 'a disabled user' lac_now proxy:pap:off:x tunnel session stop
	pppd_heard 'a disabled user' 0 test
	lac a proxy:pap:one:x tunnel session session serve
	equal 'one session too many' 'proved=1 user=one proved=0 user=test ' \
		"$(tail -n 2 "$DIR/notes" | cut -d' ' -f 1-2 | tr '\n' ' ')"
	check 'nothing' lac_now tunnel session stop
	pppd_heard 'nothing' 0 test
	equal 'lines with the reason' 6 "$(journal 'what the LAC heard does not let in user=.* cause=(wrong-password|unknown-user|method|disabled|limit) ')"
	equal 'log-ins' 8 "$(json status .logins_today)"
	equal 'failures' 0 "$(json status .failures_today)"
}

case_lac_that_is_not_trusted_proves_nobody() {
	proxied_start ignore
	check 'a right password' lac_now proxy:pap:alice:sesame4u tunnel session stop
	pppd_heard 'a right password' 0 test
}

case_accms_that_ppp_negotiated_are_told_to_an_asynchronous_lac() {
	printf 'accm 000a0000 00000000\n' >"$DIR/options"
	conf "ppp.options-file = $DIR/options"
	lnsd_start
	lac a framing:2 tunnel session echo:20 serve
	wait_for 5 'SLI' has_line a '^sli session=[0-9]+ send=000a0000 receive=00000000$'
	lac b framing:1 tunnel session echo:20 serve
	check 'a synchronous one hears nothing' ! has_line b '^sli '
}

case_drain_sends_clients_elsewhere() {
	lnsd_start
	lac a tunnel session serve
	equal 'at first' null "$(json status .draining)"
	equal 'asked' null "$(json drain .draining)"
	check 'no address' ! ctl drain example.net
	said 'no IPv4 or IPv6 address'
	check 'new ones' ctl drain 192.0.2.9 --new
	said '^draining to 192.0.2.9$'
	equal 'in status' 192.0.2.9 "$(json status .draining)"
	check 'the session lives' sessions_are 1
	check 'a new one is refused' ! lac_now tunnel session
	check 'it is told where to go' has_line now '^said 192.0.2.9$'
	check 'it is told why' has_line now '^stopccn result=2 error=7$'
	check 'all' ctl drain 2001:db8::9
	wait_for 5 'the first one is told too' has_line a '^said 2001:db8::9$'
	wait_for 5 'no session is left' sessions_are 0
	check 'over' ctl drain off
	said '^not draining$'
	check 'all are let in' lac_now tunnel session echo:20 stop
}

case_tunnel_secret_is_asked_for_and_kept_at_a_reload() {
	printf 'open sesame\n' >"$DIR/secret"
	chmod 600 "$DIR/secret"
	conf $'peer isp.address = 127.0.0.0/8\nsecret-file = '"$DIR/secret"
	lnsd_start
	check 'who does not know it is refused' ! lac_now tunnel session
	check 'who knows another one, too' ! lac_now 'secret:open barley' tunnel session
	lac a 'secret:open sesame' tunnel session echo:20 serve
	equal 'tunnel' 'isp true' "$(json tunnels '.[] | select(.state == "established") | "\(.peer_name) \(.authenticated)"')"
	printf 'new sesame\r\n' >"$DIR/secret"
	check 'reload' ctl reload
	check 'the session lives' sessions_are 1
	check 'the old one is refused' ! lac_now 'secret:open sesame' tunnel session
	check 'the new one is taken' lac_now 'secret:new sesame' tunnel session echo:20 stop
	rm "$DIR/secret"
	check 'reload without' ctl reload
	check 'nobody is let in' ! lac_now 'secret:new sesame' tunnel session
	check 'no secret is in the log' ! grep -q 'sesame' "$DIR/lnsd.log"
}

# lac_waits NAME STEP...: a LAC that a tunnel is opened to, in the background
lac_waits() {
	"$LAC" 127.0.0.1 1701 'listen:127.0.0.7:1799' "${@:2}" >"$DIR/$1.log" 2>&1 &
	LACS+=($!)
	wait_for 5 "lac $1 listens" has_line "$1" '^listening'
}

case_dial_opens_a_tunnel_and_waits_for_the_call() {
	local id
	conf $'peer isp.address = 127.0.0.7\nport = 1799'
	lnsd_start
	lac_waits isp answer echo:50 answer serve
	check 'the call is placed' ctl dial isp '+49 30 1'
	said '^connected [0-9]+-[0-9]+$'
	id=$(sed 's/^connected //' "$DIR/said")
	wait_for 5 'the LAC was asked' has_line isp '^asked to dial \+49 30 1$'
	wait_for 5 'it is listed' sessions_are 1
	equal 'facts' 'lnsd lnsd isp +49 30 1' \
		"$(json show "$id" '"\(.session.placed_by) \(.tunnel.opened_by) \(.tunnel.peer_name) \(.session.called_number)"')"
	equal 'a second call, as JSON' "${id%-*}" "$(json dial isp 2 --tunnel "${id%-*}" .tunnel_id)"
	wait_for 5 'both are listed' sessions_are 2
	equal 'tunnels' 1 "$(json tunnels length)"
}

case_dial_tells_why_a_call_failed() {
	conf $'peer isp.address = 127.0.0.7\nport = 1799' $'peer none.address = 127.0.0.8\nport = 1798' $'peer net.address = 127.0.0.0/8' \
		server.retries=1
	lnsd_start
	check 'an unknown peer' ! ctl dial nobody 1
	said 'no section \[peer nobody\]'
	check 'a peer without an address of its own' ! ctl dial net 1
	said '\[peer net\]: .*its first address is not a single one'
	check 'a tunnel that is not there' ! ctl dial isp 1 --tunnel 4711
	said 'no tunnel has the ID 4711'
	check 'a LAC that is not there' ! ctl dial none 1
	said 'the call failed: .*does not answer'
	lac_waits isp answer:2 serve
	check 'a LAC that refuses' ! ctl dial isp 1
	said 'the call failed: CDN: '
	wait_for 5 'no session is left' sessions_are 0
	lac a tunnel serve
	check "another peer's tunnel" ! ctl dial isp 1 --tunnel "$(json tunnels '.[] | select(.peer_name == "net") | .id')"
	said 'is not one of \[peer isp\]'
	equal 'it is still refused with a reason' 1 "$(ctl dial isp '' 2>/dev/null >&2; echo $?)"
}

case_dial_that_is_interrupted_hangs_up() {
	local caller
	conf $'peer isp.address = 127.0.0.7\nport = 1799'
	lnsd_start
	lac_waits isp serve
	"$BIN/lnsctl" dial isp 1 >"$DIR/caller.log" 2>&1 &
	caller=$!
	LACS+=("$caller")
	wait_for 5 'the tunnel is up' has_line isp '^serving'
	kill "$caller"
	wait "$caller" 2>/dev/null
	# it has given the session no ID yet
	wait_for 5 'the LAC is told' has_line lnsd 'send CDN .* peer_sid=0$'
	check 'the daemon lives' ctl status
}
