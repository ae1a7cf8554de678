# shellcheck shell=bash
# A kernel that does not tell the mark of a datagram (before 5.19): two clients behind one NAT all the same.
LNSD_UNDER=(without rcvmark)
gw_start
clients_up '1 alice secret' '2 bob hunter2'
flow 1 100
flow 2 100
flows_end "without SO_RCVMARK, two clients behind one NAT"
gw_bound alice bob
flow_on 1
flow_on 2
client_rekey 1 child
wait_for 6 "alice's rekeying" gw_rekeyed alice 1
flows_end "without SO_RCVMARK, rekeying"
client_close 1
client_up 1 alice secret
flow 2 50
flows_end "without SO_RCVMARK, one has come back"
gw_bound alice bob
