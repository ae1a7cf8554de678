# shellcheck shell=bash
# A proposal that libreswan does not know would stop pluto: nothing is written, the old configuration stays in force.
gw_start
before=$(cat /etc/ipsec.d/lnsd.conf)
gw_set ipsec.ike 'aes256-sha2;dh14,nonsense'
gw_write
refuse "lnsctl check accepts it" gw lnsctl check
refuse "lnsctl reload accepts it" gw lnsctl reload
equal "/etc/ipsec.d/lnsd.conf" "$(cat /etc/ipsec.d/lnsd.conf)" "$before"
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
expect "pluto's own check" gw ipsec addconn --config /etc/ipsec.conf --checkconfig
