# shellcheck shell=bash
# What a gateway of xl2tpd, pppd and libreswan had, taken over: its client comes in by the old key, name and password, and
# gets its old address and name servers.
old=$DIR/old

old_stack() {
	mkdir -p "$old"/etc/{xl2tpd,ppp,ipsec.d}
	printf '%s\n' '[global]' 'port = 1701' '[lns default]' 'ip range = 192.168.42.10-192.168.42.250' \
		'local ip = 192.168.42.1' 'require chap = yes' 'name = l2tpd' \
		'pppoptfile = /etc/ppp/options.xl2tpd' >"$old/etc/xl2tpd/xl2tpd.conf"
	printf '%s\n' '+mschap-v2' noccp auth 'mtu 1280' 'mru 1280' proxyarp 'ms-dns 172.16.0.53' \
		'ms-dns 172.16.0.54' >"$old/etc/ppp/options.xl2tpd"
	printf '%s\n' '"alice" l2tpd "an old \"word\"" 192.168.42.77' '"carol" pptpd "x" *' >"$old/etc/ppp/chap-secrets"
	echo "include /etc/ipsec.d/*.secrets" >"$old/etc/ipsec.secrets"
	echo '%any %any : PSK "the key of old"' >"$old/etc/ipsec.d/l2tp.secrets"
	printf '%s\n' 'config setup' '  uniqueids=no' 'conn l2tp-psk' '  leftprotoport=17/1701' >"$old/etc/ipsec.conf"
}

# import [OPTION...]: its document
import() {
	gw lnsctl --json import hwdsl2 "$old" "$@"
}

all_files() {
	find /etc/lnsd -type f -exec sha256sum {} + | sort
}

old_stack
before=$(all_files)
json "a dry run" "$(import --dry-run)" '.dry_run and (.changed | length) == 3'
equal "files after it" "$(all_files)" "$before"
document=$(import)
json "what was taken" "$document" '[.taken[].what] | contains(["network.pool", "network.gateway", "network.dns",
	"network.mtu", "the pre-shared key", "user alice"])'
json "what was not" "$document" '[.left[].what] | contains(["user carol", "proxyarp", "conn l2tp-psk"])'
json "a second time" "$(import)" '.changed == [] and (.taken | length) == 0'

lnsd_start
wait_for 20 "lnsd's files for pluto" gw_written
pluto_start
wait_for 15 "lnsd's connections in pluto" gw_loaded
KEY='the key of old'
client_protected 5
# pppd's own file of options takes the quotes away
client_l2tp 5 alice 'an old \"word\"'
client_connected 5
equal "the client's address" "$(up_word 5 local)" 192.168.42.77
equal "the gateway's" "$(up_word 5 remote)" 192.168.42.1
equal "its name server" "$(up_word 5 dns1)" 172.16.0.53
expect "client pings the gateway" pings 5 192.168.42.1
client_close 5
