# shellcheck shell=bash
# RFC 5176 by FreeRADIUS's radclient: a session is ended, another is changed while it lives, and who may not ask, or asks for
# nobody, is refused. RAD-01.
gw_radius 1
radius_users 'rita Cleartext-Password := "r1ta-pass"' '	Framed-IP-Address = 10.99.0.77'
radius_start 1
wire_plain_to 10.9.0.5
gw_start_plain
client_l2tp 5 rita r1ta-pass
client_connected 5
id=$(field "$(session_of rita)" .id)
expect "everything is reached" pings 5 "$LAN"

# changed while it lives
if has_nft; then
	ordered "CoA" 'Received CoA-ACK' 1 coa "Acct-Session-Id = \"$id\"" "Filter-Id = \"10.255.0.1\"" "Event-Timestamp = $(date +%s)"
	expect "the new filter holds" not pings 5 "$LAN"
	ordered "CoA" 'Received CoA-ACK' 1 coa 'User-Name = rita' "Filter-Id = \"$LAN\""
	expect "and the next one" pings 5 "$LAN"
else
	note 'no nf_tables: without Filter-Id'
fi
ordered "CoA" 'Received CoA-ACK' 1 coa 'User-Name = rita' 'WISPr-Bandwidth-Max-Down = 8000000' 'Session-Timeout = 3000' \
	'Message-Authenticator = 0x00'
expect "it is reached at that rate" pings 5 "$LAN"
expect "the log says so" logged 'changed by a RADIUS server user="rita"'

# refused ones, each with its Error-Cause
ordered "nobody" 'Session-Context-Not-Found' 1 disconnect 'Acct-Session-Id = "1-1"'
ordered "another gateway" 'NAS-Identification-Mismatch' 1 disconnect "Acct-Session-Id = \"$id\"" 'NAS-Identifier = other'
ordered "no session named" 'Missing-Attribute' 1 disconnect 'NAS-IP-Address = 172.16.0.1'
ordered "what cannot be changed" 'Unsupported-Attribute' 1 coa "Acct-Session-Id = \"$id\"" 'Idle-Timeout = 5'
ordered "a filter that is none" '(Invalid-Attribute-Value|Error-Cause = 407)' 1 coa "Acct-Session-Id = \"$id\"" 'Filter-Id = staff'

# those that get no answer at all
ordered "stale" 'No reply' 1 disconnect "Acct-Session-Id = \"$id\"" 'Event-Timestamp = 1000000'
expect "the log says stale" logged 'dropped a request of 172.16.0.11 .*stale'
secret=$RADIUS_SECRET
RADIUS_SECRET='another secret'
ordered "unsigned" 'No reply' 1 disconnect "Acct-Session-Id = \"$id\""
RADIUS_SECRET=$secret
expect "the log says unsigned" logged 'dropped a request of 172.16.0.11 .*not signed'
ip -n lan addr add "$(radius_address 9)/24" dev eth0
ordered "foreign" 'No reply' 9 disconnect "Acct-Session-Id = \"$id\""
expect "the log says foreign" logged 'dropped a request of 172.16.0.19 .*not from a server'
expect "it still lives" pings 5 "$LAN"

ordered "disconnect" 'Received Disconnect-ACK' 1 disconnect "Acct-Session-Id = \"$id\"" 'User-Name = rita'
wait_for 10 "the session ends" has_no_session rita
expect "with its reason" logged 'logout user="rita".*cause=disconnect'
wait_for 20 "and its record" records_are 1 Stop 1
record_has "stop" 1 Stop "Acct-Session-Id = \"$id\"" 'Acct-Terminate-Cause = Admin-Reset'
