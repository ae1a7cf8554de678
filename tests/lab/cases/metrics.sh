# shellcheck shell=bash
# A real Prometheus behind the gateway scrapes it, with the alert rules: it knows the session, what the session has carried
# as lnsctl says it, and its end; nobody else's alert is raised.
rules=/usr/share/lnsd/prometheus/lnsd.rules.yml
gateway=172.16.0.1:9170

# query EXPRESSION: the value of its one sample, "none" where there is none
query() {
	lan curl --silent --show-error --max-time 20 --get --data-urlencode "query=$1" "http://$LAN:9090/api/v1/query" |
		jq -r '.data.result[0].value[1] // "none"'
}

query_is() {
	[[ $(query "$1") == "$2" ]]
}

# carried WORD COUNTER: all that lnsctl's status has and all that Prometheus has are one number
carried() {
	query_is "sum($2)" "$(field "$(status)" ".$1")"
}

prometheus_start() {
	local dir=$DIR/prometheus
	mkdir -p "$dir"
	cat >"$dir/prometheus.yml" <<-END
		global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}
		rule_files: ['$rules']
		scrape_configs: [{job_name: lnsd, static_configs: [{targets: ['$gateway']}]}]
	END
	promtool check config "$dir/prometheus.yml"
	start "$dir/log" ip netns exec lan prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
		--web.listen-address="$LAN:9090"
	wait_for 60 "Prometheus is ready" lan curl --silent --fail "http://$LAN:9090/-/ready"
}

gw_set metrics.listen "$gateway"
gw_start
equal "where lnsctl says that they are" "$(field "$(status)" .metrics)" "$gateway"
prometheus_start
wait_for 20 "the gateway is scraped" query_is 'up{job="lnsd"}' 1
wait_for 10 "nobody is there" query_is 'sum(lnsd_sessions)' 0
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
carry "client 1" lan "$LAN" 7001
wait_for 20 "the session is known" query_is 'lnsd_sessions{state="up"}' 1
wait_for 20 "what came from the client" carried rx_bytes lnsd_receive_bytes_total
wait_for 20 "what went to the client" carried tx_bytes lnsd_transmit_bytes_total
bytes=$(query 'sum(lnsd_receive_bytes_total + lnsd_transmit_bytes_total)')
between "bytes of the traffic" "$bytes" 1000000 100000000
equal "logins" "$(query 'lnsd_logins_total{cause="accepted"}')" 1
equal "set-ups measured" "$(query 'lnsd_setup_seconds_count{stage="total"}')" 1
equal "clients with IPsec" "$(query lnsd_ipsec_clients)" 1
wait_for 20 "their SAs" query_is lnsd_ipsec_sas 2
wait_for 20 "their pppds" query_is 'lnsd_pppds{state="running"}' 1
equal "the connection is loaded" "$(query lnsd_ipsec_loaded)" 1
client_hangup 1
wait_for 20 "the session's end" query_is 'lnsd_logouts_total{cause="user-request"}' 1
wait_for 20 "it is not there any more" query_is 'sum(lnsd_sessions)' 0
expect "what it carried stays" test "$(query 'sum(lnsd_receive_bytes_total + lnsd_transmit_bytes_total)')" -ge "$bytes"
equal "the rules are loaded" "$(lan curl --silent "http://$LAN:9090/api/v1/rules" | jq '[.data.groups[].rules[] | select(.health == "ok")] | length')" \
	"$(grep -c 'alert:' "$rules")"
equal "alerts" "$(query 'count(ALERTS{alertstate="firing"})')" none
note "scraped in $(query 'avg_over_time(scrape_duration_seconds[1m])') s on average, $(query 'scrape_samples_scraped') samples"
