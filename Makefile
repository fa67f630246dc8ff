# Two commands do all the set-up: `make demo` and `make test`. Everything else is one of their parts.

VERSION    ?= $(shell sed -n 's/^\#\# \([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
PYTHON     ?= python3
ARGS       ?=
export GOFLAGS := $(GOFLAGS) -tags=duckdb_arrow
# DuckDB's engine is linked through cgo.
export CGO_ENABLED := 1

BIN        := bin/fourfold
CACHE      := .cache
TOOLS      := $(CACHE)/bin
LINT       := $(TOOLS)/golangci-lint
FUMPT      := $(TOOLS)/gofumpt
GOOGLESQL  := $(TOOLS)/googlesql
VENV       := .venv
VENV_DEV   := .venv-dev
VENV_BENCH := .venv-bench
VENV_BQ    := .venv-emulator
GO_SOURCES := $(shell find . -name '*.go' -not -path './.*' -not -path './tools/*' 2>/dev/null) go.mod go.sum
EMBEDDED   := $(shell find dbt dashboards internal testdata -type f -not -name '*.go' -not -path '*/target/*' -not -path '*/logs/*' 2>/dev/null)
# Packages whose tests start dbt, a browser, an emulator or many processes; `make check` leaves them to `make test`.
SLOW       := fourfold/internal/acceptance|fourfold/cmd/fourfold|fourfold/dashboards/web/browsertest|fourfold/dashboards/lookml/parsertest|fourfold/dbt$$$$|fourfold/internal/demo$$$$|fourfold/internal/truth$$$$|bigquery$$$$|fourfold/internal/dialect|fourfold/internal/scanned

.PHONY: build demo docs test check bench soak lint fmt clean help requirements
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

build: $(BIN) $(VENV)/.done ## the program in bin/ and dbt in .venv

demo: build ## all of it on a generated organisation (ARGS=--once ends after printing)
	@$(BIN) demo $(ARGS)

docs: build ## dbt's documentation of every model and column, one page
	@tools/docs.sh $(BIN) $(VENV)/bin/dbt $(CACHE)/docs

test: build $(VENV_DEV)/.done $(VENV_BQ)/.done $(GOOGLESQL) $(CACHE)/node/.done $(CACHE)/browser lint ## everything that must pass
	go test -timeout 20m ./...
	$(MAKE) --no-print-directory dbt-lint

check: $(VENV)/.done $(VENV_BQ)/.done ## the fast part of test, for the inner loop
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt: $$(gofmt -l $$(git ls-files '*.go'))"; exit 1; }
	go vet ./...
	go test -short $$(go list ./... | grep -vE '$(SLOW)')

lint: $(LINT) $(FUMPT) ## what golangci-lint, gofumpt and go vet find
	@test -z "$$($(FUMPT) -l $$(git ls-files '*.go'))" || { echo "gofumpt: $$($(FUMPT) -l $$(git ls-files '*.go'))"; exit 1; }
	go vet ./...
	$(LINT) run ./...

fmt: $(FUMPT) ## format the Go code
	$(FUMPT) -w $$(git ls-files '*.go')

bench: build $(VENV_BENCH)/.done $(VENV_BQ)/.done ## the figures of docs/benchmarks.md, measured again
	go run ./internal/bench -program $(BIN) -python $(VENV_BENCH)/bin/python

soak: build ## long random runs
	FOURFOLD_SOAK=1 go test -timeout 2h -count=1 ./load/... ./transform/... ./internal/pipeline/... ./internal/truth/...
	go test -timeout 1h -run '^$$' -fuzz FuzzLoad -fuzztime 5m ./internal/config
	go test -timeout 1h -run '^$$' -fuzz FuzzAdd -fuzztime 5m ./transform

clean: ## what make made, but for the caches of Go and pip
	rm -rf bin $(CACHE) $(VENV) $(VENV_DEV) $(VENV_BENCH) $(VENV_BQ) fourfold-demo

# The parts.

# sqlfluff has dbt compile the models, for which it wants ledgers to open: an empty file will do.
.PHONY: dbt-lint
dbt-lint: $(VENV_DEV)/.done
	@mkdir -p $(CACHE)/lint
	@$(VENV_DEV)/bin/python -c 'import duckdb; duckdb.connect("$(CACHE)/lint/raw.duckdb").close()'
	cd dbt && FOURFOLD_RAW_PATH=$(abspath $(CACHE)/lint/raw.duckdb) FOURFOLD_BUILD_PATH=$(abspath $(CACHE)/lint/build.duckdb) \
		FOURFOLD_TEMP_PATH=$(abspath $(CACHE)/lint/tmp) DBT_TARGET_PATH=$(abspath $(CACHE)/lint/target) DBT_LOG_PATH=$(abspath $(CACHE)/lint/logs) DO_NOT_TRACK=1 \
		../$(VENV_DEV)/bin/sqlfluff lint --disable-progress-bar models unit_tests analyses tests project_tests

$(BIN): $(GO_SOURCES) $(EMBEDDED) CHANGELOG.md
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/fourfold

$(VENV)/.done: requirements.txt
	tools/venv.sh $(PYTHON) $(VENV) requirements.txt

$(VENV_DEV)/.done: requirements-dev.txt
	tools/venv.sh $(PYTHON) $(VENV_DEV) requirements-dev.txt

$(VENV_BENCH)/.done: internal/bench/requirements.txt
	tools/venv.sh $(PYTHON) $(VENV_BENCH) internal/bench/requirements.txt

# DuckDB, inside the emulator, looks for its extensions in the home folder, and else on the network.
$(VENV_BQ)/.done: requirements-emulator.txt
	tools/venv.sh $(PYTHON) $(VENV_BQ) requirements-emulator.txt
	mkdir -p $(VENV_BQ)/home
	HOME=$(abspath $(VENV_BQ))/home $(VENV_BQ)/bin/python -c 'import duckdb_extensions as d; d.import_extension("spatial")'
	@touch $@

$(LINT): tools/go.mod tools/go.sum
	cd tools && GOFLAGS= go build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(FUMPT): tools/go.mod tools/go.sum
	cd tools && GOFLAGS= go build -o ../$@ mvdan.cc/gofumpt

# The analyser takes minutes to build, and 6 GB of memory.
$(GOOGLESQL): $(wildcard tools/googlesql/*)
	cd tools/googlesql && GOFLAGS= go build -o ../../$@ .

.PHONY: $(CACHE)/browser
$(CACHE)/browser:
	@tools/browser.sh

$(CACHE)/node/.done: tools/package.json tools/package-lock.json
	@mkdir -p $(CACHE)/node && cp tools/package.json tools/package-lock.json $(CACHE)/node/
	cd $(CACHE)/node && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

requirements: ## pin the Python requirements anew
	$(PYTHON) -m venv $(CACHE)/pip-tools
	$(CACHE)/pip-tools/bin/pip install --quiet pip-tools
	for f in requirements requirements-dev requirements-emulator internal/bench/requirements; do \
		$(CACHE)/pip-tools/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links $$f.in; \
	done
