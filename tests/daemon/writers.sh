# shellcheck shell=bash
# The verbs of lnsctl that write, by their rows in tests/daemon/verbs: on a disk that is full from the start or gets full at
# any step, and ended by a signal at any step. Files are then as they were before, or as the whole command leaves them; what
# is never there is a half.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh and verbs.sh

AT_STEP=()
# What can be seen of a verb's work: names that come and go, and programs that it starts. At these steps strace comes in.
WRITER_STEPS=mkdir,link,rename,unlink,fsync,vfork,clone,clone3

# ---- a folder that has everything

# The stack that import takes over
old_stack() {
	mkdir -p "$1/etc/xl2tpd" "$1/etc/ppp"
	printf '[lns default]\nip range = 192.168.42.10-192.168.42.250\nlocal ip = 192.168.42.1\n' >"$1/etc/xl2tpd/xl2tpd.conf"
	printf '[lns default]\npppoptfile = /etc/ppp/options.xl2tpd\n' >>"$1/etc/xl2tpd/xl2tpd.conf"
	printf '+mschap-v2\nms-dns 8.8.8.8\n' >"$1/etc/ppp/options.xl2tpd"
	printf 'alice l2tpd secret *\nbob l2tpd hunter2 192.168.42.77\n' >"$1/etc/ppp/chap-secrets"
	printf '%%any %%any : PSK "a key of the old server"\n' >"$1/etc/ipsec.secrets"
}

# libreswan's folder is HERE/nss; of pluto nothing is wanted.
stand_in_ipsec() {
	mkdir -p "$DIR/bin"
	# shellcheck disable=SC2016 # for the script that is written
	printf '#!/bin/sh\n[ "$1" != addconn ] || echo "export nssdir='\''%s'\''"\n' "$HERE/nss" >"$DIR/bin/ipsec"
	chmod 755 "$DIR/bin/ipsec"
	PATH=$DIR/bin:$BIN:$PATH
}

# A CA with a server and a client; keys are dear: they are made once for all cases.
furnish_certificates() {
	if [[ ! -d $TOP/certificates ]]; then
		mkdir "$TOP/certificates" "$HERE/nss"
		certutil -N --empty-password -d "sql:$HERE/nss"
		ctl cert ca lab-ca --bits 2048 --folder "$HERE/ca" >/dev/null
		ctl cert server gw --bits 2048 --folder "$HERE/ca" >/dev/null
		ctl cert client phone --bits 2048 --folder "$HERE/ca" --output "$HERE/phone.p12" >/dev/null
		mv "$HERE/ca" "$HERE/nss" "$HERE"/phone* "$TOP/certificates/"
	fi
	cp -a "$TOP"/certificates/* "$HERE/"
}

# $HERE, anew: a configuration, users, a key, what import reads, certificates, and files that are written over
furnish() {
	rm -rf "$HERE"
	mkdir -p "$HERE"/{setup,xl2tpd,hwdsl2}
	stand_in_ipsec
	cp -a "$DIR/lnsd.conf" "$DIR/users" "$HERE/"
	sed -i "s|$DIR/users|$HERE/users|; s|^\[ipsec\]|&\npsk-file = $HERE/psk|" "$HERE/lnsd.conf"
	printf '[other]\npassword = plain:other\n' >>"$HERE/users"
	echo 'a key that nobody guesses' >"$HERE/psk"
	chmod 600 "$HERE/psk"
	old_stack "$HERE/old"
	echo 'what was there' | tee "$HERE/there.mobileconfig" >"$HERE/there.pcapng"
	furnish_certificates
}

# ---- what is whole

state_of() {
	{
		find "$1" -type f -exec sha256sum {} +
		find "$1" -type d -printf 'd %p\n'
	} | sort
}

# The names and sizes of files that say always the same amount, but those that a killed one left beside their places
sizes_of() {
	find "$1" -type f ! -path '*/ca*/*' ! -path '*/nss/*' ! -name '*.p12' -printf '%P %s\n' |
		grep -vE '\.[A-Za-z0-9]{6}(\.before)? [0-9]+$' | sort
}

files_in() {
	find "$1" -type f | wc -l
}

# The length that a DER file says of itself is its own.
der_is_whole() {
	local head
	head=$(od -An -tu1 -N4 "$1")
	# shellcheck disable=SC2086 # four numbers
	set -- "$1" $head
	[[ $# == 5 && $2 == 48 && $3 == 130 && $(stat -c %s "$1") == $(($4 * 256 + $5 + 4)) ]]
}

# A certificate of a server is in NSS's database with its key, or it is not there.
nss_is_whole() {
	local rows
	rows=$(certutil -L -d "sql:$1" 2>&1) || return 1
	! finds -E '^gw2? +(,,|u,u,$)' <<<"$rows" || return 1
	finds -E '^gw +u,u,u' <<<"$rows" || return 1
	certutil -K -d "sql:$1" >/dev/null 2>&1
}

# whole WHAT VERB: the files in $HERE are each old or new
whole() {
	local what=$1 file
	file=$(comm -13 <(sort -u "$DIR/sizes") <(sizes_of "$HERE"))
	[[ -z $file ]] || fault "$what: neither old nor new: $file"
	"$BIN/lnsctl" check "$HERE/lnsd.conf" >/dev/null 2>&1 || fault "$what: lnsd.conf or users are broken"
	[[ $2 == cert ]] || return 0
	for file in "$HERE"/*.p12; do
		der_is_whole "$file" || fault "$what: ${file##*/} is broken"
	done
	for file in "$HERE"/ca*/ca.pem; do
		# reads its key, too
		"$BIN/lnsctl" cert revoke none --folder "${file%/*}" >"$DIR/said" 2>&1
		finds "no certificate 'none'" <"$DIR/said" || fault "$what: the CA of $file is broken: $(<"$DIR/said")"
	done
	nss_is_whole "$HERE/nss" || fault "$what: NSS's database is broken"
}

# as_before WHAT: nothing has changed in $HERE
as_before() {
	local changed
	changed=$(diff "$DIR/state" <(state_of "$HERE") | sed -n 's/^[<>] [0-9a-f]* *//p' | sort -u | head -n 5)
	[[ -z $changed ]] || fault "$1 has changed files: ${changed//$'\n'/ }"
}

# ---- steps

# A copy of the folder, in its place
try_begin() {
	cp -a "$HERE" "$DIR/tried"
	mount --bind "$DIR/tried" "$HERE"
}

try_end() {
	umount "$HERE"
	rm -rf "$DIR/tried"
}

# at_step STEP=NUMBER WHAT: puts into AT_STEP what runs a command so that WHAT, in strace's words, happens when it takes this
# step for the NUMBERth time
at_step() {
	AT_STEP=(strace -qq -o "$DIR/steps" -e "trace=$WRITER_STEPS" -e signal=none -e "inject=${1%=*}:$2:when=${1#*=}")
}

# each_step TRY VERB...: calls TRY with each step that it takes when it is let, and with the verb, in a copy of the folder.
# What is there in the end may be there after any step.
each_step() {
	local try=$1 step
	local -a steps
	shift
	try_begin
	at_step fsync=99 error=ENOSPC
	"${AT_STEP[@]}" "$BIN/lnsctl" "$@" </dev/null >/dev/null 2>&1
	mapfile -t steps < <(sed 's/(.*//' "$DIR/steps" | awk '{print $1 "=" ++count[$1]}')
	sizes_of "$HERE" >>"$DIR/sizes"
	files_in "$HERE" >"$DIR/after"
	try_end
	((${#steps[@]})) || fault "$1 ${2-} writes nothing"
	for step in "${steps[@]}"; do
		"$try" "$step" "$@"
	done
}

# ---- full

# The folder on a disk without a free block
full_disk() {
	[[ -n $5 ]] || return 0
	tool "$5" "$BIN/lnsctl" "$1" "${@:6}"
	as_before "$1 ${6-} on a full disk"
}

# The disk is full when it comes to this step.
full_at() {
	[[ $1 == @(mkdir=*|link=*|rename=*|fsync=1) ]] || return 0
	try_begin
	at_step "$1" error=ENOSPC
	tool 0,1 "${AT_STEP[@]}" "$BIN/lnsctl" "${@:2}" ||
		as_before "$2 ${3-} with a disk that is full at $1"
	try_end
}

disk_fills() {
	[[ -z $5 ]] || each_step full_at "$1" "${@:6}"
}

# ---- interrupted

# Killed there, or asked to end, which a program can put off.
interrupt_at() {
	local signal
	[[ $1 != @(mkdir|fsync)=* ]] || return 0
	# what others do then only looks
	[[ $1 != @(vfork|clone*)=* || $2 == cert ]] || return 0
	for signal in KILL INT TERM; do
		[[ $signal == KILL || $1 == *=1 ]] || continue
		try_begin
		at_step "$1" "signal=$signal"
		{ timeout -k 5 30 "${AT_STEP[@]}" "$BIN/lnsctl" "${@:2}" </dev/null >/dev/null; } 2>/dev/null
		whole "${*:2} with $signal at $1" "$2"
		[[ $signal == KILL ]] || finds -xF "$(files_in "$HERE")" "$DIR/before" "$DIR/after" ||
			fault "$2 ${3-} with $signal at $1: something lies beside the files"
		try_end
	done
}

interrupted() {
	[[ -z $5 ]] || each_step interrupt_at "$1" "${@:6}"
}

# ---- cases

case_verbs_on_a_full_disk_change_nothing() {
	local PATH=$PATH HERE=$DIR/small/here
	lnsd_start
	mkdir "$DIR/small"
	mount -t tmpfs -o size=1m tmpfs "$DIR/small"
	furnish
	cat /dev/zero >"$DIR/small/fill" 2>/dev/null
	state_of "$HERE" >"$DIR/state"
	walk_verbs full_disk
	umount "$DIR/small"
}

# What is there; a day that ends meanwhile is no change.
listed_certificates() {
	ctl cert list --folder "$HERE/ca" --json | jq 'map(del(.days_left))'
}

# The rest of the machine has room: what is written before libreswan is told goes again; but who is revoked stays revoked.
case_certificates_with_a_full_database_of_libreswan() {
	local PATH=$PATH HERE=$DIR/here listed
	furnish
	mv "$HERE/nss" "$HERE/kept"
	mkdir "$HERE/nss"
	mount -t tmpfs -o size=128k tmpfs "$HERE/nss"
	cp "$HERE"/kept/* "$HERE/nss/"
	cat /dev/zero >"$HERE/nss/fill" 2>/dev/null
	listed=$(listed_certificates)
	tool 1 "$BIN/lnsctl" cert server gw2 --bits 2048 --folder "$HERE/ca"
	tool 1 "$BIN/lnsctl" cert renew gw --days 900 --folder "$HERE/ca"
	equal 'what is said to be there' "$listed" "$(listed_certificates)"
	check 'the database' nss_is_whole "$HERE/nss"
	tool 1 "$BIN/lnsctl" cert revoke phone --folder "$HERE/ca"
	equal 'phone' revoked "$(ctl cert list --folder "$HERE/ca" --json | jq -r '.[] | select(.name == "phone").state')"
	rm "$HERE/nss/fill"
	check 'it is told when there is room' ctl cert revoke phone --folder "$HERE/ca"
	check 'libreswan knows' finds 'phone (revoked)' <(certutil -L -d "sql:$HERE/nss")
	umount "$HERE/nss"
}

# It is the daemon that writes; the verb tells what it met, and that at once.
case_ipsec_apply_on_a_full_disk_says_so() {
	local PATH=$BIN:$PATH
	conf server.listen=127.0.0.1
	sed -i "s|^manage = no|manage = yes\npsk-file = $DIR/psk|" "$DIR/lnsd.conf"
	echo 'a key that nobody guesses' >"$DIR/psk"
	chmod 600 "$DIR/psk"
	mount -t tmpfs -o size=64k tmpfs /etc/ipsec.d
	cat /dev/zero >/etc/ipsec.d/fill 2>/dev/null
	lnsd_start
	tool 1 "$BIN/lnsctl" ipsec apply --config "$DIR/lnsd.conf"
	finds "No space left on device: make room on the disk of /etc/ipsec.d" <"$DIR/err" || fault "not said: $(<"$DIR/err")"
	equal 'what is in the folder' fill "$(ls -A /etc/ipsec.d)"
	equal 'status' 'false 2 true make room on the disk of /etc/ipsec.d' \
		"$(ctl status --json | jq -r '.ipsec | "\(.loaded) \(.tries) \(.error | endswith("No space left on device")) \(.fix)"')"
	rm /etc/ipsec.d/fill
	# there is no pluto here
	tool 1 "$BIN/lnsctl" ipsec apply --config "$DIR/lnsd.conf"
	check 'it is written' grep -q '^conn lnsd' /etc/ipsec.d/lnsd.conf
	lnsd_stop
	umount /etc/ipsec.d
}

# fills VERBS
fills() {
	local PATH=$PATH HERE=$DIR/here VERB=${VERB:-$1}
	lnsd_start
	furnish
	state_of "$HERE" >"$DIR/state"
	walk_verbs disk_fills
}

# Certificates take half of the time: they have cases of their own.
case_verbs_on_a_disk_that_fills_change_nothing() {
	fills '!(cert)'
}

case_certificates_on_a_disk_that_fills_stay() {
	fills cert
}

# interrupt VERBS
interrupt() {
	local PATH=$PATH HERE=$DIR/here VERB=${VERB:-$1}
	lnsd_start
	furnish
	sizes_of "$HERE" >"$DIR/sizes"
	files_in "$HERE" >"$DIR/before"
	walk_verbs interrupted
}

case_verbs_interrupted_leave_whole_files() {
	interrupt '!(cert)'
}

case_certificates_interrupted_are_whole() {
	interrupt cert
}
