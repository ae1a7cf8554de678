# shellcheck shell=bash
# Sourced by the scripts that run on the machine itself: prepare, boot, run, demo.

export LNSD_LAB_CACHE=${LNSD_LAB_CACHE:-/var/cache/lnsd-lab}
cache=$LNSD_LAB_CACHE

say() {
	printf 'lab: %s\n' "$*"
}

die() {
	printf 'lab: %s\n' "$*" >&2
	exit 1
}

check_choices() {
	case ${KERNEL:=uml} in uml | stock) ;; *) die "KERNEL=$KERNEL: want uml or stock" ;; esac
	case ${DIST:=bookworm} in bookworm | trixie) ;; *) die "DIST=$DIST: want bookworm or trixie" ;; esac
	[[ $(id -u) == 0 ]] || die "the lab mounts and boots: run it as root"
}

# The root that the lab boots over: this machine's own, or the userland that prepare made.
dist_root() {
	if [[ $DIST == trixie ]]; then printf '%s\n' "$cache/trixie"; else echo /; fi
}
