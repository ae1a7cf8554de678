# shellcheck shell=bash
# What FreeRADIUS is told of sessions: start, interim, stop, with counters, reason and the id of lnsctl; a second server takes
# over; records wait on disk while no server answers, over a restart too, and come in order.
gw_radius 1 2
gw_set auth.radius-interim 2s
gw_set auth.radius-dead-time 5s
radius_users 'rita Cleartext-Password := "r1ta-pass"' '	Class = 0x6f6e65, Framed-IP-Address = 10.99.0.77'
radius_start 1
radius_start 2
wire_plain_to 10.9.0.5
gw_start_plain
wait_for 10 "the server hears of the start" records_are 1 Accounting-On 1

client_l2tp 5 rita r1ta-pass
client_connected 5
id=$(field "$(session_of rita)" .id)
wait_for 10 "a start" records_are 1 Start 1
record_has "start" 1 Start "Acct-Session-Id = \"$id\"" 'User-Name = "rita"' 'Framed-IP-Address = 10.99.0.77' \
	'Calling-Station-Id = "10.9.0.5"' 'Called-Station-Id = "10.9.0.1"' 'Tunnel-Type:0 = L2TP' 'Acct-Authentic = RADIUS' \
	'Tunnel-Client-Endpoint:0 = "10.9.0.5"' 'Class = 0x6f6e65' 'NAS-IP-Address = 172.16.0.1' 'Event-Timestamp = .*' \
	'Acct-Delay-Time = [01]' 'NAS-Port-Type = Virtual'
expect "traffic" client 5 ping -q -c 20 -i 0.1 -s 1000 -W 2 "$LAN"
wait_for 15 "interim records" has_octets 1 Interim-Update 20000

# the first server goes: the second takes over, and nobody notices
radius_stop 1
gw lnsctl disconnect rita
wait_for 30 "the stop goes to the second server" records_are 2 Stop 1
record_has "stop" 2 Stop "Acct-Session-Id = \"$id\"" 'Acct-Terminate-Cause = Admin-Reset' 'Acct-Input-Gigawords = 0' \
	'Acct-Session-Time = [0-9]+' 'Class = 0x6f6e65'
expect "its octets" has_octets 2 Stop 20000
note "stop as the server has it:$(record 2 Stop | tr -s '\t\n' ';')"
wait_for 10 "the first is marked" status_has '.radius.servers[0].state | test("down")'
wait_for 10 "client 5 is gone" client_gone 5
client_kill 5
client_l2tp 5 rita r1ta-pass
client_connected 5
wait_for 10 "a start at the second server" records_are 2 Start 1
client_hangup 5
wait_for 30 "a stop at the second server" records_are 2 Stop 2
record_has "stop" 2 Stop 'Acct-Terminate-Cause = User-Request'
wait_for 10 "client 5 is gone" client_gone 5
client_kill 5

# none is left: users of the file come in, others are refused with a reason, and the records wait
radius_stop 2
rm -f "$DIR"/c5/{up,pppd.log}
client_l2tp 5 rita r1ta-pass
wait_for 30 "refused" logged 'refused user="rita".*cause=radius-down'
client_kill 5
rm -f "$DIR"/c5/{up,pppd.log}
client_l2tp 5 alice secret
client_connected 5
client_hangup 5
wait_for 10 "client 5 is gone" client_gone 5
wait_for 20 "records wait" records_wait 2
wait_for 10 "a problem" status_has '[.problems[] | select(.text | test("no RADIUS server answers"))] | length == 1'
expect "lnsd ends" lnsd_stop
lnsd_start
wait_for 10 "they wait after a restart" records_wait 3
: >"$DIR/radius1/detail"
radius_start 1
wait_for 40 "they are sent" records_wait 0
equal "in order" "$(awk '/Acct-Status-Type/ { printf "%s ", $3 }' "$DIR/radius1/detail" | sed 's/Interim-Update //g')" \
	'Start Stop Accounting-Off Accounting-On '
record_has "the local user's stop" 1 Stop 'User-Name = "alice"' 'Acct-Authentic = Local' 'Acct-Delay-Time = ([2-9]|[1-9][0-9]+)'
