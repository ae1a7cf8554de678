# shellcheck shell=bash
# A client whose tunnel is over needs its SAs no more (RFC 3193 §3.1): they are deleted in IKE, so that it is told, and
# those of its neighbour stay. It comes back by new ones.
sas_under() {
	gw_inbound | grep " $1 " >/dev/null
}

has_no_esp() {
	[[ -z $(ip -n "c$1" xfrm state) ]]
}

gw_start
clients_up '1 alice secret' '2 bob hunter2'
alice=$(gw_mark_of alice) bob=$(gw_mark_of bob)
client_hangup 1
wait_for 5 "alice's session goes" has_no_session alice
flow 2 100
wait_for 12 "her SAs go" not sas_under "$alice"
wait_for 2 "the client is told, and has none either" has_no_esp 1
flows_end "the neighbour of a tunnel that ends"
expect "bob's SAs stay" sas_under "$bob"
wait_for 10 "client 1 hung up" client_gone 1
client_protected 1
client_dial 1
client_connected 1
expect "client 1 pings" pings 1 "$LAN"
gw_bound alice bob
