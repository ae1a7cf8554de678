# shellcheck shell=bash
# SIGKILL for the keeper: the worker and all pppds end, and nothing leaves in clear while nobody serves. Started again,
# lnsd takes its marks back from the kernel, and the clients dial again under the SAs that they have.
nobody_serves() {
	[[ -z $(gw_worker) ]] && not gw_has_pppd
}

client_set 1 persistent yes
client_set 2 persistent yes
gw_start
clients_up '1 alice secret' '2 bob hunter2'
gw_bound alice bob
sas=$(gw_inbound)
kill -KILL "$LNSD"
wait "$LNSD" || true
wait_for 5 "worker and pppds end" nobody_serves
expect "the guard stays" gw_guard
client 1 ping -q -c 20 -i 0.05 -W 1 "$LAN" >/dev/null || true
lnsd_start
equal "SAs and their marks" "$(gw_inbound)" "$sas"
clients_back "after lnsd was started again" 1 2
flow 1 50
flow 2 50
flows_end "after the keeper was killed"
equal "SAs and their marks" "$(gw_inbound)" "$sas"
gw_bound alice bob
