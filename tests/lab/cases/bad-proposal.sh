# shellcheck shell=bash
# A proposal that libreswan does not know would stop pluto: nothing is written, the old configuration stays in force. The
# profile for old clients is refused, too, where libreswan was built without what they need.
gw_start
before=$(cat /etc/ipsec.d/lnsd.conf)
gw_set ipsec.ike 'aes256-sha2;dh14,nonsense'
gw_write
refuse "lnsctl check accepts it" gw lnsctl check
refuse "lnsctl reload accepts it" gw lnsctl reload
equal "/etc/ipsec.d/lnsd.conf" "$(cat /etc/ipsec.d/lnsd.conf)" "$before"
unset 'SETTING[ipsec.ike]'
gw_set ipsec.profile legacy
gw_write
if gw ipsec algparse -v1 'ike=aes256-sha1;modp1024'; then
	expect "lnsctl check accepts the profile" gw lnsctl check
else
	refuse "lnsctl check accepts a profile that libreswan cannot do" gw lnsctl check
	refuse "lnsctl reload accepts it" gw lnsctl reload
	expect "the log has the reason" logged "profile: 'legacy'.*modp1024.*not supported"
	equal "/etc/ipsec.d/lnsd.conf" "$(cat /etc/ipsec.d/lnsd.conf)" "$before"
fi
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
expect "pluto's own check" gw ipsec addconn --config /etc/ipsec.conf --checkconfig
