# Waymark's commands. `make run` and `make test` install what is missing.
# Works with GNU make 3.81 (macOS) and newer.

SHELL := /bin/sh
GO ?= go

# Handed on to every go test.
TESTFLAGS ?= -timeout=15m

# Where `make run` keeps its data.
WAYMARK_DATA ?= ./data

# The race detector needs cgo and a C compiler; where there is none, tests run
# without it and say so.
RACE := $(shell test "$$($(GO) env CGO_ENABLED)" = 1 && command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)
# What races is tested with the detector; packages that drive a browser or only
# compute are tested without, where it finds nothing and costs most.
RACE_PACKAGES = ./internal/app/... ./internal/postgres/... ./internal/mail/...

# Tools too large for go.mod have modules of their own; the binaries are kept by
# version.
LINT_VERSION := $(shell awk '$$1 == "github.com/golangci/golangci-lint/v2" { print $$2 }' internal/tools/lint/go.mod)
LINT := $(CURDIR)/bin/tools/golangci-lint-$(LINT_VERSION)
VULN_VERSION := $(shell awk '$$1 == "golang.org/x/vuln" { print $$2 }' internal/tools/vuln/go.mod)
VULN := $(CURDIR)/bin/tools/govulncheck-$(VULN_VERSION)

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: postgresql build ## Install what is missing, build, and start Waymark on ./data
	@echo "Waymark: http://$${WAYMARK_LISTEN:-127.0.0.1:8080} (Ctrl-C stops it)"
	@exec env WAYMARK_DATA="$(WAYMARK_DATA)" WAYMARK_STYLEGUIDE=1 ./bin/waymark serve

.PHONY: build
build: ## Build bin/waymark
	@command -v $(GO) >/dev/null 2>&1 || { echo "Go is missing: install it from https://go.dev/dl/" >&2; exit 1; }
	$(GO) build -trimpath -o bin/waymark ./cmd/waymark

.PHONY: test
test: postgresql browser ## Run every test, installing what is missing
	@test -n "$(RACE)" || echo "The race detector is off: it needs cgo and a C compiler."
	$(GO) run ./internal/tools/testreport $(TESTFLAGS) $(RACE) $(RACE_PACKAGES) -- $(TESTFLAGS) \
		$$($(GO) list ./... | grep -vxF "$$($(GO) list $(RACE_PACKAGES))")

.PHONY: prove
prove: postgresql ## Run the long forms of the proofs of trust (docs/security.md)
	WAYMARK_PROVE=1 $(GO) test -count=1 -timeout=30m ./internal/server ./internal/postgres

.PHONY: check
check: check-modules check-format check-generated check-vet check-lint check-imports check-languages check-scripts check-vulnerabilities ## Check everything that is not a test
	@echo "All checks passed."

.PHONY: bench
bench: postgresql ## Run the Go benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: generate
generate: ## Make the Go code of the templates
	$(GO) tool templ generate

.PHONY: fmt
fmt: $(LINT) ## Format Go code and templates
	$(LINT) fmt
	$(GO) tool templ fmt .

# What the commands above are made of.

.PHONY: postgresql
postgresql:
	@sh scripts/install-postgresql.sh

.PHONY: browser
browser:
	@sh scripts/install-browser.sh

.PHONY: check-modules
check-modules:
	$(GO) mod tidy -diff
	$(GO) -C internal/tools/lint mod tidy -diff
	$(GO) -C internal/tools/vuln mod tidy -diff
	$(GO) mod verify

.PHONY: check-format
check-format: $(LINT)
	$(LINT) fmt --diff

.PHONY: check-generated
check-generated:
	sh scripts/check-generated.sh

.PHONY: check-vet
check-vet:
	$(GO) vet ./...

.PHONY: check-lint
check-lint: $(LINT)
	$(LINT) run ./...

.PHONY: check-imports
check-imports:
	$(GO) run ./internal/tools/testreport ./internal/archtest

.PHONY: check-languages
check-languages:
	$(GO) run ./internal/tools/testreport -run Languages ./internal/i18n

.PHONY: check-scripts
check-scripts:
	@if command -v shellcheck >/dev/null 2>&1; then shellcheck -x scripts/*.sh .ci/run; \
	else echo "Scripts: LEFT OUT, shellcheck is not installed."; fi

.PHONY: check-vulnerabilities
check-vulnerabilities: $(VULN)
	sh scripts/check-vulnerabilities.sh $(VULN)

# Seven minutes on two cores the first time; Go's build cache makes it seconds.
$(LINT): internal/tools/lint/go.mod internal/tools/lint/go.sum
	$(GO) -C internal/tools/lint build -trimpath -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(VULN): internal/tools/vuln/go.mod internal/tools/vuln/go.sum
	$(GO) -C internal/tools/vuln build -trimpath -o $@ golang.org/x/vuln/cmd/govulncheck
