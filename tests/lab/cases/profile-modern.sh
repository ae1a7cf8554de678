# shellcheck shell=bash
# Profile modern: SHA2 and GCM connect, the SHA1 of older clients does not.
gw_set ipsec.profile modern
gw_start
json "status" "$(status)" '.ipsec.profile == "modern"'
refuse "an SA with SHA1" client_ipsec 3 "$KEY" "$GW" aes256-sha1-modp2048 aes256-sha1
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
json "cipher" "$(session_of alice)" '.ipsec.cipher | test("gcm"; "i")'
