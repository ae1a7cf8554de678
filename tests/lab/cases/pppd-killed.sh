# shellcheck shell=bash
# A pppd of the gateway dies: its session ends, its client is told, the other one does not notice.
gw_start
client_up 1 alice secret
client_up 3 bob hunter2
pid=$(<"/run/$(field "$(session_of alice)" .ifname).pid")
kill -KILL "$pid"
wait_for 5 "client 1 is told" client_gone 1
wait_for 5 "alice's session goes" has_no_session alice
expect "the log says why" logged 'logout user="?alice"?.*cause=pppd-died'
expect "client 3 pings on" pings 3 "$LAN"
json "sessions" "$(sessions)" 'length == 1 and .[0].user == "bob"'
client_dial 1
client_connected 1
expect "client 1 is back" pings 1 "$LAN"
