# The first of the README's two commands is `make run`, the second `make test`. Needs Python >= 3.11 and make.
PYTHON ?= python3
RUN := .venv/bin/python
SAM := env SAM_CLI_TELEMETRY=0 .local/sam/bin/sam
# the tests of the running stack are one process's from the start, so they are named first
TESTS := $(wildcard tests/workflows tests/e2e tests/functional tests/unit tests/model tests/simulation tests/performance tests/architecture)
# the longest first: they run two at a time
CHECKS := \
	"$(RUN) -m mypy --strict layers functions tests" \
	"$(SAM) validate --lint --region us-east-1 --template-file template.yaml" \
	"$(SAM) validate --lint --region cn-northwest-1 --template-file template.yaml" \
	"$(RUN) -m tests.devstack.scan" \
	".venv/bin/cfn-lint --regions us-east-1 cn-northwest-1 -- template.yaml" \
	".local/scan/bin/bandit --quiet --configfile pyproject.toml --recursive layers functions" \
	"$(RUN) -m ruff check layers functions tests" \
	"$(RUN) -m ruff format --check layers functions tests"

.DEFAULT_GOAL := help
.PHONY: help environments scanners run test check model mutate invoke sam-invoke restore-drill openapi samples routes problems duties sbom audit bench load simulate first-load pictures clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environments:
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON): install Python 3.11 or newer, or name one: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11: name a newer one, e.g. make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m tests.devstack.environments develop engine sam

scanners: environments
	@$(PYTHON) -m tests.devstack.environments scan

run: environments ## the local stack and the journey; ONCE=1 exits afterwards, PORT=8800 uses other ports
	@$(RUN) -m tests.devstack run $(if $(ONCE),--once)

test: scanners ## everything
	@$(RUN) -m tests.devstack.side_by_side $(CHECKS)
	$(RUN) -m pytest -n auto --maxprocesses 4 $(TESTS)

check: scanners ## the fast half: style, types, template, architecture
	@$(RUN) -m tests.devstack.side_by_side $(CHECKS) \
		"$(RUN) -m pytest -q --hypothesis-profile check tests/architecture"

model: environments ## search the models of tests/model with spin: states, depth, errors of every claim and planted defect
	@$(RUN) -m tests.model.checks

mutate: environments ## change the rules one place at a time and see which tests notice; MODULES="cover/period.py …"
	@$(RUN) -m tests.mutation.run $(MODULES)

invoke: environments ## one handler on one event: FUNCTION=check_in EVENT=events/cover/check_in/valid.201.json
	@$(RUN) -m tests.devstack invoke $(FUNCTION) $(EVENT)

sam-invoke: environments ## the same in a container by `sam local invoke`; needs a Docker engine
	@$(RUN) -m tests.devstack sam-invoke $(FUNCTION) $(EVENT)

restore-drill: environments ## lose the tables of a fresh local stack, restore them as the runbook says, and compare
	@$(RUN) -m tests.devstack restore-drill

openapi: environments ## write docs/openapi.json and docs/api.md from the code
	PYTHONPATH=layers/daycover/python $(RUN) -m tests.support.openapi

routes: environments ## write functions/routes.json from the handlers
	PYTHONPATH=layers/daycover/python $(RUN) -m tests.support.routes

duties: environments ## write functions/web/static/duties.js and roles.js, what staff and desk pages offer, from the code
	PYTHONPATH=layers/daycover/python $(RUN) -m tests.support.duties

problems: environments ## write docs/problems.md from the error classes
	PYTHONPATH=layers/daycover/python $(RUN) -m tests.support.problems

sbom: scanners ## write docs/sbom.json, the bill of materials of what is deployed
	$(RUN) -m tests.support.sbom

audit: environments ## compare every pin with advisories in a directory: ADVISORIES=… (docs/security.md)
	@$(RUN) -m tests.support.audit $(ADVISORIES)

samples: environments ## write docs/samples: what the event files are answered, for the examples of docs/openapi.json
	$(RUN) -m pytest -q -p tests.support.samples tests/functional/*/test_events.py tests/functional/certificates

bench: environments ## CPU of every function over boto3, as deployed, and the counts of tests/performance
	SHOW_FIGURES=1 $(RUN) -m pytest -q tests/performance tests/simulation
	$(RUN) -m tests.performance.bench

load: environments ## closed and open loop on a local stack of its own, beside the smallest function: DOCS=1 writes docs/scale.md
	@PYTHONPATH=layers/daycover/python:. $(RUN) -m tests.performance.load $(if $(DOCS),--docs)

simulate: environments ## histories under every fault, crash points, planted defects: SEEDS=1000, DOCS=1 writes docs/security.md
	@PYTHONPATH=layers/daycover/python:. $(RUN) -m tests.simulation.simulate $(or $(SEEDS),200) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(DOCS),--docs)

first-load: environments ## the worker's page on slow 3G: requests, bytes, seconds until it can be used
	$(RUN) -m tests.performance.first_load

pictures: environments ## the main screens, as docs/images shows them
	$(RUN) -m tests.support.pictures

clean: ## remove environments, builds, local state
	rm -rf .venv .local .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
