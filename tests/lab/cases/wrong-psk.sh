# shellcheck shell=bash
# A client with another pre-shared key gets no SA, and lnsd never hears of it. With the right one it then connects.
gw_start
refuse "an SA in spite of the wrong key" client_ipsec_wrong 1 'not the key'
expect "lnsd has heard of it" gw_is_idle
refuse "an SA in the kernel" gw bash -c 'ip xfrm state | grep "dst 10.9.0.1" >/dev/null'
client_kill 1
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
