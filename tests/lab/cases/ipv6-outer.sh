# shellcheck shell=bash
# The same over IPv6: IKE, ESP and L2TP to the gateway's IPv6 address, IPv4 inside.
gw_start
client_up 5 alice secret "$GW6"
expect "client pings behind the gateway" pings 5 "$LAN"
carry "client 5" lan "$LAN" 5001
s=$(session_of alice)
json "peer" "$s" '.peer == "fd09::5" and .peer_port == 1701 and .nat == false and .state == "up"'
read -r in _ < <(gw_sa fd09::5 "$GW6")
json "SA" "$s" '.ipsec.protected and .ipsec.spi_in == $in' --arg in "$in"
client_close 5
wait_for 5 "nothing of the client stays" gw_is_idle
