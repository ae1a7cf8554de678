/* What may come over the plugin link: one row a kind. */
#include <string.h>

#include "plink.h"

struct kind_row {
	size_t size;
	enum plink_side from;
	size_t text_at, text_size; /* its string, if it has one */
};

#define TEXT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

static const struct kind_row kinds[PLINK_KIND_END] = {
	[PLINK_AUTH] = {sizeof(struct plink_auth), PLINK_FROM_PLUGIN, 0, 0},
	[PLINK_STARTED] = {sizeof(struct plink_plain), PLINK_FROM_PLUGIN, 0, 0},
	[PLINK_LCP] = {sizeof(struct plink_lcp), PLINK_FROM_PLUGIN, 0, 0},
	[PLINK_ADDRESS] = {sizeof(struct plink_up), PLINK_FROM_PLUGIN, TEXT(plink_up, ifname)},
	[PLINK_UP] = {sizeof(struct plink_up), PLINK_FROM_PLUGIN, TEXT(plink_up, ifname)},
	[PLINK_UP6] = {sizeof(struct plink_up), PLINK_FROM_PLUGIN, TEXT(plink_up, ifname)},
	[PLINK_REFUSED] = {sizeof(struct plink_plain), PLINK_FROM_PLUGIN, 0, 0},
	[PLINK_DOWN] = {sizeof(struct plink_down), PLINK_FROM_PLUGIN, 0, 0},
	[PLINK_AUTH_REPLY] = {sizeof(struct plink_auth_reply), PLINK_FROM_KEEPER,
			      TEXT(plink_auth_reply, message)},
	[PLINK_ADDRESS_REPLY] = {sizeof(struct plink_address_reply), PLINK_FROM_KEEPER,
				 TEXT(plink_address_reply, user)},
};

size_t
plink_size(uint32_t kind, enum plink_side from)
{
	if (kind == 0 || kind >= PLINK_KIND_END || kinds[kind].from != from)
		return 0;
	return kinds[kind].size;
}

bool
plink_valid(const union plink_msg *msg, size_t len, enum plink_side from)
{
	if (len < sizeof(msg->kind) || len != plink_size(msg->kind, from))
		return false;

	const struct kind_row *row = &kinds[msg->kind];

	if (row->text_size && !memchr((const char *)msg + row->text_at, '\0', row->text_size))
		return false;
	if (msg->kind == PLINK_AUTH)
		return proof_valid(&msg->auth.proof);
	if (msg->kind == PLINK_ADDRESS_REPLY)
		return msg->address_reply.dns_count <= 2 && call_valid(&msg->address_reply.call);
	return msg->kind != PLINK_DOWN || msg->down.stage < PLINK_STAGE_COUNT;
}
