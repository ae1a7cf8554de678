# shellcheck shell=bash
# strongSwan in place of libreswan, by an administrator who wrote its configuration and lets it set the marks: two clients
# behind one NAT.
charon_start() {
	charon_conf >"$DIR/strongswan.conf"
	cat >"$DIR/swanctl.conf" <<-X
		connections {
			l2tp {
				version = 1
				local_addrs = $GW
				proposals = aes256-sha256-modp2048
				unique = never
				local {
					auth = psk
				}
				remote {
					auth = psk
				}
				children {
					l2tp {
						mode = transport
						esp_proposals = aes256gcm16
						local_ts = dynamic[udp/1701]
						remote_ts = dynamic[udp]
						mark_in = %unique
						mark_out = %unique
						set_mark_in = %same
					}
				}
			}
		}
		secrets {
			ike {
				secret = "$KEY"
			}
		}
	X
	export STRONGSWAN_CONF=$DIR/strongswan.conf
	start "$DIR/pluto.log" ip netns exec gw /usr/lib/ipsec/charon
	wait_for 15 "charon" test -S /run/charon.vici
	expect "charon's configuration" gw swanctl --load-all --file "$DIR/swanctl.conf"
	unset STRONGSWAN_CONF
}

gw_set ipsec.manage no
gw_set ipsec.marks ike
gw_write
charon_start
lnsd_start
clients_up '1 alice secret' '2 bob hunter2'
flow 1 100
flow 2 100
flows_end "strongSwan on the gateway"
refuse "lnsd sets marks, too" gw bash -c 'ip xfrm state | grep "output-mark 0x2000"'
json "sessions" "$(sessions)" 'length == 2 and all(.ipsec.protected) and ([.[].ipsec.mark] | unique | length) == 2'
flow_on 1
flow_on 2
client_rekey 1 child
client_rekey 2 child
poll 1 false || true
# charon takes the new SA for what leaves as soon as it has it, which is before the client does: for as long as that takes, on a
# busy machine some tenths of a second, what the gateway sends is lost; afterwards nothing is
flows_end "strongSwan on the gateway, rekeying" 40
flow 1 50
flow 2 50
flows_end "strongSwan on the gateway, afterwards"
