# shellcheck shell=bash
# A user gets the address that he had last: when others took one meanwhile, after a reload, and after a restart of lnsd.
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16

# back N USER PASSWORD: dials anew; the address
back() {
	client_dial "$1"
	client_connected "$1"
}

hang_up() {
	client_hangup "$1"
	wait_for 10 "client $1 hung up" client_gone "$1"
	wait_for 5 "the gateway knows" has_no_session "$2"
}

gw_start_plain
client_l2tp 5 alice secret
client_connected 5
alice=$(up_word 5 local)
hang_up 5 alice
client_l2tp 16 bob hunter2
client_connected 16
bob=$(up_word 16 local)
refuse "bob has alice's" test "$alice" = "$bob"
back 5
equal "alice's address, when bob came" "$(up_word 5 local)" "$alice"

hang_up 5 alice
hang_up 16 bob
gw_set network.mtu 1300
gw_write
gw lnsctl reload
back 16
equal "bob's address after a reload" "$(up_word 16 local)" "$bob"
back 5
equal "alice's address after a reload" "$(up_word 5 local)" "$alice"

# who has no session when lnsd ends is remembered as well
hang_up 16 bob
client_kill 16
lnsd_stop
expect "it is kept" grep -E "^[0-9a-f]{16} ${alice//./\\.}$" /var/lib/lnsd/addresses
refuse "a user's name is in the file" grep alice /var/lib/lnsd/addresses
equal "the file's mode" "$(stat -c %a /var/lib/lnsd/addresses)" 600
client_kill 5
lnsd_start
client_l2tp 16 bob hunter2
client_connected 16
equal "bob's address after a restart" "$(up_word 16 local)" "$bob"
client_l2tp 5 alice secret
client_connected 5
equal "alice's address after a restart" "$(up_word 5 local)" "$alice"
expect "alice reaches what is behind the gateway" pings 5 "$LAN"
