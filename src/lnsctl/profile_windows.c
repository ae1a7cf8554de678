/* PowerShell for the VPN client that is built into Windows 8.1 to 11 (module VpnClient). No value
 * stands in a comment: a line's end in it would end the comment, too. */
#include "lnsctl/profile.h"

/* What stands before all: it may be read before it is run. */
static const char head[] =
	"#Requires -RunAsAdministrator\n"
	"# L2TP/IPsec for the client that is built into Windows. It can be run again at any time.\n"
	"$ErrorActionPreference = 'Stop'\n";

/* Without it Windows sends nothing through a NAT that the gateway, or both ends, are behind. */
static const char registry[] =
	"\n# IPsec through NAT. Windows reads the value when it starts.\n"
	"$policy = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent'\n"
	"$value = 'AssumeUDPEncapsulationContextOnSendRule'\n"
	"$before = (Get-ItemProperty -Path $policy).$value\n"
	"New-ItemProperty -Path $policy -Name $value -PropertyType DWord -Value 2 -Force | "
	"Out-Null\n";

static const char connection[] =
	"\nif (Get-VpnConnection -Name $name -ErrorAction SilentlyContinue) {\n"
	"    Remove-VpnConnection -Name $name -Force\n"
	"}\n"
	"$settings = @{\n"
	"    Name = $name\n"
	"    ServerAddress = $server\n"
	"    TunnelType = 'L2tp'\n"
	"    L2tpPsk = $key\n";

/* Start-Process gives its argument to the program as it is; so the quotes are ours to write. */
static const char dial[] =
	"\nfunction Quote([string] $text) {\n"
	"    '\"' + ($text -replace '(\\\\*)\"', '$1$1\\\"' -replace '(\\\\+)$', '$1$1') + '\"'\n"
	"}\n"
	"$arguments = (Quote $name), (Quote $user), (Quote $password) -join ' '\n"
	"$dial = Start-Process -FilePath rasdial.exe -ArgumentList $arguments -NoNewWindow -Wait "
	"-PassThru\n"
	"exit $dial.ExitCode\n";

static void
add_variable(struct profile_text *text, const char *name, const char *value)
{
	profile_add(text, "$%s = ", name);
	profile_add_powershell(text, value);
	profile_add(text, "\n");
}

static void
add_values(struct profile_text *text, const struct profile *profile)
{
	profile_add(text, "$name = '" PROFILE_TITLE "'\n", profile->server);
	add_variable(text, "server", profile->server);
	add_variable(text, "user", profile->user);
	if (profile->key)
		add_variable(text, "key", profile->key);
	else
		profile_add(text, "$key = Read-Host -Prompt 'Pre-shared key'\n");
}

static void
add_methods(struct profile_text *text, unsigned methods)
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {{METHOD_MSCHAPV2, "MSChapv2"},
		     {METHOD_CHAP, "Chap"},
		     {METHOD_PAP, "Pap"},
		     {METHOD_EAP, "Eap"}};
	/* Windows takes EAP alone, or others */
	unsigned offered =
		methods & METHOD_EAP && methods != METHOD_EAP ? methods & ~METHOD_EAP : methods;
	const char *comma = "";

	profile_add(text, "    AuthenticationMethod = ");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(offered & names[i].method))
			continue;
		profile_add(text, "%s'%s'", comma, names[i].name);
		comma = ", ";
	}
	/* what is required is fulfilled by IPsec; PAP and CHAP give no key to PPP's own */
	profile_add(text, "\n    EncryptionLevel = '%s'\n",
		    offered & (METHOD_CHAP | METHOD_PAP) ? "Optional" : "Required");
}

static void
add_routes(struct profile_text *text, const struct profile *profile)
{
	char out[GRANT_TEXT_MAX];
	const char *route;

	for (size_t i = 0; (route = profile_route(profile, i, out)); i++)
		profile_add(text,
			    "Add-VpnConnectionRoute -ConnectionName $name -DestinationPrefix "
			    "'%s'\n",
			    route);
}

static void
add_end(struct profile_text *text, const struct profile *profile)
{
	profile_add(text, "\nif ($before -ne 2) {\n"
			  "    Write-Host \"Restart Windows now, then connect to '$name' as "
			  "'$user'.\"\n"
			  "    exit\n"
			  "}\n");
	if (!profile->password) {
		profile_add(text, "Write-Host \"Connect to '$name' as '$user'.\"\n");
		return;
	}
	add_variable(text, "password", profile->password);
	profile_add(text, "%s", dial);
}

void
profile_write_windows(const struct profile *profile, struct profile_text *text)
{
	profile_add(text, "%s", head);
	add_values(text, profile);
	profile_add(text, "%s%s", registry, connection);
	add_methods(text, profile->conf->auth.methods);
	if (profile->conf->network.search_domain[0]) {
		profile_add(text, "    DnsSuffix = ");
		profile_add_powershell(text, profile->conf->network.search_domain);
		profile_add(text, "\n");
	}
	profile_add(text,
		    "    RememberCredential = $true\n    SplitTunneling = %s\n    Force = "
		    "$true\n}\nAdd-VpnConnection @settings\n",
		    profile_is_split(profile) ? "$true" : "$false");
	add_routes(text, profile);
	add_end(text, profile);
}
