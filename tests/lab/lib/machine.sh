# shellcheck shell=bash
# The machine in the lab as a fresh installation of lnsd: nothing of its own IPsec set-up, and the user that lnsd runs as.

machine_furnish() {
	rm -f /etc/ipsec.d/*.conf /etc/ipsec.d/*.secrets
	if [[ -e /usr/lib/sysusers.d/lnsd.conf ]]; then systemd-sysusers /usr/lib/sysusers.d/lnsd.conf >/dev/null 2>&1; fi
	modprobe -aq iptable_nat xt_MASQUERADE nf_conntrack || true
}
