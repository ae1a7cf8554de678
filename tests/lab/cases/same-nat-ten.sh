# shellcheck shell=bash
# Ten clients behind one NAT, all on UDP 1701, all at once.
ten=(1 2 6 7 8 9 10 11 12 13)
net_more "${ten[@]:2}"
for n in "${ten[@]}"; do
	USERS+=("user$n secret$n")
	who+=("$n user$n secret$n")
done
gw_start
clients_up "${who[@]:0:5}"
clients_up "${who[@]:5}"
for n in "${ten[@]}"; do flow "$n" 100 20; done
flows_end "ten clients behind one NAT"
carry_all "${ten[@]}"
json "sessions" "$(sessions)" 'length == 10 and all(.state == "up" and (.ipsec.shares_nat_with | length) == 9) and
	([.[].ipsec.mark] | unique | length) == 10 and ([.[].ipsec.spi_out] | unique | length) == 10'
gw_bound "${ten[@]/#/user}"
