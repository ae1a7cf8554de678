# shellcheck shell=bash
# The host's own rules use the marks that lnsd would give to clients: it says so at the start, in one line, and not once
# they are gone or other marks are chosen.
said() {
	grep -c 'mark-base' "$DIR/lnsd.log" || true
}

gw_write
ip -n gw rule add fwmark 0x20000000/0xff000000 table 100
lnsd_start
equal "lines about ipsec.mark-base" "$(said)" 1
json "status" "$(status)" '.problems | any(.text + .fix | test("mark"))'
lnsd_stop || true
: >"$DIR/lnsd.log"
gw_set ipsec.mark-base 0x30000000
gw_write
lnsd_start
equal "lines about ipsec.mark-base with other marks" "$(said)" 0
ip -n gw rule del fwmark 0x20000000/0xff000000 table 100
