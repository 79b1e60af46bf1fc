# crash-predictor: `make help` lists what there is to do.
#
# Cargo, npm and two build scripts do the work. This file brings the tools they need into .tools/, keeps the order, and
# keeps quiet: what a command says goes to .tools/log/ and is shown when the command fails.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8000
WASM_BYTES_MAX := 250000

# The command line tool must have the version of the crate.
WASM_BINDGEN := $(shell sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)
WASM_PACK := 0.15.1
BINARYEN := 132.0.0
CARGO_DENY := 0.20.2
# As wasm-pack optimises what is shipped.
WASM_OPT := $(shell sed -n 's/^wasm-opt = \[\(.*\)\]/\1/p' Cargo.toml | tr -d ',')
# What only other tools read: which of them made it, and the features that the flags above name.
WASM_STRIP := --strip-producers --strip-target-features
# An empty file for each tool names the version in .tools/: a second run installs nothing, another version here does.
TOOLS := $(addprefix .tools/installed/,wasm-bindgen-$(WASM_BINDGEN) wasm-pack-$(WASM_PACK) binaryen-$(BINARYEN))
BENCH_ENGINE := dist/bench/engine/bench_engine_bg.wasm
# npm writes this file last, so it stands for the installed packages of www/ and of tests/.
PACKAGES := node_modules/.package-lock.json

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/node/node_modules/.bin:$(PATH)
# Every browser since 2023 has SIMD. The panic messages name source files: without the remapping the module would depend
# on where it was built. Of what is compiled to be small LLVM inlines what makes it smaller still (5); a little more makes it
# faster. A RUSTFLAGS from outside would replace all of it.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS := -C target-feature=+simd128 \
  -C llvm-args=--inline-threshold=14 \
  --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src=crates
unexport RUSTFLAGS

# $(call quietly,log,message,command): says the message, runs the command, shows the end of its output if it fails.
define quietly
echo '$(2)'; mkdir -p .tools/log; \
{ $(3); } </dev/null >.tools/log/$(1).log 2>&1 || { tail -n 40 .tools/log/$(1).log; exit 1; }
endef

# $(call step,heading,command): a step of `make test`. Of one that passes, the runner's closing lines and what was
# skipped are shown; of one that fails, everything.
SHOWN := ^test result:|^\# (tests|pass|fail|skipped) |[Ss]kipped:|\# SKIP
define step
printf '\n== %s\n' '$(1)'; mkdir -p .tools/log; \
{ $(2); } </dev/null >.tools/log/$@.log 2>&1 || { cat .tools/log/$@.log; echo '== FAILED: $(1)'; exit 1; }; \
grep -E '$(SHOWN)' .tools/log/$@.log || echo ok
endef

# ---- what to type -----------------------------------------------------------------------------------------------------

.PHONY: help demo test build package bench bench-kernels clean
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: build ## install what is missing, build, serve the page at http://localhost:8000 (PORT=8080 changes it)
	@exec node www/serve.js dist/site --port $(PORT)

# What is quick to fail comes first.
TESTS := test-format test-lints test-licences test-rust test-wasm build test-types test-js test-e2e
test: ## install what is missing, run every test
	@$(MAKE) -j3 tools-for-tests
	@$(MAKE) -j1 $(TESTS)
	@cat $(patsubst %,.tools/log/%.log,$(filter-out build,$(TESTS))) | awk '\
	  /^test result:/ { passed += $$4 } \
	  /^# pass / { passed += $$3 } \
	  /[Ss]kipped:/ { skipped++ } \
	  END { printf "\nAll passed: %d tests%s; formatting, lints, licences and types.\n", \
	    passed, skipped ? ", " skipped " of them skipped" : "" }'

# The tools and packages of a first run do not need each other: they are installed side by side.
build: ## install what is missing, build dist/npm and dist/site
	@$(MAKE) -j2 tools && rm -rf .tools/build
	@$(MAKE) dist/site/index.html

package: build ## the npm package as a tarball in dist/
	@cd dist && npm pack --silent ./npm

# ROWS=10000,100000 measures less; README=1 renews the table of the README.
bench: build tools-for-bench $(BENCH_ENGINE) ## us against others on this machine (ROWS=100000 for one size)
	@node tests/bench/run.mjs $(if $(ROWS),--rows $(ROWS)) $(if $(README),--readme)

# What a change of the engine or of the page does, in seconds.
bench-kernels: build tests/$(PACKAGES) chromium
	@cargo bench --quiet
	@CHROMIUM="$(CHROMIUM)" node tests/bench/page.mjs

clean: ## remove what was built; the tools stay in .tools/
	rm -rf dist target

# ---- what is built ----------------------------------------------------------------------------------------------------

# Depends on this file because the flags are here; on the folders too, so that a removed file counts as a change. A module
# over its budget goes no further.
WASM := dist/wasm/crash_predictor_bg.wasm
$(WASM): Makefile Cargo.toml Cargo.lock pkg-templates/order-functions.mjs $(shell find src) $(TOOLS)
	@$(call quietly,wasm,Building the engine as WebAssembly,\
	  wasm-pack build --mode no-install --release --target web --no-pack --no-gitignore \
	    --out-dir dist/wasm --out-name crash_predictor && \
	  node pkg-templates/order-functions.mjs $@ $(WASM_OPT) $(WASM_STRIP))
	@size=$$(gzip -9 <$@ | wc -c); echo "  $$size bytes gzipped, at most $(WASM_BYTES_MAX)"; ((size <= $(WASM_BYTES_MAX)))

dist/npm/package.json: $(WASM) LICENSE $(shell find pkg-templates) tests/$(PACKAGES)
	@$(call quietly,npm,Building the npm package,node pkg-templates/build-npm.mjs)
	@touch $@

# Packed and installed as a user would: what the package's tests run.
dist/installed/package.json: dist/npm/package.json tests/js/install.mjs
	@$(call quietly,installed,Packing and installing the npm package,node tests/js/install.mjs)
	@touch $@

dist/site/index.html: dist/npm/package.json $(shell find www -name node_modules -prune -o -print) www/$(PACKAGES)
	@$(call quietly,site,Building the page,node www/build.js)
	@sed -n 's/ kB gz$$/ kB gzipped/p' .tools/log/site.log | sed 's/^/  /'; touch $@

# The engine with the settings of the bench, optimised as the one that is shipped.
$(BENCH_ENGINE): $(WASM) tests/bench/engine.rs
	@$(call quietly,bench-engine,Building the engine of the bench,\
	  cargo build --release --target wasm32-unknown-unknown --example bench_engine && \
	  wasm-bindgen --target web --out-dir $(@D) target/wasm32-unknown-unknown/release/examples/bench_engine.wasm && \
	  wasm-opt $(WASM_OPT) $@ -o $@)

# ---- the steps of the tests -------------------------------------------------------------------------------------------

.PHONY: $(filter test-%,$(TESTS))
test-format:
	@$(call step,Formatting,cargo fmt --check -- --color=never)

test-lints:
	@$(call step,Lints,\
	  cargo clippy --all-targets -- -D warnings && \
	  cargo clippy --target wasm32-unknown-unknown --lib --test wasm --example bench_engine -- -D warnings)

# Advisories are left out: they are fetched, so that the answer changes without a change here. See deny.toml.
test-licences: .tools/installed/cargo-deny-$(CARGO_DENY)
	@$(call step,Licences and sources of the dependencies,cargo deny check licenses bans sources)

test-rust:
	@$(call step,Rust: the engine,cargo test)

# By the runner that `wasm-pack test` uses too; wasm-pack would first build all tests for wasm, also the native ones.
test-wasm: $(TOOLS) | wasm-target
	@$(call step,Rust: the boundary in wasm,CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
	  cargo test --target wasm32-unknown-unknown --test wasm)

# The package's own are checked where it is built.
test-types: dist/npm/package.json tests/$(PACKAGES) www/$(PACKAGES)
	@$(call step,JavaScript: types,ls www/tsconfig.json tests/*/tsconfig.json | xargs -n 1 tests/node_modules/.bin/tsc -p)

test-js: dist/installed/package.json tests/$(PACKAGES)
	@$(call step,JavaScript: the npm package,node --test --test-reporter=tap tests/js/*.test.mjs)

test-e2e: dist/site/index.html tests/$(PACKAGES) chromium
	@$(call step,The page in Chromium,CHROMIUM="$(CHROMIUM)" node --test --test-reporter=tap tests/e2e/*.test.mjs)

# ---- tools and packages -----------------------------------------------------------------------------------------------

.PHONY: tools tools-for-tests tools-for-bench prerequisites wasm-target rust-components chromium
tools: $(TOOLS) www/$(PACKAGES) tests/$(PACKAGES)
tools-for-tests: chromium rust-components tools .tools/installed/cargo-deny-$(CARGO_DENY)
tools-for-bench: tests/bench/$(PACKAGES) .tools/bench-python/installed

# Not optimised: they work for less than a second in a build, and optimising them takes five times as long.
CARGO_INSTALL := CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=.tools/build cargo install --debug --root .tools

# Not --locked: its lock names a version that a mirror of the registry may not have.
.tools/installed/wasm-bindgen-$(WASM_BINDGEN): | wasm-target
	@$(call quietly,wasm-bindgen,Installing wasm-bindgen $(WASM_BINDGEN) (about a minute),\
	  $(CARGO_INSTALL) wasm-bindgen-cli@$(WASM_BINDGEN))
	$(call installed,wasm-bindgen)

# One after the other, not side by side: they share most of what they are built from.
.tools/installed/wasm-pack-$(WASM_PACK): | .tools/installed/wasm-bindgen-$(WASM_BINDGEN)
	@$(call quietly,wasm-pack,Installing wasm-pack $(WASM_PACK) (about a minute),\
	  $(CARGO_INSTALL) --locked wasm-pack@$(WASM_PACK))
	$(call installed,wasm-pack)

.tools/installed/cargo-deny-$(CARGO_DENY): | .tools/installed/wasm-pack-$(WASM_PACK)
	@$(call quietly,cargo-deny,Installing cargo-deny $(CARGO_DENY) (about a minute),\
	  $(CARGO_INSTALL) --locked cargo-deny@$(CARGO_DENY))
	$(call installed,cargo-deny)

# For its wasm-opt: a distribution's is often too old for what Rust emits.
.tools/installed/binaryen-$(BINARYEN): | prerequisites
	@$(call quietly,binaryen,Installing wasm-opt $(BINARYEN) (a few seconds),\
	  npm install --prefix .tools/node --no-audit --no-fund binaryen@$(BINARYEN))
	$(call installed,binaryen)

installed = @mkdir -p $(@D) && rm -f $(@D)/$(1)-* && touch $@

%/$(PACKAGES): %/package.json %/package-lock.json | prerequisites
	@$(call quietly,packages-$(subst /,-,$*),Installing the npm packages of $*/ (a few seconds),npm ci --prefix $* --no-audit --no-fund)

# The libraries of Python that the bench compares with.
.tools/bench-python/installed: tests/bench/requirements.txt
	$(call need,python3,the bench compares with libraries of Python; install Python 3.11 or newer with venv)
	@$(call quietly,bench-python,Installing the libraries of Python to compare with (a minute or more, 700 MB),\
	  python3 -m venv --clear .tools/bench-python && .tools/bench-python/bin/pip install -r $<)
	@touch $@

prerequisites:
	$(call need,cargo,install Rust with rustup: https://rustup.rs)
	$(call need,cc,it links what Rust compiles; install gcc or clang (Debian, Ubuntu: sudo apt install build-essential))
	$(call need,node,install Node.js 20 or newer: https://nodejs.org)
	$(call need,npm,it is a part of Node.js; some distributions have it as a package of its own)
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
	  { echo "Node.js is $$(node --version): 20 or newer is needed, see https://nodejs.org" >&2; exit 1; }

need = @command -v $(1) >/dev/null || { echo '$(1) is missing: $(2)' >&2; exit 1; }

wasm-target: | prerequisites
	@test -d "$$(MAKEFLAGS= rustc --print target-libdir --target wasm32-unknown-unknown)" || { \
	  command -v rustup >/dev/null || \
	    { echo 'Rust lacks the target wasm32-unknown-unknown: install Rust with rustup (https://rustup.rs)' >&2; exit 1; }; \
	  echo 'Adding the WebAssembly target to Rust (a few seconds)'; \
	  rustup --quiet target add wasm32-unknown-unknown; }

rust-components: | wasm-target
	@{ cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 || { \
	  echo 'Adding rustfmt and clippy to Rust (a few seconds)'; \
	  rustup --quiet component add rustfmt clippy; }

# The environment's, or the first on the PATH; looked up when used, so that one just installed is found.
CHROMIUM ?= $(shell command -v chromium chromium-browser google-chrome google-chrome-stable | head -n 1)
chromium: | prerequisites
	@if test -n "$(CHROMIUM)"; then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	  $(call quietly,chromium,Installing Chromium with apt-get for the tests of the page (about half a minute),\
	    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium); \
	else \
	  echo 'The tests of the page need Chromium or Chrome: install it (Debian, Ubuntu: sudo apt install chromium),' >&2; \
	  echo 'or say where it is: make test CHROMIUM=/path/to/chrome' >&2; exit 1; \
	fi
