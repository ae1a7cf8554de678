# shellcheck shell=bash
# Certificates, made with NSS's own tools in the gateway's database: its own are there at once, clients get a file. A key
# and a file are dear to make.

# pki: certutil, on that database
pki() {
	certutil "$@" -d sql:/var/lib/ipsec/nss
}

# pki_authority NAME: what it signs the gateway trusts
pki_authority() {
	if [[ ! -d $DIR/pki ]]; then
		mkdir -p "$DIR/pki"
		head -c 64 /dev/urandom >"$DIR/pki/noise"
		# nothing of the case before
		rm -f /var/lib/ipsec/nss/*
		gw ipsec checknss
	fi
	# its key is of a kind that is made fast; a CA, without a limit of what is below it, critical
	printf 'y\n\ny\n' | pki -S -n "$1" -s "CN=$1" -x -t CT,, -k ec -q nistp256 -z "$DIR/pki/noise" -m 1 -2 --keyUsage certSigning
	pki -L -n "$1" -a >"$DIR/pki/$1.pem"
}

# pki_issue AUTHORITY NAME SERIAL KEY [OPTION...]: KEY is "rsa", which IKEv1 wants, for a new one, or the name of the
# certificate that has it
pki_issue() {
	pki -S -n "$2" -s "CN=$2" -c "$1" -t ,, -k "$4" -g 2048 -z "$DIR/pki/noise" -m "$3" --keyUsage digitalSignature "${@:5}"
}

# pki_export NAME: $DIR/pki/NAME.p12, with its key and its authority, and the password "lab"
pki_export() {
	pk12util -o "$DIR/pki/$1.p12" -n "$1" -d sql:/var/lib/ipsec/nss -W lab -K '' -C NONE
}

# pki_forget NAME...: the gateway has them no longer
pki_forget() {
	local name
	for name; do pki -D -n "$name"; done
}
