# shellcheck shell=bash
# Sessions that differ: IPv6 outside goes through the kernel. What the kernel cannot serve gets a pty and a reason, with a
# warning where the kernel was asked for; and the other sessions notice nothing.
gw_set server.data-path kernel
gw_set server.hello 1s
gw_set 'peer isp.address' 10.9.0.5
gw_set 'peer isp.sequencing' on
wire_plain_to 10.9.0.5 fd09::16
net_more 16
gw_start_plain
client_l2tp 16 bob hunter2 "$GW6"
client_connected 16
client_l2tp 5 alice secret
client_connected 5
json "bob" "$(session_of bob)" '.peer == "fd09::16" and .data_path == "kernel" and .data_path_reason == "configured"'
json "alice" "$(shown alice)" '.session | .sequencing and .data_path == "pty" and (.data_path_reason | test("sequencing"))'
expect "and a warning" logged 'goes through a pty and not through the kernel: .*sequencing'
start "$DIR/trace.log" ip netns exec gw lnsctl trace bob --data
trace=$!
wait_for 5 "a trace says what it does not see" says "$DIR/trace.log" 'the data of session [0-9-]* pass through the kernel and are not seen'
kill -INT "$trace"
carry "client 16" lan "$LAN" 5016
flow 5 200
flow 16 200
flows_end "IPv6 in the kernel, and one beside it"
json "a HELLO a second does no harm" "$(tunnels)" 'length == 2 and all(.[]; .state == "established")'

gw_set network.search-domain example.net
gw_write
expect "reload" gw lnsctl reload
json "status tells what new sessions get" "$(status)" '.data_path == "pty" and (.data_path_reason | test("search-domain"))'
json "bob stays" "$(session_of bob)" '.data_path == "kernel"'
expect "bob pings" pings 16 "$LAN"
client_hangup 16
client_hangup 5
wait_for 10 "nothing of the clients stays" gw_is_idle
