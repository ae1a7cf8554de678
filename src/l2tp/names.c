/* RFC 2661's names, as data. */
#include "l2tp/names.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	bool of_session;
} types[MSG_TYPE_END] = {
	[MSG_ZLB] = {"ZLB", false},	    [MSG_SCCRQ] = {"SCCRQ", false},
	[MSG_SCCRP] = {"SCCRP", false},	    [MSG_SCCCN] = {"SCCCN", false},
	[MSG_STOPCCN] = {"StopCCN", false}, [MSG_HELLO] = {"HELLO", false},
	[MSG_OCRQ] = {"OCRQ", true},	    [MSG_OCRP] = {"OCRP", true},
	[MSG_OCCN] = {"OCCN", true},	    [MSG_ICRQ] = {"ICRQ", true},
	[MSG_ICRP] = {"ICRP", true},	    [MSG_ICCN] = {"ICCN", true},
	[MSG_CDN] = {"CDN", true},	    [MSG_WEN] = {"WEN", true},
	[MSG_SLI] = {"SLI", true},	    [MSG_MDMST] = {"MDMST", true},
	[MSG_CSUN] = {"CSUN", false},	    [MSG_CSURQ] = {"CSURQ", false},
};

const char *
l2tp_type_name(unsigned type)
{
	return type < MSG_TYPE_END && types[type].name ? types[type].name : "?";
}

bool
l2tp_type_known(unsigned type)
{
	return type != MSG_ZLB && type < MSG_TYPE_END && types[type].name;
}

bool
l2tp_type_of_session(unsigned type)
{
	return type < MSG_TYPE_END && types[type].of_session;
}

static const char *const stopccn_results[] = {
	[1] = "request to clear the control connection",
	[2] = "general error",
	[3] = "control channel already exists",
	[4] = "not authorized to establish a control channel",
	[5] = "protocol version not supported",
	[6] = "peer is being shut down",
	[7] = "finite state machine error",
};

static const char *const cdn_results[] = {
	[1] = "loss of carrier",
	[2] = "general error",
	[3] = "administrative reasons",
	[4] = "no facilities at the moment",
	[5] = "no facilities",
	[6] = "invalid destination",
	[7] = "no carrier detected",
	[8] = "busy signal",
	[9] = "no dial tone",
	[10] = "not established in time",
	[11] = "no appropriate framing",
};

const char *
l2tp_result_text(unsigned type, unsigned result)
{
	const char *const *table = type == MSG_CDN ? cdn_results : stopccn_results;
	size_t count = type == MSG_CDN ? sizeof(cdn_results) / sizeof(cdn_results[0])
				       : sizeof(stopccn_results) / sizeof(stopccn_results[0]);

	return result < count && table[result] ? table[result] : "";
}

static const char *const errors[] = {
	[0] = "no general error",
	[1] = "no control connection exists yet",
	[2] = "length is wrong",
	[3] = "value out of range or reserved field not zero",
	[4] = "insufficient resources",
	[5] = "invalid session ID",
	[6] = "vendor-specific error",
	[7] = "try another",
	[8] = "unknown AVP with the M bit set",
};

const char *
l2tp_error_text(unsigned error)
{
	return error < sizeof(errors) / sizeof(errors[0]) ? errors[error] : "";
}

/* RFC 3145 §2.1 to §2.4 */
static const char *const disconnects[] = {
	[0] = "no information",
	[1] = "administrative disconnect",
	[2] = "LCP renegotiation at the LNS is disabled",
	[3] = "normal disconnection",
	[4] = "compulsory encryption refused",
	[5] = "LCP timeout",
	[6] = "no LCP packets received",
	[7] = "LCP magic number error, link looped back",
	[8] = "LCP echo timeout",
	[9] = "unexpected endpoint discriminator in the bundle",
	[10] = "unexpected MRRU in the bundle",
	[11] = "unexpected short sequence numbers in the bundle",
	[12] = "compulsory callback refused",
	[13] = "authentication timeout",
	[14] = "unexpected name in the bundle",
	[15] = "authentication protocol unacceptable",
	[16] = "authentication failed",
	[17] = "NCP timeout",
	[18] = "no NCP available",
	[19] = "no acceptable addresses",
	[20] = "user not permitted to use any address",
};

const char *
l2tp_disconnect_text(unsigned code)
{
	return code < sizeof(disconnects) / sizeof(disconnects[0]) ? disconnects[code] : "";
}

uint16_t
l2tp_dscp_phb(unsigned dscp)
{
	return (uint16_t)((dscp & 63) << 10);
}

bool
l2tp_phb_dscp(uint16_t phb, uint8_t *dscp)
{
	/* the last bit but one: a set; the last: a number of IANA's that is no code point */
	if (phb & 0x03fd)
		return false;
	*dscp = (uint8_t)(phb >> 10);
	return true;
}

/* The first row that fits; NULL and 0 stand for "any". What clients send was collected from their
 * sources and traces. */
static const struct {
	struct l2tp_client client;
	const char *vendor, *host_name;
	bool host_name_nul, no_firmware;
	uint16_t window;
} clients[] = {
	{{"windows", true}, .vendor = "Microsoft"},
	{{"android", true}, .vendor = "", .host_name = "anonymous", .window = 1},
	{{"apple", true}, .vendor = "", .host_name_nul = true, .no_firmware = true, .window = 4},
	{{"mikrotik", false}, .vendor = "MikroTik"},
	{{"xl2tpd", false}, .vendor = "xelerance.com"},
	{{"kl2tpd", false}, .vendor = "prol2tp"},
	{{"cisco", false}, .vendor = "Cisco Systems, Inc."},
};

const struct l2tp_client *
l2tp_client_guess(const char *vendor, const char *host_name, bool host_name_nul, uint16_t window,
		  bool firmware)
{
	static const struct l2tp_client unknown = {"", false};

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		if (clients[i].vendor && strcmp(clients[i].vendor, vendor) != 0)
			continue;
		if (clients[i].host_name && strcmp(clients[i].host_name, host_name) != 0)
			continue;
		if (clients[i].host_name_nul && !host_name_nul)
			continue;
		if (clients[i].no_firmware && firmware)
			continue;
		if (clients[i].window && clients[i].window != window)
			continue;
		return &clients[i].client;
	}
	return &unknown;
}
