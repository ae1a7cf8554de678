/* A configuration profile of Apple's: a property list with one payload, com.apple.vpn.managed. */
#include "lnsctl/profile.h"

#include <stdio.h>

/* Two UUIDs: of the profile, and of its payload. */
struct uuids {
	char profile[PROFILE_UUID_MAX], payload[PROFILE_UUID_MAX];
};

static void
add_string(struct profile_text *text, const char *key, const char *value)
{
	profile_add(text, "<key>%s</key><string>", key);
	profile_add_xml(text, value);
	profile_add(text, "</string>\n");
}

static void
add_number(struct profile_text *text, const char *key, int value)
{
	profile_add(text, "<key>%s</key><integer>%d</integer>\n", key, value);
}

/* What every payload has. */
static void
add_payload(struct profile_text *text, const struct profile *profile, const char *type,
	    const char *part, const char *uuid)
{
	char title[512];

	snprintf(title, sizeof(title), PROFILE_TITLE, profile->server);
	add_string(text, "PayloadType", type);
	add_number(text, "PayloadVersion", 1);
	profile_add(text, "<key>PayloadIdentifier</key><string>lnsd.");
	profile_add_xml(text, profile->server);
	profile_add(text, ".");
	profile_add_xml(text, profile->user);
	profile_add(text, "%s</string>\n", part);
	add_string(text, "PayloadUUID", uuid);
	add_string(text, "PayloadDisplayName", title);
}

static void
add_ppp(struct profile_text *text, const struct profile *profile)
{
	profile_add(text, "<key>PPP</key>\n<dict>\n");
	add_string(text, "CommRemoteAddress", profile->server);
	add_string(text, "AuthName", profile->user);
	if (profile->password)
		add_string(text, "AuthPassword", profile->password);
	profile_add(text, "</dict>\n");
}

/* A group name would switch to aggressive mode, which shows a hash of the key to everybody. */
static void
add_ipsec(struct profile_text *text, const struct profile *profile)
{
	profile_add(text, "<key>IPSec</key>\n<dict>\n");
	add_string(text, "AuthenticationMethod", "SharedSecret");
	if (profile->key) {
		profile_add(text, "<key>SharedSecret</key><data>");
		profile_add_base64(text, profile->key);
		profile_add(text, "</data>\n");
	}
	profile_add(text, "</dict>\n");
}

static void
add_vpn(struct profile_text *text, const struct profile *profile, const char *uuid)
{
	char title[512];

	snprintf(title, sizeof(title), PROFILE_TITLE, profile->server);
	profile_add(text, "<dict>\n");
	add_payload(text, profile, "com.apple.vpn.managed", ".vpn", uuid);
	add_string(text, "UserDefinedName", title);
	add_string(text, "VPNType", "L2TP");
	add_ppp(text, profile);
	add_ipsec(text, profile);
	profile_add(text, "<key>IPv4</key>\n<dict>\n");
	add_number(text, "OverridePrimary", profile_is_split(profile) ? 0 : 1);
	profile_add(text, "</dict>\n</dict>\n");
}

static void
add_document(struct profile_text *text, const struct profile *profile, const struct uuids *uuids)
{
	profile_add(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
			  "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
			  "<plist version=\"1.0\">\n<dict>\n");
	add_payload(text, profile, "Configuration", "", uuids->profile);
	profile_add(text, "<key>PayloadContent</key>\n<array>\n");
	add_vpn(text, profile, uuids->payload);
	profile_add(text, "</array>\n</dict>\n</plist>\n");
}

/* The UUIDs are made of the document without them, so the same settings have the same ones. */
void
profile_write_apple(const struct profile *profile, struct profile_text *text)
{
	struct uuids uuids = {.profile = ""};
	struct profile_text draft;

	if (!profile_text_init(&draft)) {
		text->fault = "memory is short";
		return;
	}
	add_document(&draft, profile, &uuids);
	profile_uuid(uuids.profile, "profile", draft.bytes, draft.len);
	profile_uuid(uuids.payload, "payload", draft.bytes, draft.len);
	profile_text_fini(&draft);
	add_document(text, profile, &uuids);
}
