# shellcheck shell=bash
# The host's own rules use the marks that lnsd would give to clients: it says so at the start, in one line, and not once
# they are gone or other marks are chosen.
said() {
	grep -c 'mark-base' "$DIR/lnsd.log" || true
}

is_said() {
	(($(said) > 0))
}

# is_ready: what is said at the start has been said
is_ready() {
	logged '^lnsd .* ready'
}

gw_write
ip -n gw rule add fwmark 0x20000000/0xff000000 table 100
lnsd_start
wait_for 5 "it is said" is_said
wait_for 5 "lnsd is ready" is_ready
equal "lines about ipsec.mark-base" "$(said)" 1
json "status" "$(status)" '.problems | any(.text + .fix | test("mark"))'
lnsd_stop || true
: >"$DIR/lnsd.log"
gw_set ipsec.mark-base 0x30000000
gw_write
lnsd_start
wait_for 5 "lnsd is ready" is_ready
equal "lines about ipsec.mark-base with other marks" "$(said)" 0
ip -n gw rule del fwmark 0x20000000/0xff000000 table 100
