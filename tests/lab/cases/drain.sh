# shellcheck shell=bash
# lnsctl drain sends clients to another server: new ones first, then those that are there, until it is called off.
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
gw lnsctl drain 10.9.0.77 --new
json "where to" "$(gw lnsctl drain --json)" '.draining == "10.9.0.77"'
client_lac 16 tunnel
wait_for 10 "a new one is sent away" says "$DIR/c16/lac.log" '^stopccn result=2 error=7$'
expect "it is told where to" says "$DIR/c16/lac.log" '^said 10.9.0.77$'
expect "who is there stays" pings 5 "$LAN"
gw lnsctl drain 10.9.0.77
wait_for 10 "who is there is sent away" client_gone 5
wait_for 10 "nothing stays" gw_serves_nobody
client_kill 5
gw lnsctl drain off
client_l2tp 5 alice secret
client_connected 5
expect "and back" pings 5 "$LAN"
