# shellcheck shell=bash
# Two homes behind their provider's NAT, each with a NAT of its own, and in each a client with the same address: the same
# peer, port and IKE identity. Each hears its own, through rekeyings too.
net_more 14 15
gw_start
clients_up '14 alice secret' '15 bob hunter2'
flow 14 100
flow 15 100
flows_end "equal inner addresses behind one NAT"
carry_all 14 15
gw_bound alice bob
flow_on 14
flow_on 15
client_rekey 14 child
wait_for 6 "alice's rekeying" gw_rekeyed alice 1
client_rekey 15 ike
client_rekey 15 child
wait_for 6 "bob's rekeying" gw_rekeyed bob 1
flows_end "equal inner addresses behind one NAT, rekeying"
gw_bound alice bob
