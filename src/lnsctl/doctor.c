/* `doctor [FILE]`: a table of checks. Needs no daemon; of one that answers it takes the problems
 * that stand. */
#include "lnsctl/doctor.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bundle.h"
#include "command.h"
#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define DEFAULT_FILE LNSD_SYSCONFDIR "/lnsd/lnsd.conf"
#define COMMAND_MS 5000

static const struct {
	const char *name;
	check_fn *look;
} checks[] = {
	{"libreswan", doctor_libreswan},
	{"pluto", doctor_pluto},
	{"ikev1", doctor_ikev1},
	{"ikev2", doctor_ikev2},
	{"uniqueids", doctor_uniqueids},
	{"connections", doctor_conns},
	{"clients-of-one-nat", doctor_apart},
	{"psk", doctor_psk},
	{"certificate", doctor_certificate},
	{"mark-range", doctor_marks},
	{"xfrm", doctor_xfrm},
	{"marks-of-datagrams", doctor_rcvmark},
	{"addresses", doctor_addresses},
	{"modules", doctor_modules},
	{"dev-ppp", doctor_ppp_device},
	{"pppd", doctor_pppd},
	{"plugin", doctor_plugin},
	{"files", doctor_files},
	{"time", doctor_time},
	{"port-1701", doctor_port},
	{"covered", doctor_cover},
	{"udp-500", doctor_udp500},
	{"udp-4500", doctor_udp4500},
	{"esp", doctor_esp},
	{"udp-1701", doctor_udp1701},
	{"forwarding", doctor_forwarding},
	{"rules", doctor_table},
	{"nat", doctor_nat},
	{"rules-of-others", doctor_forward_rules},
	{"rp-filter", doctor_rp_filter},
	{"mtu", doctor_mtu},
	{"route-loops", doctor_loops},
	{"dns", doctor_dns},
};

/* The document is the report; what people see is made of it. */
void
doctor_add(json_t *report, const char *check, const struct finding *finding)
{
	char text[sizeof(finding->text)], fix[sizeof(finding->fix)];

	json_array_append_new(report,
			      json_pack("{s:s, s:b, s:s, s:s}", "check", check, "ok", finding->ok,
					"text", clean_text(text, sizeof(text), finding->text),
					"fix", clean_text(fix, sizeof(fix), finding->fix)));
}

/* The configuration that the other checks go by; the defaults where it is refused. */
static struct conf *
read_conf(json_t *report, const char *path)
{
	struct conf_errors errors = {.count = 0};
	struct conf *conf = NULL;
	struct finding finding;
	struct bundle bundle;

	if (bundle_read(&bundle, path, &errors)) {
		conf = conf_parse(bundle.files, bundle.count, &errors);
		bundle_fini(&bundle);
	}
	if (conf)
		finding_good(&finding, "%.150s", path);
	else
		finding_bad(&finding, "lnsctl check tells all that is wrong", "refused: %s",
			    errors.kept ? errors.list[0].text : "");
	conf_errors_fini(&errors);
	doctor_add(report, "configuration", &finding);
	return conf ? conf : conf_parse(NULL, 0, &errors);
}

static void
read_version(void *ctx, const char *line)
{
	struct patient *patient = ctx;

	if (!patient->is_libreswan)
		patient->is_libreswan = pluto_version_parse(&patient->version, line);
}

static void
read_status(void *ctx, const char *line)
{
	pluto_read_status(ctx, line);
}

static void
examine_ipsec(struct patient *patient)
{
	const char *const version[] = {patient->ipsec, "--version", NULL};
	const char *const status[] = {patient->ipsec, "whack", "--status", NULL};

	patient->has_ipsec = command_find(patient->ipsec, sizeof(patient->ipsec), "ipsec");
	if (patient->has_ipsec)
		command_run(version, COMMAND_MS, read_version, patient);
	if (patient->is_libreswan)
		command_run(status, COMMAND_MS, read_status, &patient->pluto);
}

/* The daemon, and what it says is wrong. */
static void
tell_daemon(json_t *report, const struct answer *status)
{
	struct finding finding;
	const json_t *problem;
	size_t i;

	if (status->code == CODE_DONE)
		finding_good(&finding, "lnsd %.60s answers", field_text(status->data, "version"));
	else
		finding_bad(&finding, "systemctl start lnsd", "%s", status->error);
	doctor_add(report, "daemon", &finding);
	json_array_foreach(json_object_get(status->data, "problems"), i, problem)
	{
		finding_bad(&finding, field_text(problem, "fix"), "%s",
			    field_text(problem, "text"));
		doctor_add(report, "problem", &finding);
	}
}

/* What several checks need of the machine. */
static void
examine_machine(struct patient *patient)
{
	uplink_look(&patient->uplink);
	patient->rules = rules_new();
	if (patient->rules && !rules_ask(patient->rules)) {
		rules_free(patient->rules);
		patient->rules = NULL;
	}
}

/* Each check in turn, and the daemon at last. */
static void
examine_all(json_t *report, const struct settings *settings, struct patient *patient)
{
	struct answer status, sessions = {.data = NULL};
	struct finding finding;

	client_ask(settings, "status", NULL, &status);
	patient->daemon = status.code == CODE_DONE;
	patient->status = status.data;
	if (patient->daemon)
		client_ask(settings, "sessions", NULL, &sessions);
	patient->sessions = sessions.data;
	examine_ipsec(patient);
	examine_machine(patient);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i].look(patient, &finding);
		doctor_add(report, checks[i].name, &finding);
	}
	tell_daemon(report, &status);
	rules_free(patient->rules);
	json_decref(sessions.data);
	json_decref(status.data);
}

/* False when something is wrong. */
static bool
print_report(const json_t *report, bool quiet)
{
	const json_t *row;
	bool well = true;
	size_t i;

	json_array_foreach(report, i, row)
	{
		bool ok = field_true(row, "ok");

		well = well && ok;
		if (quiet)
			continue;
		printf("%-5s%-20s%s%s%s\n", ok ? "ok" : "BAD", field_text(row, "check"),
		       field_text(row, "case"), field_text(row, "case")[0] ? ": " : "",
		       field_text(row, "text"));
		if (field_text(row, "fix")[0])
			printf("%-5s%-20sfix: %s\n", "", "", field_text(row, "fix"));
	}
	return well;
}

/* Of the machine, or of one client: false when the client is no address. */
static bool
examine(json_t *report, const struct settings *settings, const struct conf *conf)
{
	struct patient patient = {.conf = conf};

	if (settings->of[OPT_CLIENT])
		return doctor_client(report, settings, &patient, settings->of[OPT_CLIENT]);
	examine_all(report, settings, &patient);
	return true;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	json_t *report = json_array();
	struct conf *conf = read_conf(report, args[0] ? args[0] : DEFAULT_FILE);
	enum exit_code code = CODE_DONE;

	if (!examine(report, settings, conf)) {
		complain("--client %s: no address (192.0.2.7, 2001:db8::7): the client's own, "
			 "outside the tunnel",
			 settings->of[OPT_CLIENT]);
		code = CODE_USAGE;
	} else {
		bool well = print_report(report, settings->json);

		if (settings->json)
			code = print_json(report);
		if (!well)
			code = CODE_REFUSED;
	}
	json_decref(report);
	conf_free(conf);
	return code;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.arg = "[FILE] [--client ADDRESS]",
	.most = 1,
	.options = OPT_BIT(OPT_CLIENT) | OPT_BIT(OPT_FILE),
	.summary = "what is wrong with this machine or a client, and what to do",
	.help = "Looks at libreswan, the kernel, the machine's rules, pppd and the daemon as "
		"FILE\n(" DEFAULT_FILE ") wants them; says of each whether it is well, and what to "
		"do\nif not. Works without the daemon; run it as root.\n\n"
		"  --client ADDRESS  instead, what became of the client with this address, its own "
		"or\n"
		"                    its NAT's: how far it came within the last hour, and why not "
		"further\n"
		"  --file FILE       for that, another history\n",
	.prints = true,
	.run = run,
};
