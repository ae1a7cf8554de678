# shellcheck shell=bash
# A new pre-shared key and `lnsctl reload`: live sessions stay, the old key is refused, the new one works.
gw_start
client_up 1 alice secret
id=$(field "$(session_of alice)" .id)
old=$KEY KEY='another secret, for next month'
gw_write
expect "lnsctl reload" gw lnsctl reload
expect "client 1 pings on" pings 1 "$LAN"
equal "alice's session" "$(field "$(session_of alice)" .id)" "$id"
refuse "an SA with the old key" client_ipsec_wrong 3 "$old"
client_kill 3
client_up 3 bob hunter2
expect "client 3 pings behind the gateway" pings 3 "$LAN"
expect "client 1 pings on" pings 1 "$LAN"
