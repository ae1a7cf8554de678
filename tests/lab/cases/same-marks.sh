# shellcheck shell=bash
# A libreswan whose mark=-1 is one constant for all clients, as the status of a wrapped one says: lnsd finds out and uses
# overlapip=yes, and two clients of one address connect. One that has no overlapip either is a standing problem.

# wrap SED_SCRIPT: what `ipsec whack --status` prints is changed by it
wrap() {
	[[ -e /usr/sbin/ipsec.away ]] || mv /usr/sbin/ipsec /usr/sbin/ipsec.away
	cat >/usr/sbin/ipsec <<-X
		#!/bin/bash
		[[ "\$*" == "whack --status" ]] || exec /usr/sbin/ipsec.away "\$@"
		set -o pipefail
		/usr/sbin/ipsec.away "\$@" | sed -E '$1'
	X
	chmod 755 /usr/sbin/ipsec
}

one_mark='s,("lnsd-probe"\[.*mark: )[0-9]+,\14294967295,'
no_overlap='s,(policy: .*)\+OVERLAPIP,\1,'

conf_has() {
	grep -q -- "$1" /etc/ipsec.d/lnsd.conf
}

problem_stands() {
	status | jq -e '.problems | any(.text | test("only one client behind each NAT"))'
}

# gw_start, with the time that a second round takes
start_and_try() {
	gw_write
	lnsd_start
	wait_for 10 "lnsd's files for pluto" gw_written
	pluto_start
	wait_for 45 "lnsd's connections in pluto" gw_loaded
}

wrap "$one_mark"
start_and_try
wait_for 20 "overlapip in lnsd's file" conf_has 'overlapip=yes'
refuse "mark=-1 is still there" conf_has 'mark=-1'
equal "problems" "$(problems)" '[]'
refuse "a conn for the trial is left" eval 'gw ipsec.away whack --status | grep lnsd-probe'
client_up 1 alice secret
client_up 2 bob hunter2
expect "client 1 pings behind the gateway" pings 1 "$LAN"
expect "client 2 pings behind the gateway" pings 2 "$LAN"
lnsd_stop || true
pluto_stop
wrap "$one_mark; $no_overlap"
start_and_try
wait_for 20 "the problem in the status" problem_stands
expect "the problem in the log" logged 'only one client behind each NAT can connect'
refuse "overlapip is still there" conf_has 'overlapip'
