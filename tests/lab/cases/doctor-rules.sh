# shellcheck shell=bash
# kernel: stock
# Rules of others in nftables and in the iptables on top of it: what drops a client is named, with table, chain and rule,
# and doctor's own command lets it in. A client that is dropped so is told apart from one that never came.

gw_set network.dns none
gw_set ipsec.log-file "$DIR/pluto.log"
gw_start
# what comes is told by the interface that leads out
ip -n gw route add default via 10.9.0.5
for check in udp-500 udp-4500 esp udp-1701 rules nat covered modules; do well $check; done
gw nft -f - <<-X
	table inet others {
		chain in {
			type filter hook input priority 5; policy accept;
			iifname "lo" accept
			ct state established,related accept
			iifname "wan" jump wan
		}
		chain wan {
			tcp dport 22 accept
			meta l4proto { udp, esp } drop
		}
	}
X
for check in udp-500 udp-4500 esp; do
	found $check 'table inet others, chain wan: meta l4proto . ?(udp, esp|esp, udp) ?. drop'
done
refuse "an SA through a closed door" client_ipsec_wrong 5 "$KEY"
diagnosed 10.9.0.5 protocol-blocked 'table inet others, chain wan'
client_kill 5
for check in udp-500 udp-4500 esp udp-1701; do
	found $check 'chain wan'
	mended $check
done
gw nft delete table inet others

gw iptables -P INPUT DROP
gw iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
found udp-4500 'table ip filter, chain INPUT: policy drop'
mended udp-4500
gw iptables -F
gw iptables -A INPUT -p udp -m multiport --dports 500,4500 -j ACCEPT
well udp-500
gw iptables -P INPUT ACCEPT
gw iptables -F
ip -n gw route del default
client_up 5 alice secret
