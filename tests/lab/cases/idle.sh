# shellcheck shell=bash
# auth.idle-timeout: a session without traffic ends, and everybody is told why; one with traffic stays.
wire_plain_to 10.9.0.5
gw_set auth.idle-timeout 8s
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
expect "twelve seconds of traffic" client 5 ping -q -c 13 -i 1 -W 2 "$LAN"
json "and it is still up" "$(session_of alice)" '.state == "up"'
wait_for 20 "and gone without" logged 'user="?alice"?.*cause=idle-timeout closed_by=server'
wait_for 10 "the client, too" client_gone 5
