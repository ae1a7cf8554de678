# shellcheck shell=bash
# The same over IPv6: IKE, ESP and L2TP to the gateway's IPv6 address, IPv4 inside; two clients, and a rekeying.
net_more 16
gw_start
client_up 5 alice secret "$GW6"
client_up 16 bob hunter2 "$GW6"
flow_on 5
flow_on 16
client_rekey 5 child
wait_for 6 "alice's rekeying" gw_rekeyed alice 1
flows_end "two clients over IPv6, rekeying"
carry "client 5" lan "$LAN" 5001
gw_bound alice bob
s=$(session_of bob)
json "peer" "$s" '.peer == "fd09::16" and .peer_port == 1701 and .nat == false and .state == "up"'
read -r in _ < <(gw_sa fd09::16 "$GW6")
json "SA" "$s" '.ipsec.protected and .ipsec.spi_in == $in' --arg in "$in"
client_hangup 5
client_hangup 16
wait_for 5 "nothing of the clients stays" gw_is_idle
