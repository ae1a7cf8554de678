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
	said "\[peer\] sections: 'a, b' -> 'b, c' \(for new sessions\)"
	said "\[peer b\] sequencing: 'on' -> 'reorder' \(for new sessions\)"
	said "\[peer a\] address: '192.0.2.0/24' -> ''"
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
