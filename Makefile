# lnsd. `make` builds, `make check` does everything, `make help` lists the rest. Objects in $(B); V=1 shows the commands.

PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
VERSION := 0.1.0

# SAN=address,undefined and COV=1 build into folders of their own
SAN ?=
COV ?=
comma := ,
B := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(COV),-cov)
PKG_CONFIG ?= pkg-config
CLANG ?= clang
JOBS ?= $(shell nproc)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')
sub = $(MAKE) --no-print-directory

# Debian packages: to build, to make a package, to test, to test for other machines, to lint and measure. The lab adds its own (tests/lab/prepare).
DEPS_BUILD := gcc make pkgconf libevent-dev libssl-dev libnl-3-dev libnl-genl-3-dev libnl-route-3-dev libjansson-dev \
	libinih-dev libunistring-dev libseccomp-dev libsystemd-dev libcap-ng-dev libnftables-dev libqrencode-dev libncurses-dev ppp-dev \
	mandoc
DEPS_DEB := build-essential debhelper lintian
DEPS_TEST := check ppp iproute2 iptables nftables procps util-linux socat jq libreswan xl2tpd shellcheck libglib2.0-0 \
	python3 python3-pygments tcpdump tmux curl prometheus zsh strace
DEPS_CROSS := gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user
DEPS_LINT := clang clang-format clang-tidy libclang-rt-dev llvm cppcheck shellcheck gcovr binutils pyflakes3 linux-perf

# Warnings are errors where a machine looks
WERROR ?= $(if $(CI),-Werror)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef $(WERROR)
WARN_PURE := -Wconversion -Wswitch-enum
HARDEN := -fstack-protector-strong -fPIE $(if $(SAN)$(COV),,-D_FORTIFY_SOURCE=3)
CFLAGS ?= $(if $(COV),-O0 -g,-O2 -g)
paths = -DLNSD_VERSION='"$(VERSION)"' -DLNSD_LIBDIR='"$(PREFIX)/lib/lnsd"' -DLNSD_SYSCONFDIR='"$(SYSCONFDIR)"'
# ppp 2.4.9 has no pppdconf.h
PPPD_API := $(if $(wildcard /usr/include/pppd/pppdconf.h),25,24)
base_cflags = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPPPD_API=$(PPPD_API) $(paths) -Iinclude -Isrc -MMD -MP $(WARN) $(HARDEN) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(if $(COV),--coverage) $(CFLAGS)
base_ldflags = -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN)) $(if $(COV),--coverage) $(if $(STATIC),-static -no-pie -Wl$(comma)--no-warnings) $(LDFLAGS)

pc = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
PC_PURE := inih libcrypto
PC_WORKER := libevent_extra libevent_core jansson libseccomp libcap-ng
PC_KEEPER := libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libnftables jansson libsystemd
PC_TOOL := jansson libqrencode libsystemd ncursesw
LIBS_PURE := -lunistring # has no .pc file
PC_ALL := $(PC_PURE) $(PC_WORKER) $(PC_KEEPER) $(PC_TOOL) check
# libraries' headers are not ours to warn about
pkg_cflags := $(patsubst -I%,-isystem %,$(call pc,--cflags,$(PC_ALL)))

pure_rooms := base l2tp ppp conf policy radius inside
pure_src := $(foreach r,$(pure_rooms),$(wildcard src/$(r)/*.c))
os_src := $(wildcard src/os/*.c)
daemon_src := src/lnsd.c $(wildcard src/worker/*.c src/keeper/*.c src/aaa/*.c)
tool_src := $(wildcard src/lnsctl/*.c)
plugin_src := $(wildcard src/pppd/*.c) src/os/plink.c src/os/caller.c
all_c := $(wildcard src/*.c src/*/*.c tests/*/*.c)
all_h := $(wildcard include/*.h src/*/*.h tests/*/*.h)
obj = $(patsubst %.c,$(B)/%.o,$(1))

all: $(B)/lnsd $(B)/lnsctl $(B)/lnsd-pppd.so ## build daemon, tool and plugin

$(B)/libpure.a: $(call obj,$(pure_src))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/libos.a: $(call obj,$(os_src))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/lnsd: $(call obj,$(daemon_src)) $(B)/libos.a $(B)/libpure.a
	$(call say,LD,$@)
	$(Q)$(CC) $(base_ldflags) -o $@ $^ $(call pc,--libs,$(PC_PURE) $(PC_WORKER) $(PC_KEEPER)) $(LIBS_PURE)

$(B)/lnsctl: $(call obj,$(tool_src)) $(B)/libos.a $(B)/libpure.a
	$(call say,LD,$@)
	$(Q)$(CC) $(base_ldflags) -o $@ $^ $(call pc,--libs,$(PC_PURE) $(PC_TOOL)) $(LIBS_PURE)

$(call obj,$(pure_src)): room_cflags := $(WARN_PURE)

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(room_cflags) $(pkg_cflags) -c -o $@ $<

# What the objects were made with: when compiler or flags change, they are made anew
flags_now = $(shell $(CC) --version | head -n 1) $(CC) $(base_cflags) $(WARN_PURE) $(base_ldflags) $(pkg_cflags)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$flags_now" | cmp -s - $@ || printf '%s\n' "$$flags_now" >$@
$(B)/flags: export flags_now := $(flags_now)

# The plugin is loaded into pppd: position-independent, no sanitizer, only the headers that it needs.
$(B)/lnsd-pppd.so: $(plugin_src) $(wildcard include/*.h src/pppd/*.h) $(B)/flags
	$(call say,PLUGIN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -DPPPD_API=$(PPPD_API) -Iinclude -Isrc $(WARN) -fPIC -shared -fvisibility=hidden \
		-fstack-protector-strong -D_FORTIFY_SOURCE=3 $(CFLAGS) -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(plugin_src)

$(B)/lnsd.service: systemd/lnsd.service $(B)/flags
	$(Q)sed 's|/usr/sbin/|$(PREFIX)/sbin/|; s|/usr/bin/|$(PREFIX)/bin/|' $< >$@

# Test programs: one a file. A program that needs more than the pure rooms and os names the sources: test_x_src, fuzz_x_src
test_port_src := src/worker/port.c
test_exposition_src := src/worker/exposition.c src/worker/histogram.c src/worker/totals.c src/worker/port.c src/worker/process.c
test_request_src := src/worker/request.c
test_udp_src := src/worker/udp.c src/worker/addr.c src/worker/train.c
test_udp_out_src := $(test_udp_src)
test_udp_in_src := $(test_udp_src)
test_sa_src := src/worker/sa.c src/worker/addr.c
test_settings_src := src/worker/settings.c
test_proxied_src := src/worker/proxied.c
test_history_src := src/keeper/history_file.c
test_past_src := src/lnsctl/since.c
test_keeper_loop_src := src/keeper/loop.c
test_login_src := src/keeper/login.c src/keeper/otp_used.c
test_qr_src := src/lnsctl/qr.c
test_dns_probe_src := src/lnsctl/dns_probe.c
test_pcapng_src := src/lnsctl/pcapng.c
test_traffic_src := src/lnsctl/traffic.c
test_timeline_src := src/lnsctl/timeline.c src/lnsctl/timeline_text.c
test_verdict_src := src/lnsctl/verdict.c src/lnsctl/finding.c src/lnsctl/sa_look.c
test_loop_src := src/lnsctl/loop.c src/lnsctl/way.c src/lnsctl/finding.c src/lnsctl/field.c
test_otp_used_src := src/keeper/otp_used.c
test_bans_src := src/keeper/ban_file.c
test_pppd_src := src/keeper/pppd_args.c src/keeper/pppd_exit.c src/keeper/spawn_fault.c
test_profile_text_src := src/lnsctl/profile_text.c
test_userfile_src := src/lnsctl/userfile.c
test_import_words_src := src/lnsctl/import_words.c
test_change_src := src/lnsctl/change.c src/lnsctl/whole.c src/lnsctl/diff.c src/lnsctl/offer.c src/lnsctl/table.c
test_cert_src := src/lnsctl/cert_make.c
test_ipsec_src := src/keeper/ipsec_files.c
test_ipsec_host_src := src/keeper/ipsec_host.c
test_ipsec_proposals_src := src/keeper/ipsec_proposals.c
test_net_rules_src := src/keeper/net_rules.c
test_drop_plan_src := src/keeper/drop_plan.c
test_sa_msg_src := src/keeper/sa_msg.c
test_sa_dir_src := src/keeper/sa_msg.c src/keeper/sa_dir.c src/keeper/sa_client.c
test_sa_life_src := $(test_sa_dir_src)
test_radius_client_src := src/aaa/ledger.c src/aaa/spool.c
fuzz_ctl_src := src/worker/request.c
fuzz_xfrm_src := $(test_sa_dir_src)
fuzz_words_src := src/lnsctl/import_words.c
lac_src := $(wildcard tests/lac/*.c)
marks_src := $(test_udp_src) src/keeper/sockets.c
standin_src := $(wildcard src/worker/*.c) src/keeper/sockets.c
.SECONDEXPANSION:
more = $(call obj,$($*_src))
libs = $(B)/libfixture.a $(B)/libos.a $(B)/libpure.a
test_ldflags = $(base_ldflags) -Wl,--as-needed
test_libs = $(call pc,--libs,$(PC_ALL)) $(LIBS_PURE)
link = $(Q)mkdir -p $(@D) && $(CC) $(test_ldflags) $(1) -o $@ $(filter-out $(libs),$^) $(libs) $(test_libs)

unit_bin := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
bench_bin := $(B)/bench/load $(B)/bench/floor $(B)/bench/hdlc $(B)/bench/connected
tools_bin := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
fuzz_names := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
replay_bin := $(fuzz_names:%=$(B)/replay/fuzz_%)

# What several unit tests share: tests/unit/*.c that are no tests themselves
fixture_src := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
$(B)/libfixture.a: $(call obj,$(fixture_src))
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/unit/%: $(B)/tests/unit/%.o $$(more) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/unit/test_memory: private LDFLAGS += $(foreach f,malloc calloc realloc lns_new lns_input lns_tick lns_shutdown lns_reconf lns_dial tunnel_open,-Wl,--wrap=$(f))
$(B)/unit/test_ipsec_host $(B)/unit/test_ipsec_proposals: private LDFLAGS += -Wl,--wrap=command_run
$(B)/unit/test_udp_out: private LDFLAGS += -Wl,--wrap=sendmmsg,--wrap=setsockopt

$(B)/tools/%: $(B)/tests/tools/%.o $$(more) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/bench/load: $(call obj,$(filter-out tests/bench/floor.c tests/bench/hdlc.c tests/bench/connected.c,$(wildcard tests/bench/*.c))) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/bench/floor: $(call obj,tests/bench/floor.c) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/bench/hdlc: $(call obj,tests/bench/hdlc.c) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/bench/connected: $(call obj,tests/bench/connected.c) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $$(more) $(libs)
	$(call say,LD,$@)
	$(call link)

$(B)/libfuzzer/%: $(B)/tests/fuzz/%.o $$(more) $(libs)
	$(call say,LD,$@)
	$(call link,-fsanitize=fuzzer)

$(B)/sim: private LDFLAGS += $(foreach f,malloc calloc realloc free,-Wl,--wrap=$(f))
$(B)/sim: $(call obj,$(wildcard tests/sim/*.c)) $(libs)
	$(call say,LD,$@)
	$(call link)

# Every tier prints `N passed, N failed` as its last line; tests/tools/tally adds them up
tally = +@tests/tools/tally
SIM_RUNS ?= 10000
export UBSAN_OPTIONS ?= print_stacktrace=1

unit: $(unit_bin) $(B)/lnsctl ## build and run the unit tests
	@tests/tools/run-unit $(unit_bin)

corpus: $(replay_bin) ## replay the kept inputs of every fuzz target
	@tests/tools/run-corpus $^

sim: $(B)/sim ## the simulator, SIM_RUNS=10000
	@$(EMULATOR) $(B)/sim --seeds tests/sim/seeds --runs $(SIM_RUNS)

daemon: all $(tools_bin) ## the real daemon on loopback, in namespaces of its own
	@BUILD=$(B) tests/daemon/run

flood: all $(tools_bin) ## floods of the daemon, on a network of namespaces: FLOOD_SECONDS=30 STRAYS=1000000
	@BUILD=$(B) tests/daemon/floods

# RFC 2661 from outside, id by id. TARGET is any LNS, SECRET its tunnel secret, IDS= for some of them.
TARGET ?=
SECRET ?=
conformance: $(if $(TARGET),,all $(tools_bin)) ## RFC 2661 id by id against the real daemon; TARGET=address for any LNS
	@BUILD=$(B) TARGET='$(TARGET)' SECRET='$(SECRET)' tests/conformance/run $(IDS)

profiles: $(B)/lnsctl ## what lnsctl client writes, read by parsers of these languages
	@tests/profiles/run $(B)/lnsctl

# Ratios of one run, on a machine with nothing else to do. ROWS="name ..." (tests/bench/run --list), ROUNDS=3,
# BENCH_JSON=file, PROFILE=1 for profiles in $(B)/bench, FULL=1 for 10^7 frames.
bench: all $(tools_bin) $(bench_bin) ## speed beside xl2tpd and a floor program: ROWS="name ..." ROUNDS=3 BENCH_JSON=file PROFILE=1
	@BUILD=$(B) tests/bench/run

smoke: all $(tools_bin) $(bench_bin) ## each benchmark for a moment: it works, its figures count for nothing
	@BUILD=$(B) tests/bench/run --smoke

rfc-table: ## docs/rfc2661.md against code and tests
	@tests/tools/rfc-table

test: all $(unit_bin) $(replay_bin) $(B)/sim $(tools_bin) $(bench_bin) ## unit, corpus, simulator, daemon, the benchmarks' smoke, clients' settings, the table of RFC 2661
	$(tally) unit '$(sub) unit' corpus '$(sub) corpus' simulator '$(sub) sim' daemon '$(sub) daemon' smoke '$(sub) smoke' \
		profiles '$(sub) profiles' rfc-table '$(sub) rfc-table'

lab: ## a real kernel with real clients: CASE=name KERNEL=uml|stock DIST=bookworm|trixie
	@tests/lab/run

lab-bench: ## speed in the lab's kernels, with real pppds, beside xl2tpd: log-in, storms of log-ins
	@BENCH=1 MACHINES=1 tests/lab/run

demo: ## a gateway at work, on a throw-away kernel; installs what it needs
	@$(sub) deps
	@tests/lab/demo

check: ## everything, from a bare machine: deps, build, test, conformance, both sanitized, floods, lint, lab
	$(tally) deps 'tests/tools/step $(sub) deps' \
		build 'tests/tools/step $(sub) -j$(JOBS) all' \
		test '$(sub) -j$(JOBS) test' \
		sanitized '$(sub) -j$(JOBS) SAN=address,undefined test' \
		conformance '$(sub) conformance' \
		robustness '$(sub) SAN=address,undefined conformance' \
		floods '$(sub) flood FLOOD_SECONDS=10 STRAYS=200000 JUMBOS=5000' \
		lint '$(sub) lint' \
		lab '$(sub) lab'

deps: ## install what building, testing and the lab need (Debian)
	@tests/tools/deps $(DEPS_BUILD) $(DEPS_DEB) $(DEPS_TEST) $(DEPS_LINT)
	@if [ -x tests/lab/prepare ]; then tests/lab/prepare; fi

# The pure rooms on another machine: their unit tests, the corpus and the simulator, linked statically against Debian's
# libraries for it. Not what needs OpenSSL's legacy provider, which no static program can load, nor the corpus of targets that
# need more libraries, nor tests of others that bear a pure file's name. Time has 64 bits, as distributions build for 32-bit
# machines. Under emulation a fork is slow: the tests of one program run in one process.
# $(call cross,COMPILER,DEBIAN'S ARCHITECTURE,EMULATOR,VARIABLES)
CROSS_PACKAGES := check libsubunit-dev libssl-dev libinih-dev libunistring-dev
CROSS_RUNS := 500
pure_names := $(basename $(notdir $(pure_src)))
pure_unit := $(filter $(addprefix $(B)/unit/test_,$(filter-out cred users users_check bans profile request,$(pure_names)) client conf_peer delivery memory wall),$(unit_bin))
pure_replay := $(filter-out %_ctl %_users %_xfrm,$(replay_bin))
cross_in = build/cross/$(2)
cross_lib = $(cross_in)/root/usr/lib/$(2)-linux-gnu
cross = tests/cross/prepare $(2) $(cross_in) $(CROSS_PACKAGES) && \
	export PKG_CONFIG_SYSROOT_DIR=$(cross_in)/root && export PKG_CONFIG_LIBDIR=$(cross_lib)/pkgconfig && \
	$(4) $(sub) CC=$(1) B=$(cross_in)/build STATIC=1 EMULATOR=$(3) SIM_RUNS=$(CROSS_RUNS) \
		PKG_CONFIG='$(PKG_CONFIG) --static' PC_WORKER= PC_KEEPER= PC_TOOL= \
		CFLAGS='-O2 -D_TIME_BITS=64 -isystem $(cross_in)/root/usr/include/$(2)-linux-gnu' cross-run

cross: ## the pure rooms on 32 bits (i386) and on big-endian s390x; installs the compilers for it
	@tests/tools/deps $(DEPS_CROSS)
	$(tally) 32-bit "$(call cross,i686-linux-gnu-gcc,i386)" \
		big-endian "$(call cross,s390x-linux-gnu-gcc,s390x,qemu-s390x,CK_FORK=no)"

cross-run: $(pure_unit) $(pure_replay) $(B)/sim
	$(tally) unit 'tests/tools/run-unit $(pure_unit)' corpus 'tests/tools/run-corpus $(pure_replay)' simulator '$(sub) sim'

# Fuzzing: clang, everything instrumented. New inputs collect in build-fuzz/corpus, crashes go to tests/corpus to stay.
SECONDS ?= 60
RUNS ?= 100000000
# Inputs no longer than what the target has use for: speed
fuzz_cflags := -O2 -g -DSA_BUCKETS=64
fuzz_avp_args := -max_len=256
fuzz_chan_args := -max_len=64
fuzz_conf_args := -max_len=160
fuzz_dissect_args := -max_len=512
fuzz_hdlc_args := -max_len=200
fuzz_inside_args := -max_len=640
fuzz_lns_args := -max_len=80
fuzz_xfrm_args := -max_len=1024
fuzz_pluto_args := -max_len=200
fuzz_radius_args := -max_len=512
fuzz_users_args := -max_len=100
fuzz_programs = $(patsubst %,$(1)/libfuzzer/fuzz_%,$(or $(T),$(fuzz_names)))
fuzz_build = $(sub) -j$(JOBS) CC=$(CLANG) SAN=fuzzer-no-link,address,undefined B=$(1) $(2) $(call fuzz_programs,$(1))

fuzz: ## fuzz one target: T=name SECONDS=60 FUZZ_JOBS=1
	@$(if $(filter $(T),$(fuzz_names)),,echo "T= one of: $(fuzz_names)" >&2; exit 2)
	@$(call fuzz_build,build-fuzz,CFLAGS='$(fuzz_cflags)')
	@tests/tools/run-fuzz build-fuzz $(call fuzz_programs,build-fuzz) $(SECONDS) $(fuzz_$(T)_args)

fuzz-all: ## every target in turn: SECONDS=60 each
	$(Q)set -e; for t in $(fuzz_names); do $(sub) fuzz T=$$t SECONDS=$(SECONDS); done

# Without the guesses that looking at comparisons gives, four times as fast. What UBSan finds is a trap here: the input,
# replayed by `make SAN=address,undefined corpus`, says what it was.
fuzz-long: ## each target until it has RUNS=100000000 executions behind it, in rounds of SECONDS=60; T=names for some
	@$(call fuzz_build,build-fuzz/long,CFLAGS='$(fuzz_cflags) -fno-sanitize-coverage=trace-cmp -fsanitize-trap=undefined')
	@$(foreach t,$(fuzz_names),FUZZ_ARGS_$(t)='$(fuzz_$(t)_args)') \
		tests/tools/fuzz-long build-fuzz $(RUNS) $(SECONDS) $(call fuzz_programs,build-fuzz/long)

fuzz-table: ## executions, speed and coverage of each target so far
	@tests/tools/fuzz-table build-fuzz $(or $(T),$(fuzz_names))

cov: ## line coverage a room; fails under 95 % of src/l2tp, 90 % of src/ppp and src/conf
	@rm -rf build-cov
	@$(sub) -j$(JOBS) COV=1 run-cov

run-cov: $(unit_bin) $(B)/lnsctl $(replay_bin) $(B)/sim
	$(tally) unit '$(sub) unit' corpus '$(sub) corpus' simulator '$(sub) sim'
	@tests/tools/coverage $(B)

lint: $(B)/libpure.a ## formats, clang-tidy, cppcheck, shellcheck, mandoc, layers, purity, headers; CHECKS=name for some
	@LINT_FLAGS='-std=gnu11 -D_GNU_SOURCE $(subst ','\'',$(paths)) -DPPPD_API=$(PPPD_API) -Iinclude -Isrc $(WARN) $(pkg_cflags)' \
		LINT_PURE='$(WARN_PURE)' tests/tools/lint $(B)/libpure.a $(CHECKS)

format: ## clang-format over all of it
	clang-format -i $(all_c) $(all_h)

# What is for administrators; testing and the table of RFC 2661 are for who changes lnsd
guides := $(filter-out docs/testing.md docs/rfc2661.md,$(wildcard docs/*.md docs/clients/*))
# MODE:SOURCE:PLACE
staged := \
	755:$(B)/lnsd:$(PREFIX)/sbin/lnsd \
	755:$(B)/lnsctl:$(PREFIX)/bin/lnsctl \
	644:$(B)/lnsd-pppd.so:$(PREFIX)/lib/lnsd/lnsd-pppd.so \
	644:$(B)/lnsd.service:$(PREFIX)/lib/systemd/system/lnsd.service \
	644:systemd/lnsd.sysusers:$(PREFIX)/lib/sysusers.d/lnsd.conf \
	644:systemd/lnsd.tmpfiles:$(PREFIX)/lib/tmpfiles.d/lnsd.conf \
	644:docs/lnsd.8:$(PREFIX)/share/man/man8/lnsd.8 \
	644:docs/lnsctl.8:$(PREFIX)/share/man/man8/lnsctl.8 \
	644:docs/lnsd.conf.5:$(PREFIX)/share/man/man5/lnsd.conf.5 \
	644:docs/lnsd-users.5:$(PREFIX)/share/man/man5/lnsd-users.5 \
	$(foreach f,$(guides),644:$f:$(PREFIX)/share/doc/lnsd/$(f:docs/%=%)) \
	$(foreach f,$(wildcard conf/minimal.conf conf/fail2ban/*/*),644:$f:$(PREFIX)/share/doc/lnsd/examples/$(f:conf/%=%)) \
	$(foreach f,$(wildcard conf/grafana/* conf/prometheus/*),644:$f:$(PREFIX)/share/lnsd/$(f:conf/%=%)) \
	$(foreach f,$(wildcard conf/completion/lnsctl.bash),644:$f:$(PREFIX)/share/bash-completion/completions/lnsctl) \
	$(foreach f,$(wildcard conf/completion/_lnsctl),644:$f:$(PREFIX)/share/zsh/vendor-completions/_lnsctl)
# the administrator's from then on: never overwritten, removed only as long as nobody has edited them
kept := \
	644:conf/lnsd.conf:$(SYSCONFDIR)/lnsd/lnsd.conf \
	600:conf/users:$(SYSCONFDIR)/lnsd/users

# $(call each,LIST,COMMAND): COMMAND for each entry, with mode, source and place as $$1 $$2 $$3
each = @set -e; for entry in $(1); do IFS=:; set -- $$entry; unset IFS; $(2); done
reload_systemd = @if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
conf_d = $(DESTDIR)$(SYSCONFDIR)/lnsd/lnsd.conf.d
unedited = { cmp -s "$$2" "$(DESTDIR)$$3" || [ ! -e "$(DESTDIR)$$3" ]; }

install: all $(B)/lnsd.service ## DESTDIR= PREFIX=/usr SYSCONFDIR=/etc
	$(call each,$(staged),install -D -m $$1 "$$2" "$(DESTDIR)$$3" && echo "  $(DESTDIR)$$3")
	$(call each,$(kept),if [ -e "$(DESTDIR)$$3" ]; then echo "  $(DESTDIR)$$3 is there already: kept"; \
		else install -D -m $$1 "$$2" "$(DESTDIR)$$3" && echo "  $(DESTDIR)$$3"; fi)
	@install -d "$(conf_d)"
	$(if $(DESTDIR),,@if command -v systemd-sysusers >/dev/null; then systemd-sysusers lnsd.conf; systemd-tmpfiles --create lnsd.conf; fi)
	$(if $(DESTDIR),,$(reload_systemd))

uninstall: ## removes what install put there; an edited configuration stays
	$(call each,$(staged),rm -f "$(DESTDIR)$$3")
	$(call each,$(kept),if $(unedited); then rm -f "$(DESTDIR)$$3"; else echo "  $(DESTDIR)$$3 is yours: left in place"; fi)
	@rmdir "$(conf_d)" "$(DESTDIR)$(SYSCONFDIR)/lnsd" 2>/dev/null || true
	@find "$(DESTDIR)$(PREFIX)/lib/lnsd" "$(DESTDIR)$(PREFIX)/share/lnsd" "$(DESTDIR)$(PREFIX)/share/doc/lnsd" \
		-type d -empty -delete 2>/dev/null || true
	$(if $(DESTDIR),,$(reload_systemd))

deb: ## a Debian package, build/deb/lnsd_VERSION_ARCHITECTURE.deb
	@tests/tools/deb $(VERSION) $(filter %-dev,$(DEPS_BUILD))

clean: ## remove everything that was built
	rm -rf build build-*

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: all unit corpus sim daemon flood bench smoke conformance rfc-table test lab lab-bench demo check deps cross cross-run fuzz fuzz-all fuzz-long fuzz-table cov run-cov lint format install uninstall deb clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(B) -path $(B)/deb -prune -o -type f -name '*.d' -print 2>/dev/null)
