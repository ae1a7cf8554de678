# shellcheck shell=bash
# Two clients behind one NAT renew their ESP and IKE SAs while 200 datagrams a second go each way: none is lost, and each
# goes on under its own mark.

# Both directions of both clients are under way by the new SAs before the next step.
renewed() {
	wait_for 6 "alice's rekeying $1" gw_rekeyed alice "$1"
	wait_for 6 "bob's rekeying $1" gw_rekeyed bob "$1"
}

gw_start
clients_up '1 alice secret' '2 bob hunter2'
alice=$(gw_mark_of alice) bob=$(gw_mark_of bob)
flow_on 1 200
flow_on 2 200
client_rekey 1 child
client_rekey 2 child
renewed 1
client_rekey 1 ike
client_rekey 2 ike
client_rekey 2 child
client_rekey 1 child
renewed 2
flows_end "rekeying of two behind one NAT, 200 a second"
equal "marks" "$(gw_mark_of alice) $(gw_mark_of bob)" "$alice $bob"
gw_bound alice bob
