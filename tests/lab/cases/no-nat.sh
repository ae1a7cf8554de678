# shellcheck shell=bash
# A client with an address of its own on the wan: ESP without UDP around it.
gw_start
client_up 5 alice secret
expect "client pings behind the gateway" pings 5 "$LAN"
carry "client 5" lan "$LAN" 5001
s=$(session_of alice)
json "peer" "$s" '.peer == "10.9.0.5" and .peer_port == 1701 and .nat == false and .state == "up"'
read -r in _ < <(gw_sa 10.9.0.5 "$GW")
json "SA" "$s" '.ipsec.protected and .ipsec.spi_in == $in' --arg in "$in"
refuse "ESP is in UDP" gw bash -c 'ip xfrm state | grep encap'
client_close 5
wait_for 5 "nothing of the client stays" gw_is_idle
