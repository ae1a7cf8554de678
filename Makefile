# lnsd. `make` builds, `make check` does everything, `make help` lists the rest. Objects in $(B); V=1 shows the commands.

PREFIX ?= /usr
SYSCONFDIR ?= /etc
VERSION := 0.1.0

# SAN=address,undefined builds into a folder of its own
SAN ?=
B := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(COV),-cov)
comma := ,
PKG_CONFIG ?= pkg-config
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef $(WERROR)
WARN_PURE := -Wconversion -Wswitch-enum
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN)$(COV),,-D_FORTIFY_SOURCE=3)
CFLAGS ?= -O2 -g
base_cflags = -std=gnu11 -D_GNU_SOURCE -DLNSD_VERSION='"$(VERSION)"' -Iinclude -Isrc -MMD -MP $(WARN) $(HARDEN) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(if $(COV),--coverage -O0) $(CFLAGS)
base_ldflags = -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN)) $(if $(COV),--coverage) $(LDFLAGS)

pc = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
PC_PURE := inih libcrypto
PC_WORKER := libevent_core jansson libseccomp libcap-ng
PC_KEEPER := libnl-3.0 libsystemd
PC_TOOL := jansson
PC_ALL := $(PC_PURE) $(PC_WORKER) $(PC_KEEPER) check
pkg_cflags := $(call pc,--cflags,$(PC_ALL))

pure_rooms := base l2tp ppp conf policy
pure_src := $(foreach r,$(pure_rooms),$(wildcard src/$(r)/*.c))
os_src := $(wildcard src/os/*.c)
daemon_src := src/lnsd.c $(wildcard src/worker/*.c src/keeper/*.c)
tool_src := $(wildcard src/lnsctl/*.c)
plugin_src := $(wildcard src/pppd/*.c)
obj = $(patsubst %.c,$(B)/%.o,$(1))

all: $(B)/lnsd $(B)/lnsctl $(B)/lnsd-pppd.so

$(B)/libpure.a: $(call obj,$(pure_src))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/libos.a: $(call obj,$(os_src))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/lnsd: $(call obj,$(daemon_src)) $(B)/libos.a $(B)/libpure.a
	$(call say,LD,$@)
	$(Q)$(CC) $(base_ldflags) -o $@ $^ $(call pc,--libs,$(PC_PURE) $(PC_WORKER) $(PC_KEEPER))

$(B)/lnsctl: $(call obj,$(tool_src)) $(B)/libos.a $(B)/libpure.a
	$(call say,LD,$@)
	$(Q)$(CC) $(base_ldflags) -o $@ $^ $(call pc,--libs,$(PC_PURE) $(PC_TOOL))

$(call obj,$(pure_src)): room_cflags := $(WARN_PURE)

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(room_cflags) $(pkg_cflags) -c -o $@ $<

# The plugin is loaded into pppd: position-independent, no sanitizer, only the headers that it needs. ppp 2.4.9 has no pppdconf.h.
PPPD_API := $(if $(wildcard /usr/include/pppd/pppdconf.h),25,24)
$(B)/lnsd-pppd.so: $(plugin_src) include/plink.h include/cause.h
	$(call say,PLUGIN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -DPPPD_API=$(PPPD_API) -Iinclude -Isrc $(WARN) -fPIC -shared -fstack-protector-strong \
		-D_FORTIFY_SOURCE=3 $(CFLAGS) -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(plugin_src)

# Unit tests: one program a file, linked with the pure rooms and os
unit_src := $(wildcard tests/unit/test_*.c)
unit_bin := $(patsubst tests/unit/%.c,$(B)/unit/%,$(unit_src))
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libos.a $(B)/libpure.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_ldflags) -o $@ $^ $(call pc,--libs,$(PC_PURE) check)

unit: $(unit_bin)

clean:
	rm -rf build build-*

.PHONY: all unit clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
