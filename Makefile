# While You Wait: the face of everything. `make help` lists what to type.
#
#   sh harness/setup && make check     set up, and judge what was started
#   sh harness/setup && make test      set up, and run the project's tests
#
# Variables: LAB=02 (also TEST=, SEED=), CC=clang, JOBS=4, PART="unit labs",
# CHAPTER=02 (also ONLY=transcripts), FULL=1, TIMES=20.
# All products go to build/; `make clean` removes them, and never your file.

JOBS =
PART =

# The modules of harness/, bottom first: build list, layer order and reading
# order at once. A module includes only what stands above it in this list.
MODULES = \
	warn \
	clock \
	terms \
	stats \
	pairs \
	text \
	tree \
	interrupt \
	sweep \
	hogs \
	machine \
	spawn \
	jobs \
	workdir \
	record \
	tap \
	yamlparse \
	yamlfile \
	package \
	lab \
	lab_read \
	intake \
	harmless \
	contract \
	diagnose \
	compile \
	programs \
	judging \
	sanitizer_match \
	sanitizer_facts \
	sanitizer_words \
	sanitizer_undefined \
	sanitizer_stack \
	sanitizer_where \
	sanitizer \
	duel \
	calibrate \
	verdict \
	dbfile \
	database \
	gradebook \
	report_terminal \
	report_layout \
	report_page \
	report_timing \
	report_text \
	report_json \
	report_tap \
	timeline \
	timeline_draw \
	watch \
	frame \
	doctor \
	doctor_tools \
	doctor_machine \
	doctor_timing \
	doctor_place \
	cmd \
	cmd_check \
	cmd_time \
	cmd_watch \
	cmd_run \
	cmd_hint \
	cmd_solution \
	cmd_reset \
	cmd_history \
	cmd_progress \
	cmd_doctor \
	cmd_new \
	main

# What a judge is made of beside its judge.c, and a probe beside probe.c.
JUDGE_MODULES = warn clock terms text interrupt sweep machine spawn \
	probe/wire judge/pump judge/look judge/process judge/passing \
	judge/flight judge/ask judge/crash \
	judge/origin_desks \
	judge/origin_listener judge/origin_connection judge/origin_table \
	judge/origin_pages judge/origin judge/visit \
	judge/authority judge/origin_tls \
	judge/gate \
	judge/own_work \
	judge/bound_waits judge/options judge/doors judge/crowd judge/items \
	judge/turnstile judge/gates judge/lease \
	judge/powercut \
	judge/bound_team judge/judge
PROBE_MODULES = warn clock terms text \
	probe/wire probe/faults probe/spent probe/files probe/sockets \
	probe/fortified \
	probe/vfs probe/vfs_files \
	probe/virtual probe/memory probe/threads probe/ring probe/items probe/turnstile \
	probe/serve

LABS := $(patsubst labs/%/lab.yaml,%,$(sort $(wildcard labs/[0-9]*/lab.yaml)))
# The tests have one of their own, with every build that there is.
TEST_LAB = 90-teams
vpath %.c labs harness/tests/labs
# Labs that are written with a library beside that of C.
PACKAGED_LABS = $(patsubst labs/%/lab.yaml,%, \
    $(shell grep -lE '^packages:.*\b$(1)\b' labs/[0-9]*/lab.yaml))
LIBCURL_LABS := $(call PACKAGED_LABS,libcurl)
SQLITE3_LABS := $(call PACKAGED_LABS,sqlite3)
# Those that are compiled with -fopenmp, and that look for races.
OPENMP_LABS := $(patsubst labs/%/lab.yaml,%, \
    $(shell grep -l '^openmp: true' labs/[0-9]*/lab.yaml)) $(TEST_LAB)
RACES_LABS := $(patsubst labs/%/judge.c,%, \
    $(shell grep -lsw BUILD_RACES labs/[0-9]*/judge.c))
# The demonstrations of the book, and those of them that use OpenMP.
DEMOS := $(patsubst book/%.c,build/%,$(sort $(wildcard book/code/*.c)))
OPENMP_DEMOS := $(patsubst book/%.c,build/%,$(if $(DEMOS), \
    $(shell grep -lE '^ *#pragma omp|<omp[.]h>' book/code/*.c)))
# Those that are written with a library that a lab may use, too.
LIBCURL_DEMOS := $(patsubst book/%.c,build/%,$(if $(DEMOS), \
    $(shell grep -l '<curl/curl[.]h>' book/code/*.c)))
SQLITE3_DEMOS := $(patsubst book/%.c,build/%,$(if $(DEMOS), \
    $(shell grep -l '<sqlite3[.]h>' book/code/*.c)))
# Where races can be checked; else empty, and nothing is built for them.
ARCHER := $(shell sh harness/archer)
TESTS := $(patsubst harness/tests/%.c,%,$(wildcard harness/tests/test_*.c))

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
CFLAGS = -O2 -g
OURS = -std=c17 -D_GNU_SOURCE -Iharness -Ibuild $(WARNINGS) -MMD -MP
# More for `lab` and the judges alone, not for probes; CI sanitizes them so:
# make HARNESS_FLAGS="-fsanitize=address,undefined"
HARNESS_FLAGS =
SANITIZE = -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
PKG = $(shell pkg-config $(1) 2>/dev/null)
LAB_LIBS = $(call PKG,--libs sqlite3 yaml-0.1 jansson) -lm
# OpenSSL is for servers with TLS: a judge that has none is made without it.
JUDGE_LIBS = $(call PKG,--libs check jansson) -lm \
	-Wl,--as-needed $(call PKG,--libs openssl)
TEST_LIBS = $(call PKG,--libs check sqlite3 yaml-0.1 jansson) -lm \
	-Wl,--as-needed $(call PKG,--libs openssl)
LIB_CFLAGS = $(call PKG,--cflags check sqlite3 yaml-0.1 jansson openssl)

LAB_OBJECTS = $(MODULES:%=build/harness/%.o)
JUDGE_OBJECTS = $(JUDGE_MODULES:%=build/harness/%.o)
JUDGES = $(LABS:%=build/%/judge)
EXPERIMENTS := $(patsubst labs/%.c,build/%,$(sort $(wildcard labs/[0-9]*/experiment.c)))
PROBES = $(LABS:%=build/%/probe-plain.o) $(LABS:%=build/%/probe-sanitized.o) \
	build/probe/plain.a build/probe/sanitized.a build/probe/interposed.o \
	$(if $(ARCHER),build/probe/races.a $(RACES_LABS:%=build/%/probe-races.o))
TEST_LAB_PRODUCTS = $(addprefix build/$(TEST_LAB)/,judge probe-plain.o \
	probe-sanitized.o $(if $(ARCHER),probe-races.o))
openmp = $(if $(filter $(1),$(OPENMP_LABS)),-fopenmp)
# packages FLAG,LAB: what pkg-config says of the lab's packages
packages = $(if $(filter $(2),$(LIBCURL_LABS)),$(call PKG,$(1) libcurl)) \
	$(if $(filter $(2),$(SQLITE3_LABS)),$(call PKG,$(1) sqlite3))

# `make V=1` shows the commands whole.
V =
quiet = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all check watch time run hint reset solution doctor history progress book \
	pictures record new test test-programs test-book test-soak bench bench-duel \
	help clean format FORCE

all: build/lab build/origin $(JUDGES) $(EXPERIMENTS) $(PROBES) $(DEMOS) \
    compile_commands.json

## check: judge the labs you started, or one: make check LAB=02 [TEST= SEED=]
check: all
	@build/lab check $(LAB) $(TEST:%=--test %) $(SEED:%=--seed %) \
	    $(JOBS:%=--jobs %)

## watch: judge again on every save: make watch [LAB=03]
watch: all
	@build/lab watch $(LAB)

## time: beside the reference, with more runs than a check: make time LAB=03
time: all
	@build/lab time $(LAB)

## run: a chapter's experiment, drawn as a timeline: make run LAB=03
run: all
	@build/lab run $(LAB)

## hint: the next of three hints for what failed: make hint LAB=02 [SECTION=2.1]
hint: all
	@build/lab hint $(LAB) $(SECTION:%=--section %)

## solution: the reference, and how yours differs: make solution LAB=02 [DIFF=1]
solution: all
	@build/lab solution $(LAB) $(DIFF:%=--diff) $(YES:%=--yes)

## reset: the starter again; your file is kept: make reset LAB=02
reset: all
	@build/lab reset $(LAB)

## history: your judged runs, newest first: make history [LAB=02]
history: all
	@build/lab history $(LAB)

## progress: your points, and what is next
progress: all
	@build/lab progress

## doctor: is this machine ready, and what is not checked on it?
doctor: build/lab
	@build/lab doctor

## book: the chapters as pages: build/book/index.html
book:
	@sh book/build

## pictures: the two of README.md, a check and a page, drawn anew
pictures: all book
	@sh book/pictures

## record: run what the book shows, and write down what it said: [CHAPTER=02]
record: all
	@book/record $(ONLY:%=--only %) $(CHAPTER)

## new: a frame for a new lab, in its three places: make new LAB=42-answers
new: build/lab
	@build/lab new $(LAB)

## test: the project's own tests: make test [PART="unit labs"] [LAB=02]
test: test-programs
	@sh harness/tests/run $(PART)

# What its parts need: this may be built with -j.
test-programs: all $(if $(filter $(or $(PART),unit),unit),$(TESTS:%=build/tests/%)) \
    $(TEST_LAB_PRODUCTS) | build/tests

## test-book: the book alone: its pages, links, spelling and transcripts
test-book: all
	@mkdir -p build/tests && sh harness/tests/run book

## test-soak: right solutions, TIMES=20, on a busy machine (half an hour)
test-soak: all $(TEST_LAB_PRODUCTS)
	@sh harness/tests/run soak

## bench: edit to verdict against its bound; the references beside others
bench: all
	@sh harness/bench/run $(LAB)

## bench-duel: does the timing judge rightly? quiet and busy (an hour)
bench-duel: all
	@sh harness/bench/duel $(LAB)

## format: lay out the C code with clang-format
format:
	clang-format -i $$(sh harness/tests/style/files . '*.c' '*.h')

## clean: remove what was built; your files, kept/ and the gradebook stay
clean:
	rm -f compile_commands.json
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 \
	    ! -name kept ! -name 'gradebook.db*' -exec rm -rf {} +; fi

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): /  make \1\t/p' Makefile | expand -t 18

print-%:
	@echo $($*)

# The compiler that builds the harness is the one that builds every probe.
# The header changes, and all is built anew, when another one is named.
build/toolchain.h: FORCE | build/tests
	@sh harness/toolchain "$(CC)" "$(ARCHER)" >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

build/schema.h: harness/schema.sql harness/embed | build/tests
	$(call quiet,GEN)sh harness/embed schema_sql harness/schema.sql >$@

build/lab: $(LAB_OBJECTS)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $^ -o $@ $(LAB_LIBS)

build/harness/%.o: harness/%.c build/toolchain.h | build/schema.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $(OURS) $(LIB_CFLAGS) -c $< -o $@

build/judge.a: $(JUDGE_OBJECTS)
	$(call quiet,AR)rm -f $@ && ar rc $@ $^

build/origin: build/harness/judge/origin_main.o build/judge.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $^ -o $@ $(JUDGE_LIBS)

build/%/judge: build/%/judge.o build/judge.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $^ -o $@ $(JUDGE_LIBS) \
	    $(call packages,--libs,$*)

build/%/judge.o: %/judge.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $(OURS) $(LIB_CFLAGS) $(call packages,--cflags,$*) -I$(<D) -c $< -o $@

build/%/experiment: build/%/experiment.o build/judge.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $(call openmp,$*) $^ -o $@ $(JUDGE_LIBS) \
	    $(call packages,--libs,$*)

build/%/experiment.o: %/experiment.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(HARNESS_FLAGS) $(call openmp,$*) $(OURS) $(LIB_CFLAGS) -I$(<D) -c $< -o $@

build/%/probe-plain.o: %/probe.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(call openmp,$*) $(OURS) $(call packages,--cflags,$*) -I$(<D) -c $< -o $@

build/%/probe-sanitized.o: %/probe.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(SANITIZE) $(call openmp,$*) $(OURS) $(call packages,--cflags,$*) -I$(<D) -c $< -o $@

# Beside a learner's object with ThreadSanitizer, and without it themselves.
build/%/probe-races.o: %/probe.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)clang $(CFLAGS) $(call openmp,$*) $(OURS) $(call packages,--cflags,$*) -I$(<D) -c $< -o $@

# demo_packages FLAG,DEMO: what pkg-config says of what it includes
demo_packages = $(if $(filter $(2),$(LIBCURL_DEMOS)),$(call PKG,$(1) libcurl)) \
    $(if $(filter $(2),$(SQLITE3_DEMOS)),$(call PKG,$(1) sqlite3))

# As a reader would build it by hand: nothing is optimised away.
build/code/%: book/code/%.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=c17 -g -O0 -Wall -Wextra -Werror -MMD -MP \
	    $(if $(filter $@,$(OPENMP_DEMOS)),-fopenmp) \
	    $(call demo_packages,--cflags,$@) $< -o $@ $(call demo_packages,--libs,$@) -lm

build/probe/plain.a: $(PROBE_MODULES:%=build/plain/%.o)
	@mkdir -p $(@D)
	$(call quiet,AR)rm -f $@ && ar rc $@ $^

build/probe/sanitized.a: $(PROBE_MODULES:%=build/sanitized/%.o)
	@mkdir -p $(@D)
	$(call quiet,AR)rm -f $@ && ar rc $@ $^

build/probe/races.a: $(PROBE_MODULES:%=build/races/%.o)
	@mkdir -p $(@D)
	$(call quiet,AR)rm -f $@ && ar rc $@ $^

# Into probes with libcurl; never sanitized (see there).
build/probe/interposed.o: harness/probe/interposed.c build/toolchain.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(OURS) -c $< -o $@

build/races/%.o: harness/%.c build/toolchain.h | build/schema.h
	@mkdir -p $(@D)
	$(call quiet,CC)clang $(CFLAGS) $(OURS) $(LIB_CFLAGS) -c $< -o $@

build/plain/%.o: harness/%.c build/toolchain.h | build/schema.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(OURS) $(LIB_CFLAGS) -c $< -o $@

build/sanitized/%.o: harness/%.c build/toolchain.h | build/schema.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS) $(SANITIZE) $(OURS) $(LIB_CFLAGS) -c $< -o $@

# Tests link whatever they need of the harness, sanitized.
build/tests/harness.a: $(patsubst %,build/sanitized/%.o, \
    $(filter-out main,$(MODULES)) $(filter-out judge/judge, \
    $(filter judge/%,$(JUDGE_MODULES))) $(filter-out probe/serve, \
    $(filter probe/%,$(PROBE_MODULES))))
	$(call quiet,AR)rm -f $@ && ar rc $@ $^

build/tests/%.o: harness/tests/%.c build/toolchain.h
	$(call quiet,CC)$(CC) $(CFLAGS) $(SANITIZE) $(OURS) $(LIB_CFLAGS) -c $< -o $@

# As a probe with libcurl has it.
build/tests/test_interposed: build/tests/test_interposed.o \
    build/probe/interposed.o build/tests/harness.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(SANITIZE) $^ -o $@ $(TEST_LIBS) \
	    $(call PKG,--libs libcurl)

build/tests/test_%: build/tests/test_%.o build/tests/harness.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(SANITIZE) $^ -o $@ $(TEST_LIBS)

build/tests:
	@mkdir -p $@

compile_commands.json: Makefile \
    $(wildcard harness/*.c harness/*/*.c labs/*/*.c labs/*/lab.yaml book/code/*.c)
	@sh harness/editor "$(CC)" >$@.new && mv $@.new $@

-include $(wildcard build/*.d build/*/*.d build/*/*/*.d)
