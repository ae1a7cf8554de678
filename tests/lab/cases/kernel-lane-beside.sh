# shellcheck shell=bash
# Two clients behind one NAT, both on UDP 1701, where the kernel may have one of them (before Linux 6.11): the second goes
# through a pty, its data come out of the first one's socket, and each hears its own. The first goes, and the third has
# its place.
gw_set server.data-path auto

gw_start
client_up 1 alice secret
client_up 2 bob hunter2
json "alice" "$(session_of alice)" '.data_path == "kernel"'
json "bob" "$(session_of bob)" '.data_path == "pty" and (.data_path_reason | startswith("another client of the same address and port"))'
flow 1 200
flow 2 200
flows_end "one in the kernel, one beside it"
carry_all 1 2
gw_bound alice bob
client_close 1
wait_for 5 "alice's session goes" has_no_session alice
flow 2 50
flows_end "the other one after it has left"
client_up 1 alice secret
json "alice again" "$(session_of alice)" '.data_path == "kernel"'
flow 1 50
flow 2 50
flows_end "and both again"
