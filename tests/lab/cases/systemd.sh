# shellcheck shell=bash
# first process: systemd
# The unit that `make install` put there, under systemd: readiness, journal, reload, stop; a client connects meanwhile.

# Both services live in the gateway's network.
in_the_gateway() {
	mkdir -p "/etc/systemd/system/$1.service.d"
	printf '[Service]\nNetworkNamespacePath=/run/netns/gw\n' >"/etc/systemd/system/$1.service.d/lab.conf"
}

journal_says() {
	journalctl -u lnsd -o cat | grep -E -- "$1" >/dev/null
}

gw_write
in_the_gateway lnsd
in_the_gateway ipsec
systemctl daemon-reload
expect "systemctl start ipsec" systemctl start ipsec
expect "systemctl start lnsd" systemctl start lnsd
equal "state of the unit" "$(systemctl is-active lnsd)" active
# Type=notify: whoever was told "started" finds it answering
expect "lnsd answers when systemctl returns" gw lnsctl status
wait_for 10 "the conns of lnsd in pluto" gw_loaded
main=$(systemctl show -P MainPID lnsd)
equal "class of the keeper" "$(ps -o cls= -p "$main" | xargs)" RR
equal "class of what it starts" "$(ps -o cls= --ppid "$main" | sort -u | xargs)" TS
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
expect "login in the journal" journal_says 'login user="?alice'
equal "its fields" "$(journalctl LNSD_EVENT=login LNSD_USER=alice -o json | jq -r '"\(.LNSD_ADDRESS) \(.SYSLOG_IDENTIFIER) \(._SYSTEMD_UNIT) \(.PRIORITY)"')" \
	"$(field "$(sessions)" '.[0].address') lnsd lnsd.service 5"
expect "systemctl reload lnsd" systemctl reload lnsd
expect "client pings on" pings 1 "$LAN"
note "$(systemd-analyze security lnsd --no-pager 2>&1 | tail -n 1)"
expect "systemctl stop lnsd" systemctl stop lnsd
wait_for 2 "client is told" says "$DIR/c1/xl2tpd.log" "server is shutting down"
wait_for 10 "client hangs up" client_gone 1
equal "state of the unit" "$(systemctl is-active lnsd)" inactive
equal "result of the unit" "$(systemctl show -p Result --value lnsd)" success
refuse "a pppd stays" gw_has_pppd
refuse "a policy stays" gw_guard
systemctl stop ipsec
