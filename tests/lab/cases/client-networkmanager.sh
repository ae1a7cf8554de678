# shellcheck shell=bash
# dist: bookworm
# `lnsctl client linux`: NetworkManager itself takes what it writes, as it is, connects through IPsec, and has the routes and
# the name servers. Key and password have what means something in one language or another.
KEY="a key's \$(id) & <b> \\ \`x\` 0s"
USERS=('alice it'\''s "a" $HOME & <b> \n;x')
gw_set network.routes 172.16.0.0/24
gw_start
manager_start 1
file=$(settings 1 linux alice)
equal "mode of the settings" "$(stat -c %a "$file")" 600
json "the same by --json" "$(gw lnsctl client linux alice --secrets --server "$GW" --json 2>/dev/null)" '.content == $text and .secrets' --rawfile text "$file"
profile=/etc/NetworkManager/system-connections/alice.nmconnection
client 1 install -m 600 "$file" "$profile"
expect "NetworkManager loads it" client 1 nmcli connection load "$profile"
equal "its user" "$(client 1 nmcli -g vpn.data connection show "VPN $GW" | grep -o 'user = [a-z]*')" 'user = alice'

wait_for 45 "NetworkManager connects" manager_up 1 "VPN $GW"
wait_for 10 "alice's session" has_session alice
gw_bound alice
json "session" "$(session_of alice)" '.state == "up" and .nat and .ipsec.protected'
expect "it is up" manager_has 1 "VPN $GW"
expect "it reaches what is behind the gateway" pings 1 "$LAN"
expect "only that goes there" client 1 bash -c "ip route get 203.0.113.1 | grep 'dev eth0'"
wait_for 5 "the name servers" client 1 grep 172.16.0.53 /etc/resolv.conf
carry "client 1" lan "$LAN" 5001

expect "it hangs up" client 1 nmcli connection down "VPN $GW"
wait_for 15 "nothing of the client stays" gw_is_idle
expect "logout" logged 'logout user="?alice.*closed_by=client'
refuse "a secret is in a log" grep -rF "key's" "$DIR/lnsd.log"
