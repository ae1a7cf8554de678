# shellcheck shell=bash
# What may be wrong with a machine: each time one clear line, an exit status, and nothing half done.
without_user() {
	sed -i '/^lnsd:/d' /etc/passwd
	bad_start 'user.*lnsd'
	cp /tmp/pristine/passwd /etc/passwd
}

without_dev_ppp() {
	rm /dev/ppp
	bad_start '/dev/ppp'
	mknod /dev/ppp c 108 0
}

without_pppd() {
	gw_set ppp.pppd /usr/sbin/no-such-pppd
	gw_write
	bad_start 'no-such-pppd'
	unset 'SETTING[ppp.pppd]'
	gw_write
}

port_taken() {
	start "$DIR/taker.log" ip netns exec gw socat -u UDP4-RECV:1701,bind=0.0.0.0 /dev/null
	local taker=$!
	wait_for 5 "somebody on port 1701" gw bash -c 'ss -lunH "sport = :1701" | grep .'
	bad_start '1701'
	kill "$taker"
	wait "$taker" || true
}

bad_files() {
	bad_start 'none\.conf' -c /etc/lnsd/none.conf
	bad_start '/etc/lnsd[^.]' -c /etc/lnsd
	printf '[network]\npol = 10.0.0.1\n[pp]\n' >/etc/lnsd/bad.conf
	bad_start "bad.conf:2: \[network\].*pol.*did you mean 'pool'" -c /etc/lnsd/bad.conf
	bad_start 'bad.conf:3: ' -c /etc/lnsd/bad.conf
	refuse "lnsd -t accepts it" lnsd -t -c /etc/lnsd/bad.conf
	expect "lnsd -t accepts the good one" lnsd -t -c /etc/lnsd/lnsd.conf
}

# Without libreswan there is nothing that could protect L2TP: lnsd ends, or serves nobody and says so.
without_libreswan() {
	mv /usr/sbin/ipsec /usr/sbin/ipsec.away
	: >"$DIR/said"
	start "$DIR/said" ip netns exec gw timeout $((10 * patience)) lnsd
	local pid=$!
	wait_for 8 "lnsd says that libreswan is not there" says "$DIR/said" '[Ll]ibreswan|ipsec'
	kill -TERM "$pid" 2>/dev/null || true
	wait_for 10 "lnsd ends" not alive "$pid"
	wait "$pid" || true
	mv /usr/sbin/ipsec.away /usr/sbin/ipsec
}

problem_with_pluto() {
	status | jq -e '.problems | any((.text | test("ipsec|libreswan|pluto"; "i")) and (.fix | length) > 0)'
}

# pluto may come later: until then it is a problem with a remedy
without_pluto() {
	lnsd_start
	wait_for 15 "a problem with a remedy" problem_with_pluto
	json "not loaded" "$(status)" '.ipsec.loaded == false'
	pluto_start
	wait_for 15 "the conns in pluto" gw_loaded
	client_up 1 alice secret
	wait_for 15 "the problem is over" status_is ipsec.loaded true
}

gw_write
without_user
without_dev_ppp
without_pppd
port_taken
bad_files
without_libreswan
without_pluto
