# shellcheck shell=bash
# first process: systemd
# The unit that `make install` put there, under systemd: readiness, journal, reload, stop, the sandbox and what has to
# work in it: a client of the file and one of a RADIUS server, history and bans over a restart; a keeper that hangs.

journal_says() {
	journalctl -u lnsd -o cat | grep -E -- "$1" >/dev/null
}

# exposure: in tenths
exposure() {
	systemd-analyze security lnsd --no-pager 2>/dev/null | sed -n 's/.*exposure level for lnsd.service: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}

in_history() {
	gw lnsctl history --json | jq -e --arg user "$1" 'any(.user == $user)'
}

banned_is() {
	[[ $(gw lnsctl bans list --json | jq -r 'map(.address) | join(" ")') == "$1" ]]
}

restarts_are() {
	[[ $(systemctl show -P NRestarts lnsd) == "$1" ]]
}

# memory PIDS: in kB, what is shared counted in parts
memory() {
	local pid
	for pid in $1; do cat "/proc/$pid/smaps_rollup"; done | awk '/^Pss:/ { n += $2 } END { print n + 0 }'
}

# what the kernel's L2TP takes must be allowed, too
gw_set server.data-path auto
gw_radius 1
radius_users 'rita Cleartext-Password := "r1ta-pass"'
radius_start 1
gw_write
gw_unit lnsd
gw_unit ipsec
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
json "alice goes by the kernel" "$(session_of alice)" '.data_path == "kernel"'
expect "client pings behind the gateway" pings 1 "$LAN"
note "memory with one session, in kB: keeper $(memory "$main"), worker and RADIUS process $(memory "$(gw_worker)"), pppd $(memory "$(gw_pppds)")"
expect "login in the journal" journal_says 'login user="?alice'
equal "its fields" "$(journalctl LNSD_EVENT=login LNSD_USER=alice -o json | jq -r '"\(.LNSD_ADDRESS) \(.SYSLOG_IDENTIFIER) \(._SYSTEMD_UNIT) \(.PRIORITY)"')" \
	"$(field "$(sessions)" '.[0].address') lnsd lnsd.service 5"
expect "systemctl reload lnsd" systemctl reload lnsd
expect "client pings on" pings 1 "$LAN"
client_up 5 rita r1ta-pass
expect "RADIUS user pings behind the gateway" pings 5 "$LAN"
client_close 5
wait_for 10 "history has her" in_history rita
expect "a ban by hand" gw lnsctl bans add 192.0.2.9
between "exposure, in tenths" "$(exposure)" 1 30
note "exposure of lnsd.service: $(exposure) tenths"
expect "systemctl stop lnsd" systemctl stop lnsd
wait_for 2 "client is told" says "$DIR/c1/xl2tpd.log" "server is shutting down"
wait_for 10 "client hangs up" client_gone 1
equal "state of the unit" "$(systemctl is-active lnsd)" inactive
equal "result of the unit" "$(systemctl show -p Result --value lnsd)" success
refuse "a pppd stays" gw_has_pppd
refuse "a policy stays" gw_guard
printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/lnsd.service.d/watchdog.conf
systemctl daemon-reload
expect "systemctl start lnsd, once more" systemctl start lnsd
expect "the ban is still there" banned_is 192.0.2.9
kill -STOP "$(systemctl show -P MainPID lnsd)"
wait_for 20 "a keeper that hangs is ended" journal_says 'Watchdog timeout'
wait_for 20 "and started anew" restarts_are 1
wait_for 20 "it serves" lnsd_answers
systemctl stop lnsd
systemctl stop ipsec
