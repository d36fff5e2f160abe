# Everything there is to do here: `make help`.
# DATA and PORT choose a stack; several can run side by side. Without PORT: where DATA was before, or 8000. BUFFER_POOL is the memory of its MariaDB.
DATA ?= .stockroom
PORT ?=
BUFFER_POOL ?= 256M
SUB ?=
SCOPES ?= read upload
NAME ?=
DAYS ?= 1
KID ?=
JTI ?=
ISSUER ?=
DB ?=
ID ?=
IDS ?=
CODE ?=
REASON ?=
SAME_CONTENT ?=
QUESTION ?=
TO ?=
FROM ?=
PRUNE ?=
MAP ?=
PARTIAL ?=
CAPTIONS ?=
JOURNAL ?=
REPAIR ?=
SPARK ?=
WHICH ?=
MAY_DIFFER ?=
NEW ?=
STAGE ?=
CONFIRM ?=
KEEP ?=
PARTS ?=
SEEDS ?=
REPOSITORY ?=
PROVIDER ?=
COMMIT ?=
STATES ?=
JOB ?=
ROUNDS ?= 5
WHERE ?=
RUN ?=
RATE ?=
DRY_RUN ?=
comma := ,

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

export PYTHONPATH := $(CURDIR)
# Python keeps what it has compiled, whatever the shell says: the CDK alone takes seconds to compile.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(CURDIR)/.venv/bin
LOCAL = BUFFER_POOL="$(BUFFER_POOL)" $(BIN)/python -m local --data "$(DATA)" $(if $(PORT),--port "$(PORT)")
OPERATIONS = $(BIN)/python -m operations
# With STAGE, some targets are about that stage on AWS, and need nothing of the local stack.
STACK = $(if $(STAGE),$(OPERATIONS),$(LOCAL))
SETUP = $(if $(STAGE),setup-cdk,setup)
JOB_SETUP = $(if $(STAGE),setup-cdk,setup-jobs)
# What is about the local stack alone refuses a stage: what an operator meant for AWS must not happen elsewhere.
ONLY_LOCAL = $(if $(STAGE),$(error `make $@` is about the local stack alone: leave STAGE=$(STAGE) out))
# A switch is 1, or is left out: `PRUNE=0` must not prune.
SWITCH = $(if $($1),$(if $(filter-out 1,$($1)),$(error $1 is 1 or left out, and not $($1)),$2))
# What is given on the command line of make, and is none of the variables that a target takes, is a mistake: `ID=`
# in place of `IDS=` must not be about all pictures. What was given to a make above this one is not looked at.
GIVEN = $(if $(filter-out 0,$(MAKELEVEL)),,$(foreach each,$(.VARIABLES),$(if $(filter command,$(origin $(each))),$(each))))
TAKES = $(foreach each,$(filter-out $1 STAGE DATA PORT BUFFER_POOL BIN STOCKROOM_% AWS_%,$(GIVEN)),$(error \
  `make $@` does not take $(each)=: it takes $(or $(strip $1),nothing) beside STAGE, DATA and PORT))
OF_STAGE = $(if $(STAGE),--stage "$(STAGE)")
# What stands on the command line of make, as one word for the shell, whatever it holds: an operator copies such
# texts from where strangers have written them. Exported, they would be expanded, too.
text = '$(subst ','\'',$(value $(1)))'
unexport JOB SUB SCOPES NAME DAYS KID JTI ISSUER ID IDS CODE REASON QUESTION TO FROM MAP CAPTIONS JOURNAL WHERE RUN RATE WHICH
# Processes that run the tests side by side, each with a MariaDB of its own: two more than a small machine has
# processors, because those with a whole stack and a browser wait half of their time.
WORKERS ?= 4
PAGE = cd frontend && PATH="$(BIN):$$PATH" npm run -s
# What a check of the page has passed, it does not look at again until a file of the page has changed.
CHECK_PAGE = $(BIN)/python -m tooling.passed $@ sh -c '$(PAGE) $(1)'
# Percent of the lines of our own code that `make test` and `make test-thorough` reach together.
MIN_COVERAGE = 97
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS) --no-loadscope-reorder
# What is no unit test: the whole stack and a browser, the CDK, other servers, every hostile file, comparisons with full
# decodes and with a model of the search, whole processes, answers that expire, and folders that read and write the database
# in most of their tests: whoever changes what they test runs them by themselves.
SLOW = tests/integration tests/journey tests/infra tests/contract \
  tests/client/test_cli.py tests/client/test_uploader.py tests/client/test_storage.py \
  tests/renditions/test_hostile.py tests/renditions/test_matrix.py tests/renditions/test_memory.py \
  tests/renditions/test_rendering.py tests/renditions/test_scaling.py tests/renditions/sandbox/test_decoder.py \
  tests/search/test_against_model.py tests/search/test_cost.py tests/local/test_cdn_collapsing.py \
  tests/local/test_emulator.py tests/operations tests/jobs tests/ingest tests/images tests/curation tests/functions \
  tests/oidc tests/protocol tests/search/index/rebuild tests/search/index/test_audit.py tests/renditions/embedded \
  tests/runtime/test_database.py tests/runtime/test_waking.py
SPEAKS_SQL = tests/search tests/uploads tests/curation tests/images tests/ingest tests/runtime tests/functions tests/test_conftest.py
REQUIREMENTS = $(sort $(wildcard *.in bench/*.in functions/*.in functions/*/*.in layers/*/*.in jobs/*.in local/*.in \
  tests/*/*.in))
WORKFLOWS = $(sort $(wildcard .github/workflows/*.yml))

.PHONY: help setup setup-test setup-tools setup-jobs setup-cdk setup-deploy run up down keys token rotate withdraw revoke
.PHONY: rerender rerender-cleanup facts reindex check-jobs stop-job
.PHONY: drill reap audit takedown log ask export import adopt retry redrive smoke logs check test test-thorough test-mysql test-arm64 test-long bench
.PHONY: pytest lint types page page-types page-format page-svelte page-modules page-tests screenshots bench-page format openapi cost
.PHONY: synth diff deploy publish remove bootstrap pipeline-roles check-token go-back release lock

help: ## show this
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

##@ On this machine: PORT=8000 and DATA=.stockroom choose a stack (docs/operate.md)

run: setup ## start everything, with sample pictures, and follow the logs until Ctrl-C
	@$(call TAKES,)$(ONLY_LOCAL)$(LOCAL) run

up: setup ## start everything in the background; returns when it answers
	@$(call TAKES,)$(ONLY_LOCAL)$(LOCAL) up

down: ## stop what `make up` started; nothing saved is lost
	@$(call TAKES,)$(ONLY_LOCAL)if [ -x $(BIN)/python ]; then $(LOCAL) down; fi

drill: setup ## rehearse a recovery on a copy of the library: lose some of it, restore, audit, compare
	@$(call TAKES,)$(ONLY_LOCAL)$(LOCAL) drill

##@ A library that runs: here, or with STAGE=production on AWS (docs/operate.md)

keys: $(SETUP) ## have a signing key and publish its public half, and a deny-list
	@$(call TAKES,)$(STACK) keys $(OF_STAGE)

token: $(SETUP) ## print a sign-in token: SUB=alice SCOPES="read upload" NAME="Alice A." DAYS=1 (at most 30)
	@$(call TAKES,SUB SCOPES NAME DAYS)$(STACK) token $(OF_STAGE) --sub $(call text,SUB) --scopes $(call text,SCOPES) \
	  --name $(call text,NAME) --days $(call text,DAYS)

rotate: $(SETUP) ## make a new signing key; tokens of the old one stay valid (locally while its file lies in DATA/keys)
	@$(call TAKES,)$(STACK) rotate $(OF_STAGE)

withdraw: $(SETUP) ## accept no token of a signing key any more: KID=…
	@$(call TAKES,KID)$(STACK) withdraw $(OF_STAGE) --kid $(call text,KID)

revoke: $(SETUP) ## withdraw a token, JTI=… (its id, or itself), or all tokens of a person, SUB=… and ISSUER=…
	@$(call TAKES,JTI SUB ISSUER)$(STACK) revoke $(OF_STAGE) --jti $(call text,JTI) --sub $(call text,SUB) --issuer $(call text,ISSUER)

reap: $(SETUP) ## run the reaper once, now, and print what it did
	@$(call TAKES,)$(STACK) reap $(OF_STAGE)

audit: $(if $(SPARK),$(JOB_SETUP),$(SETUP)) ## compare buckets and table, and print what is wrong (REPAIR=1: repair it; SPARK=1: on Spark)
	@$(call TAKES,REPAIR SPARK RUN)$(STACK) audit $(OF_STAGE) $(call SWITCH,REPAIR,--repair) \
	  $(call SWITCH,SPARK,--spark) --run $(call text,RUN)

facts: $(JOB_SETUP) ## read once more what files say of their pictures, on Spark (WHICH=looks: how they look; WHERE, RATE, DRY_RUN=1)
	@$(call TAKES,WHERE WHICH RUN RATE DRY_RUN)$(STACK) facts $(OF_STAGE) --where $(call text,WHERE) --which $(call text,WHICH) \
	  --run $(call text,RUN) --rate $(call text,RATE) $(call SWITCH,DRY_RUN,--dry-run)

reindex: $(SETUP) ## build the search index anew beside the old one, and swap them (MAY_DIFFER=1: it may find other pictures)
	@$(call TAKES,MAY_DIFFER)$(STACK) reindex $(OF_STAGE) $(call SWITCH,MAY_DIFFER,--may-differ)

rerender: $(JOB_SETUP) ## render ready pictures of an older version again, on Spark (WHERE="from=2026-01 owner=7", RATE=200, DRY_RUN=1)
	@$(call TAKES,WHERE RUN RATE DRY_RUN)$(STACK) rerender $(OF_STAGE) --where $(call text,WHERE) --run $(call text,RUN) \
	  --rate $(call text,RATE) $(call SWITCH,DRY_RUN,--dry-run)

rerender-cleanup: $(JOB_SETUP) ## delete the renditions of older versions, 25 hours after their pictures have moved (DRY_RUN=1)
	@$(call TAKES,RUN DRY_RUN)$(STACK) rerender-cleanup $(OF_STAGE) --run $(call text,RUN) $(call SWITCH,DRY_RUN,--dry-run)

retry: $(SETUP) ## have failed uploads processed again: IDS=a,b or CODE=undecodable, or all of them
	@$(call TAKES,IDS CODE)$(STACK) retry $(OF_STAGE) --ids $(call text,IDS) --code $(call text,CODE)

takedown: $(SETUP) ## delete pictures at once and for good: IDS=a,b REASON="…" (SAME_CONTENT=1: and their copies)
	@$(call TAKES,IDS REASON SAME_CONTENT)$(STACK) takedown $(OF_STAGE) --ids $(call text,IDS) --reason $(call text,REASON) \
	  $(call SWITCH,SAME_CONTENT,--same-content)

log: $(SETUP) ## print the change log, newest first, as lines of JSON (ID=…: of one picture)
	@$(call TAKES,ID)$(STACK) log $(OF_STAGE) --id $(call text,ID)

check-jobs: $(JOB_SETUP) ## whether workers of Spark can do what batch jobs need: a minute here, some minutes with STAGE=…
	@$(call TAKES,)$(if $(STAGE),$(OPERATIONS) check-jobs $(OF_STAGE),$(LOCAL) job check)

stop-job: setup-cdk ## stop a batch job of a stage, JOB=rerender; started again, its run goes on where it was
	@$(call TAKES,JOB)$(OPERATIONS) stop-job $(OF_STAGE) --job $(call text,JOB)

ask: $(SETUP) ## ask the database: QUESTION=states, pending, failures, owners, or row with ID=…
	@$(call TAKES,QUESTION ID)$(STACK) ask $(OF_STAGE) --question $(call text,QUESTION) --id $(call text,ID)

export: $(SETUP) ## write originals, metadata and checksums into a folder, TO=… (PRUNE=1: drop there what was deleted)
	@$(call TAKES,TO PRUNE)$(STACK) export $(OF_STAGE) --to $(call text,TO) $(call SWITCH,PRUNE,--prune)

import: $(SETUP) ## upload an export, FROM=… (SUB=alice: as hers; MAP=… has the ids; PARTIAL=1: without what is damaged)
	@$(call TAKES,FROM SUB MAP PARTIAL)$(STACK) import $(OF_STAGE) --from $(call text,FROM) --sub $(call text,SUB) --map $(call text,MAP) \
	  $(call SWITCH,PARTIAL,--partial)

adopt: $(SETUP) ## upload a folder or a bucket, FROM=s3://bucket/prefix (SUB=alice, CAPTIONS=table.csv, JOURNAL=…)
	@$(call TAKES,FROM SUB CAPTIONS JOURNAL)PYTHONPATH="$(CURDIR):$(CURDIR)/client" $(STACK) adopt $(OF_STAGE) --from $(call text,FROM) \
	  --captions $(call text,CAPTIONS) --sub $(call text,SUB) --journal $(call text,JOURNAL)

redrive: $(SETUP) ## send dead letters back to their queue, after their cause is mended
	@$(call TAKES,)$(STACK) redrive $(OF_STAGE)

logs: $(SETUP) ## print what all functions logged about a picture, ID=…; without one, follow the logs (local stack alone)
	@$(call TAKES,ID)$(if $(value ID),$(STACK) logs $(OF_STAGE) --id $(call text,ID),$(ONLY_LOCAL)$(LOCAL) logs)

smoke: $(SETUP) ## try the page, the API, and a picture's way (NEW=1: of a new one; with STAGE the token is STOCKROOM_TOKEN)
	@$(call TAKES,NEW)PYTHONPATH="$(CURDIR):$(CURDIR)/client" $(STACK) smoke $(OF_STAGE) $(call SWITCH,NEW,--new-picture)

##@ To change the code

setup: ## install whatever is missing (the other targets do this by themselves)
	@local/python3 -m local.provision

setup-test:
	@local/python3 -m local.provision test

setup-tools:
	@local/python3 -m local.provision tools

setup-jobs:
	@local/python3 -m local.provision jobs

setup-cdk:
	@local/python3 -m local.provision cdk

setup-deploy:
	@local/python3 -m local.provision deploy

check: setup ## after each edit, under a minute: format, lint, types and unit tests, of Python and of the page
	@$(MAKE) -j2 lint types page
	@$(PYTEST) $(SLOW:%=--ignore=%)

test: setup-test ## lint, types, unit, integration and browser tests, with coverage, about five minutes (WORKERS=4)
	@$(MAKE) -j3 pytest lint types page

# One of three at once: it waits for servers for much of its time, which the other two use. It reads the page's sources,
# of which the types are written anew.
pytest: page-types
	@$(PYTEST) -m "not thorough" --cov --cov-report=term
	@echo 'left out are the tests of `make test-thorough`'

# The coverage is that of both.
test-thorough: setup-test ## the tests that `make test` leaves out, another five minutes: the hosted pipeline runs both
	@$(PYTEST) -m thorough --cov --cov-append --cov-report=term --cov-fail-under=$(MIN_COVERAGE)

test-mysql: setup-test ## what speaks SQL, on a real MySQL: in a chroot (as root), or DB=user:password@host:port
	@STOCKROOM_TEST_DB="$(or $(DB),mysql)" $(BIN)/python -m pytest -q $(SPEAKS_SQL)

test-arm64: setup-cdk ## the bundles for Lambda, and that for EMR, on an emulated arm64, minutes (needs Debian's mmdebstrap and qemu-user)
	@PATH="$(BIN):$$PATH" $(BIN)/python -m pytest -q --durations=5 tests/arm64/bundles_on_arm64.py tests/arm64/jobs_on_arm64.py

test-long: setup-test ## an hour or more, before a release: protocol, contract, branches and mutation (PARTS=, SEEDS=1,2)
	@SEEDS="$(SEEDS)" $(BIN)/python -m tests.long $(PARTS)

bench: setup ## the benchmarks with their ratios, several minutes; writes docs/benchmarks.md (DB=mysql: searches on MySQL)
ifeq ($(DB),)
	@$(BIN)/python -m bench.setup
	@.venv-bench/bin/python -m bench.renditions
	@$(BIN)/python -m bench.start
	@$(BIN)/python -m bench.uploads
endif
	@$(BIN)/python -m bench.search --write --db "$(or $(DB),mariadb)"

cost: setup-cdk ## write docs/cost.md from the list prices in operations/prices.toml
	@$(BIN)/python -m operations.cost

lint: setup-tools ## formatting, mistakes, and which package imports which, Python; mistakes in the workflows
	@$(BIN)/ruff format --check --quiet . || { echo 'run `make format`' >&2; exit 1; }
	@$(BIN)/ruff check --quiet --no-cache .
	@PYTHONPATH="$(CURDIR):$(CURDIR)/client" $(BIN)/lint-imports --no-logo --cache-dir build/imports >build/imports.log \
	  || { cat build/imports.log >&2; exit 1; }
	@$(BIN)/zizmor --offline --pedantic --quiet --no-progress .github >build/zizmor.log \
	  || { cat build/zizmor.log >&2; exit 1; }
	@$(BIN)/actionlint -shellcheck= -pyflakes= $(WORKFLOWS)

types: setup-tools ## strict types, Python
	@$(BIN)/mypy

page: page-format page-svelte page-modules page-tests ## formatting, types and unit tests of the page

# Several at once, with -j: each uses one processor. Each remembers what it has found of a file until the file changes.
page-types: setup-tools
	@$(PAGE) types

page-format: page-types
	@$(call CHECK_PAGE,format:check)

page-svelte: page-types
	@$(call CHECK_PAGE,check:svelte)

page-modules: page-types
	@$(call CHECK_PAGE,check:modules)

# What it prints in one piece, as others may print meanwhile.
page-tests: page-types
	@mkdir -p build; $(PAGE) test:only >../build/page-tests.log 2>&1; status=$$?; cat ../build/page-tests.log; exit $$status

screenshots: setup-test ## every page and state, narrow and wide, light and dark, into build/screenshots, to look at (STATES=front,edit)
	@$(BIN)/python -m tests.integration.screenshots $(subst $(comma), ,$(STATES))

bench-page: setup-test ## what the page loads, and when it shows pictures, on a slow phone, beside a plain page (ROUNDS=5)
	@$(BIN)/python -m bench.page --rounds $(ROUNDS)

format: setup-tools ## format all code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@$(PAGE) format

openapi: setup-tools ## write the API's document, stockroom/api/openapi.json, from the code
	@$(BIN)/python -m infra.generate_openapi

##@ On AWS: STAGE=production, a file of stages/ (docs/deploy.md)

# A template can be looked at without having chosen a stage; everything else asks for one.
synth: setup-cdk ## the CloudFormation template of a stage, into cdk.out; without credentials
	@$(call TAKES,)$(OPERATIONS) synth --stage "$(or $(STAGE),production)"

diff: setup-cdk ## what a deployment would change
	@$(call TAKES,)$(OPERATIONS) diff --stage "$(STAGE)"

deploy: setup-deploy ## deploy a stage to AWS, with its page (CONFIRM="public database")
	@$(call TAKES,CONFIRM)$(OPERATIONS) deploy --stage "$(STAGE)" --confirm "$(CONFIRM)"

publish: setup-deploy ## publish the page of a stage alone
	@$(call TAKES,)$(OPERATIONS) publish --stage "$(STAGE)"

remove: setup-tools ## delete a stage: KEEP=archive (pictures, database's snapshot) or KEEP=nothing CONFIRM=<stage>
	@$(call TAKES,KEEP CONFIRM)$(OPERATIONS) remove --stage "$(STAGE)" --keep "$(KEEP)" --confirm "$(CONFIRM)"

bootstrap: setup-cdk ## prepare account and region of a stage for deployments, once
	@$(call TAKES,)$(OPERATIONS) bootstrap --stage "$(STAGE)"

pipeline-roles: setup-cdk ## let GitHub deploy a stage, once: REPOSITORY=owner@id/name@id (PROVIDER=arn:…)
	@$(call TAKES,REPOSITORY PROVIDER)$(OPERATIONS) pipeline-roles --stage "$(STAGE)" --repository "$(REPOSITORY)" --provider "$(PROVIDER)"

check-token: setup-cdk ## whether STOCKROOM_TOKEN, for the smoke test of a deployment, is valid for another hour
	@PYTHONPATH="$(CURDIR):$(CURDIR)/client" $(OPERATIONS) check-token

go-back: setup-cdk ## deploy an older commit, if it can undo what was changed since: COMMIT=…
	@$(call TAKES,COMMIT)$(OPERATIONS) go-back --stage "$(STAGE)" --commit "$(COMMIT)"

##@ Releases and requirements

release: setup-tools ## the files of a release of this commit, with bills of materials, into build/release
	@$(BIN)/python -m local.release

lock: setup-tools ## pin every requirement anew, with hashes
	@set -eu; for file in $(REQUIREMENTS); do \
	  echo "» $$file"; \
	  deps=; case $$file in */chalice.in) deps=--no-deps;; esac; \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 $$deps \
	    "$$file" --output-file "$${file%.in}.txt"; \
	done
