# shellcheck shell=bash
# ipsec.ikev2: a client that speaks IKEv2 beside one that speaks IKEv1, behind one NAT.
gw_set ipsec.ikev2 yes
gw_start
client_set 2 version 2
clients_up '1 alice secret' '2 bob hunter2'
flow_on 1
flow_on 2
# libreswan 5 refuses the rekeying of a child in transport mode
if [[ $(field "$(status)" .ipsec.version) == 4.* ]]; then
	client_rekey 2 child
	wait_for 6 "the rekeying by IKEv2" gw_rekeyed bob 1
fi
client_rekey 2 ike
client_rekey 1 child
wait_for 6 "the rekeying by IKEv1" gw_rekeyed alice 1
flows_end "IKEv1 and IKEv2 behind one NAT, rekeying"
gw_bound alice bob
expect "IKEv2 was spoken" says "$DIR/c2/swanctl.log" 'IKE_AUTH'
client_close 2
wait_for 5 "bob's session goes" has_no_session bob
expect "client 1 pings on" pings 1 "$LAN"
