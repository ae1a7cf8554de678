# shellcheck shell=bash
# The NAT box forgets its table, and its two clients come out of each other's ports: after the first datagrams nothing is
# lost, and nothing goes to the wrong one.

# ports FIRST SECOND: the NAT box has lost its table, and gives clients 1 and 2 these for their port 4500
ports() {
	nat_rules nat1 "-p udp -s 192.168.1.11 --sport 4500 -j MASQUERADE --to-ports $1" \
		"-p udp -s 192.168.1.12 --sport 4500 -j MASQUERADE --to-ports $2"
	nat_forget nat1
}

nat_ports() {
	gw_inbound | awk -v alice="$alice" -v bob="$bob" '$4 == alice { a = $5 } $4 == bob { b = $5 } END { print a, b }'
}

# What is under way, or comes before the gateway has heard of the new port, may be lost.
first_words() {
	local n
	for n; do client "$n" ping -q -c 5 -i 0.05 -W 1 "$LAN" >/dev/null || true; done
}

ports 40001 40002
gw_start
clients_up '1 alice secret' '2 bob hunter2'
alice=$(gw_mark_of alice) bob=$(gw_mark_of bob)
equal "ports" "$(nat_ports)" "40001 40002"
ports 40002 40001
first_words 1 2
equal "ports" "$(nat_ports)" "40002 40001"
flow 1 100
flow 2 100
flows_end "two clients with swapped NAT ports"
ports 40003 40002
first_words 2 1
flow 1 50
flow 2 50
flows_end "one with a new NAT port, one with the other's old one"
gw_bound alice bob
equal "marks" "$(gw_mark_of alice) $(gw_mark_of bob)" "$alice $bob"
