# Umland. `make` lists what there is to do.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
GO          ?= go
BIN         := bin/umland
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS     := -X main.version=$(VERSION)
# Work trees of other owners (containers, CI) have no VCS stamp; the version comes from the linker flag.
export GOFLAGS := -buildvcs=false
# What must be there besides Go and Node.
need         = ./tools/need.sh

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.PHONY: run
run: build ## Serve the demo region at http://localhost:8080, with everything that needs
	@test -n "$${DATABASE_URL:-}" || $(need) postgres
	./$(BIN) serve --demo

.PHONY: build
build: web $(BIN) ## Build the binary, pages included

.PHONY: $(BIN)
$(BIN):
	@$(need) go
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/umland

.PHONY: web
web: web/dist/index.html ## Build the pages

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@$(need) node
	npm ci --prefix web --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json web/index.html web/vite.config.ts web/vite.explorer.config.ts $(shell find web/src web/examples pages/static -type f)
	npm run build --prefix web

.PHONY: test
test: test-go test-web test-e2e ## All tests, with everything they need

# Not the cluster's default folder: where there is a memory file system the test databases are made much faster in it.
TEST_TMP := $(shell test -w /dev/shm && test "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 1000000 && echo TMPDIR=/dev/shm)

.PHONY: test-go
test-go: server/audit/node_modules/.package-lock.json hours/oracle/node_modules/.package-lock.json harvest/oracle/node_modules/.package-lock.json web ## The Go tests, but for those in a browser
	@$(need) postgres
	$(GO) test $(RACE) -timeout 20m $$($(GO) list ./... | grep -v /e2e)

%/node_modules/.package-lock.json: %/package-lock.json
	@$(need) node
	npm ci --prefix $* --no-audit --no-fund
	@touch $@

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## The tests of the pages' scripts
	npm test --prefix web

.PHONY: test-e2e
test-e2e: web ## The tests in a browser, against the real binary
	@$(need) postgres chromium
	$(GO) test -count=1 -timeout 15m ./e2e

.PHONY: screenshots
screenshots: web ## Pictures of the pages into screenshots/, wide and on a phone, light and dark
	@$(need) postgres chromium
	UMLAND_SCREENSHOTS=$(CURDIR)/screenshots $(GO) test -count=1 -timeout 15m -run 'TestExplorer' ./e2e

.PHONY: lighthouse
lighthouse: build e2e/lighthouse/node_modules/.package-lock.json ## Measure the pages with Lighthouse
	@$(need) postgres chromium node
	./tools/lighthouse.sh $(BIN)

.PHONY: bench
bench: ## Every Go benchmark once
	@$(need) postgres
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

.PHONY: bench-compare
bench-compare: ## Compare with a thin server and PostGraphile on 100,000 offerings; takes about ten minutes
	@$(need) postgres node
	$(GO) run ./bench/cmd/bench

.PHONY: generate
generate: ## Generate code from schema.graphqls
	$(GO) generate ./graph

.PHONY: check
check: ## What CI does: format, vet, staticcheck, generated code, all tests with -race, benches once
	@$(need) go
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'make check: gofmt would change:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	$(MAKE) generate
	@git diff --exit-code -- graph || { echo 'make check: the generated code is not that of schema.graphqls; run make generate and commit'; exit 1; }
	$(MAKE) bench
	$(MAKE) test-web
	$(MAKE) test-e2e
	$(MAKE) test-go RACE=-race

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin screenshots e2e/lighthouse/node_modules web/node_modules server/audit/node_modules hours/oracle/node_modules harvest/oracle/node_modules bench/postgraphile/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete
