# shellcheck shell=bash
# Two clients behind one NAT with each family of ciphers, which the kernel keeps in other attributes of an SA.
with_cipher() {
	local name=$1 esp=$2 pattern=$3 n
	for n in 1 2; do client_set $n esp "$esp"; done
	clients_up '1 alice secret' '2 bob hunter2'
	json "cipher" "$(sessions)" 'length == 2 and all(.ipsec.cipher | test($p; "i"))' --arg p "$pattern"
	flow 1 50
	flow 2 50
	client_rekey 1 child
	flows_end "$name, two clients behind one NAT"
	gw_bound alice bob
	for n in 1 2; do client_hangup $n; done
	wait_for 5 "nothing of the clients stays" gw_is_idle
	for n in 1 2; do client_kill $n; done
}

gw_start
with_cipher "AES-GCM" aes128gcm16 'gcm'
with_cipher "AES-CBC with SHA1" aes256-sha1 'cbc.*sha1'
with_cipher "AES-CBC with SHA2" aes128-sha256 'cbc.*sha(2|256)'
