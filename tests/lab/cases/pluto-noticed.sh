# shellcheck shell=bash
# pluto ends and comes back, with nobody's help: lnsd notices both within seconds, and says so; its connections are there
# again. A rule of the host that uses marks of lnsd's range is named, and doctor has all of it.

says_problem() {
	status | jq -e --arg t "$1" '.problems | any(.text | test($t))'
}

# nobody answers there in the lab
gw_set network.dns none
gw ip rule add fwmark 0x20000001 lookup main priority 4711
gw_start
wait_for 5 "the rule that uses the marks" logged 'marks of 0x20000000 to 0x2000ffff are used.*ip: 4711:'
expect "the rule in the status" says_problem 'ip: 4711:.*fwmark 0x20000001'
doctor=$(gw lnsctl --json doctor) && fail "doctor finds nothing wrong"
json "doctor" "$doctor" 'map(select((.ok | not) and (.text | test("ip: 4711:")))) | length == 2'
pluto_stop
wait_for 10 "the end of pluto is noticed" says_problem 'pluto is not running'
gw ip rule del priority 4711
expect "lnsctl reload" gw lnsctl reload
pluto_start
wait_for 20 "pluto is noticed" gw_loaded
equal "problems" "$(problems)" '[]'
json "doctor finds nothing wrong" "$(gw lnsctl doctor --json || true)" "map(select((.ok | not) and (.text | test(\"no nft\") | not))) == []"
client_up 1 alice secret
expect "client 1 pings behind the gateway" pings 1 "$LAN"
