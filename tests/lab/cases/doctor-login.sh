# shellcheck shell=bash
# What becomes of those who got through IPsec, as `lnsctl doctor --client` names it: refused logins by their causes, and
# those that went well.

# calls USER PASSWORD: client 5, from the start
calls() {
	client_kill 5
	client_protected 5
	client_l2tp 5 "$1" "$2"
}

gw_set ipsec.log-file "$DIR/pluto.log"
gw_set auth.ban-after 20
gw_set auth.max-sessions-per-user 1
gw_user bob expires 2020-01-01
USERS+=('dave let1me')
gw_user dave disabled yes
gw_start

calls alice dragon77
diagnosed 10.9.0.5 wrong-password 'lnsctl user passwd alice'
calls 'mallory; reboot' secret
diagnosed 10.9.0.5 unknown-user 'lnsctl user add NAME$'
calls bob hunter2
diagnosed 10.9.0.5 expired 'lnsctl user set bob expires'
calls dave let1me
diagnosed 10.9.0.5 disabled 'lnsctl user enable dave'

client_up 3 carol s3same
diagnosed 10.9.0.3 connected 'carol'
calls carol s3same
diagnosed 10.9.0.5 limit 'lnsctl disconnect carol'
client_close 3

calls alice secret
client_connected 5
diagnosed 10.9.0.5 connected 'alice'
client_close 5
diagnosed 10.9.0.5 ended 'alice was connected, until'
