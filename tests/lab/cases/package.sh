# shellcheck shell=bash
# first process: systemd
# dist: bookworm
# brings: package
# The Debian package on a machine that never had lnsd: installed it serves, a higher version keeps the administrator's files
# and sessions come back, purged it has left nothing.

package=/usr/src/package.deb higher=$DIR/higher.deb
export DEBIAN_FRONTEND=noninteractive

# what `make install` put there for the other cases, and what they made of it
of_install() {
	(shopt -s nullglob && printf '%s\n' /usr/{bin,sbin,lib,share,share/doc}/{lnsd,lnsctl}* /usr/share/man/man?/{lnsd,lnsctl}* \
		/usr/lib/{systemd/system,sysusers.d,tmpfiles.d}/lnsd* /usr/share/{bash-completion/completions,zsh/vendor-completions}/*lnsctl* \
		/etc/{,ipsec.d/,systemd/system/,systemd/system/*.wants/}lnsd*)
}

# shellcheck disable=SC2317 # called by the trap
put_back() {
	tar -C / -xf "$DIR/installed.tar"
	systemctl daemon-reload
}

# What scripts of a package can have left; its own files are looked for one by one
state() {
	find /etc /var/lib -xdev \( -path /var/lib/dpkg -o -path '/etc/*-' -o -path /etc/.pwd.lock \) -prune -o -print | sort
	md5sum /etc/passwd /etc/group /etc/shadow /etc/gshadow
}

is_left() {
	[[ -e $1 && ! -d $1 ]] || [[ $1 == *lnsd*/ && -d $1 ]]
}

mine() {
	md5sum /etc/lnsd/lnsd.conf /etc/lnsd/users /etc/lnsd/psk
}

version_is() {
	[[ $(dpkg-query -W -f '${Status} ${Version}' lnsd) == "install ok installed $1" ]]
}

of_install | tar -C / -cf "$DIR/installed.tar" -T - 2>/dev/null
trap put_back EXIT
of_install | xargs rm -rf
userdel lnsd
# containers' images forbid packages to start anything
rm -f /usr/sbin/policy-rc.d
gw_unit lnsd
gw_unit ipsec
systemctl daemon-reload
expect "systemctl start ipsec" systemctl start ipsec
state >"$DIR/before"
dpkg-deb -c "$package" | awk '{ sub(/^\./, "", $6); print $6 }' >"$DIR/contents"

# without the index of manuals, which is others' and slow
dpkg --no-triggers -i "$package"
equal "state of the unit" "$(systemctl is-active lnsd) $(systemctl is-enabled lnsd)" "active enabled"
equal "mode of the users' file" "$(stat -c %a /etc/lnsd/users)" 600
expect "lnsd answers" lnsd_answers
gw_write
systemctl restart lnsd
wait_for 20 "the conns of lnsd in pluto" gw_loaded
client_set 1 persistent yes
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
mine >"$DIR/mine"

version=$(dpkg-query -W -f '${Version}' lnsd)
dpkg-deb -R "$package" "$DIR/package"
sed -i 's/^Version: .*/&+1/' "$DIR/package/DEBIAN/control"
dpkg-deb -b "$DIR/package" "$higher" >/dev/null
main=$(systemctl show -P MainPID lnsd)
dpkg --no-triggers -i "$higher" </dev/null
expect "the higher version is installed" version_is "$version+1"
expect "the administrator's files are as they were" diff <(mine) "$DIR/mine"
refuse "the daemon of before runs on" test "$main" == "$(systemctl show -P MainPID lnsd)"
wait_for 5 "client is told" says "$DIR/c1/xl2tpd.log" "server is shutting down"
wait_for 60 "the client is back" has_session alice
wait_for 10 "client pings again" pings 1 "$LAN"
client_kill 1

dpkg --no-triggers --purge lnsd
refuse "the daemon runs on" pgrep -x lnsd
refuse "a pppd stays" gw_has_pppd
refuse "a policy stays" gw_guard
state >"$DIR/after"
while read -r name; do refuse "purged, it has left $name" is_left "$name"; done <"$DIR/contents"
refuse "purged, it has left /run/lnsd" test -e /run/lnsd
diff "$DIR/before" "$DIR/after" || fail "purged, it has left: $(diff "$DIR/before" "$DIR/after" | grep '^[<>]' | head -n 5 | paste -sd ' ')"
systemctl stop ipsec
