# shellcheck shell=bash
# Users that only a RADIUS server knows, a real FreeRADIUS: by each method, with what its attributes give; refused ones, in the
# server's own words; users of the file beside them.
gw_radius 1
filter=''
if has_nft; then filter="Filter-Id = \"$LAN\","; else note 'no nf_tables: without Filter-Id'; fi
radius_users 'rita Cleartext-Password := "r1ta-pass"' \
	'	Framed-IP-Address = 10.99.0.77, Framed-Route = "192.168.77.0/24 0.0.0.0 1",' \
	"	$filter Session-Timeout = 3600, WISPr-Bandwidth-Max-Down = 20000000" \
	'sam Cleartext-Password := "s4m-pass"' \
	'	Filter-Id = "no-such-filter"' \
	'tom Cleartext-Password := "t0m-pass"' \
	'	Framed-IP-Address = 255.255.255.254, Framed-IP-Netmask = 255.255.255.0, Reply-Message = "hello"'
radius_start 1
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain

# hang_up N USER
hang_up() {
	client_hangup "$1"
	wait_for 10 "$2 hangs up" has_no_session "$2"
	wait_for 10 "client $1 is gone" client_gone "$1"
	client_kill "$1"
	rm -f "$DIR/c$1"/{up,pppd.log,xl2tpd.log}
}

client_l2tp 5 rita r1ta-pass
client_connected 5
json "session" "$(session_of rita)" '.state == "up" and .address == "10.99.0.77"'
expect "what is behind the gateway is reached" pings 5 "$LAN"
expect "the route is there" grep -q 192.168.77.0/24 <(gw ip route)
wait_for 10 "servers" status_has '.radius.servers | length == 1 and .[0].state == "up" and .[0].requests >= 2'
expect "the status shows it to people" grep -qE '^radius: +172.16.0.11:1812 up' <(gw lnsctl status)
client_l2tp 16 alice secret
client_connected 16
hang_up 16 alice
hang_up 5 rita
expect "the route is gone" not grep -q 192.168.77.0/24 <(gw ip route)

for method in chap pap; do
	gw_set auth.methods $method
	gw_write
	gw lnsctl reload
	client_l2tp 5 tom t0m-pass
	client_connected 5
	json "address from the pool" "$(session_of tom)" '.address != "10.99.0.77"'
	hang_up 5 tom
done
note "$(grep -h 'Login OK' "$DIR/radius1/radius.log")"
equal "logins that the server accepted" "$(grep -c 'Login OK: \[tom' "$DIR/radius1/radius.log")" 2

gw_set auth.methods mschapv2
gw_write
gw lnsctl reload
client_l2tp 5 rita dragon77
wait_for 10 "the client is told" says "$DIR/c5/pppd.log" 'E=691'
wait_for 10 "refused" logged 'refused user="?rita"?.*cause=radius-reject'
wait_for 10 "the session goes" gw_serves_nobody
client_kill 5
rm -f "$DIR/c5"/{up,pppd.log}
client_l2tp 5 sam s4m-pass
wait_for 10 "a filter that is none refuses" logged "refused user=\"sam\".*cause=radius-reject.*Filter-Id"
refuse "client 5 has an address" client_has_address 5
wait_for 10 "the session goes" gw_serves_nobody
client_kill 5
refuse "a secret or password is in the log" logged 'secret of the lab|dragon77|t0m-pass|r1ta-pass'

# a worker, a keeper and a process for RADIUS, which is nobody special
equal "processes of user lnsd" "$(for pid in $(ip netns pids gw); do
	[[ $(stat -c %U "/proc/$pid") == lnsd ]] && cat "/proc/$pid/comm"; done | sort | tr '\n' ' ')" 'lnsd: radius lnsd: worker '
