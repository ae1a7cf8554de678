# shellcheck shell=bash
# Sourced after host.sh: lnsd, built and installed into a folder as `make install` would into the root, and beside it the
# tools that cases use.

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../..")

stage_lnsd() {
	if [[ $DIST == trixie ]]; then stage_in_root "$1" "$(dist_root)"; else install_into "$1"; fi
	chmod 755 "$1"
}

install_into() {
	say "installing lnsd into a folder"
	make --no-print-directory -C "$top" install build/tools/without build/tools/echoes build/tools/lac "DESTDIR=$1" PREFIX=/usr SYSCONFDIR=/etc >"$1.log" 2>&1 ||
		make_failed "$1.log"
	install -D -t "$1/usr/bin" "$top"/build/tools/{without,echoes,lac}
	rm -f "$1.log"
}

# For the cases that install it themselves
stage_package() {
	say "making the Debian package"
	make --no-print-directory -C "$top" deb >"$1.log" 2>&1 || make_failed "$1.log"
	rm -f "$1.log"
	install -D -m 644 "$top"/build/deb/lnsd_*.deb "$1/usr/src/package.deb"
}

make_failed() {
	tail -n 40 "$1" >&2
	rm -f "$1"
	die "make failed"
}

# The tree as it is, without what was built or ignored: from git where there is one.
sources() {
	if git -C "$top" rev-parse >/dev/null 2>&1; then
		git -C "$top" ls-files -z --cached --others --exclude-standard
	else
		(cd "$top" && find . -type f -not -path './build*' -print0)
	fi
}

# With the compiler and the libraries of another root
stage_in_root() {
	local stage=$1 root=$2 work
	say "building lnsd in $(basename "$root")"
	work=$(mktemp -d -p "$root/usr/src")
	sources | (cd "$top" && while IFS= read -rd '' f; do if [[ -e $f ]]; then printf '%s\0' "$f"; fi; done |
		tar -c --null -T - -f -) | tar -x -C "$work"
	chroot "$root" make --no-print-directory -C "/usr/src/${work##*/}" -j2 install build/tools/without build/tools/echoes DESTDIR="/usr/src/${work##*/}/stage" \
		PREFIX=/usr SYSCONFDIR=/etc >"$stage.log" 2>&1 || { rm -rf "$work"; make_failed "$stage.log"; }
	cp -a "$work/stage/." "$stage/"
	install -D -t "$stage/usr/bin" "$work/build/tools/without" "$work/build/tools/echoes"
	rm -rf "$work" "$stage.log"
}
