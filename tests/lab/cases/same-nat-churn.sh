# shellcheck shell=bash
# Behind one NAT one client stays while another reconnects, one crashes and comes back, and one sleeps past its SA. The one
# that stays loses nothing, and of the others no session is left over.
reconnects() {
	client_close 2
	wait_for 5 "bob's session goes" has_no_session bob
	client_up 2 bob hunter2
	expect "client 2 pings" pings 2 "$LAN"
}

# Its old SAs, and its old tunnel, are still there when it comes back.
crashes() {
	local was
	was=$(field "$(session_of carol)" .id)
	client_kill 6
	client_up 6 carol s3same
	json "carol's session" "$(sessions)" 'map(select(.user == "carol")) | length == 1 and .[0].id != $was' --arg was "$was"
	expect "the log says why" logged 'logout user="?carol"?.*cause=replaced'
	expect "client 6 pings" pings 6 "$LAN"
}

# state_of SPI: libreswan's number for the pair of SAs that comes in by SPI
state_of() {
	gw ipsec whack --showstates | sed -n "s/^\(000 \)\?#\([0-9]*\):.* esp\.0*$(printf %x "$1")@.*/\2/p" | head -n 1
}

has_sa() {
	gw_inbound | grep " $1 " >/dev/null
}

# The gateway gives its SAs up, as when they expire or dead peer detection ends.
sleeps() {
	local spi
	spi=$(field "$(session_of bob)" .ipsec.spi_in)
	client_sleep 2
	gw ipsec whack --deletestate "$(state_of "$spi")"
	wait_for 1 "bob's SAs go" not has_sa "$spi"
	wait_for 15 "bob's session goes" has_no_session bob
	expect "the log says why" logged 'logout user="?bob"?.*cause=ipsec-gone'
	client_wake 2
	client_kill 2
	client_up 2 bob hunter2
	expect "client 2 pings" pings 2 "$LAN"
}

net_more 6
gw_start
clients_up '1 alice secret' '2 bob hunter2' '6 carol s3same'
flow_on 1
reconnects
crashes
sleeps
flows_end "one stays while three come and go"
json "sessions" "$(sessions)" '[.[].user] | sort == ["alice", "bob", "carol"]'
gw_bound alice bob carol
