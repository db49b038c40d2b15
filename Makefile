# Every target is one script; a target's comment is its line in `make help`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-crash test-hosts test-faults test-units test-vm test-azure test-tarball check clients bench deps build deb dist rpm install uninstall clean
MAKEFLAGS += --no-print-directory

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## Build everything and show the page on http://127.0.0.1:8080/ (PORT=8080); Ctrl-C ends it
	@scripts/run

test: ## Run all tests, then those of the concurrent parts again under the thread sanitizer
	@scripts/test

test-crash: ## Kill real vaults at every point of a renewal, more than 300 times, and print what it cost (KILL_ROUNDS=6)
	@scripts/test-crash

test-hosts: ## Two vaults on two hosts, a database on a third, and what they lose of each other (HOST_ROUNDS=4); needs root
	@scripts/test-hosts

test-faults: ## Put known mistakes into the vault's rules, one at a time, and see that a test notices each
	@scripts/check-seeded-faults

test-vm: ## Install the packages on a booted Debian (SUITE=trixie: 13), upgrade, crash and remove them, as an administrator would
	@scripts/test-vm

test-azure: ## Start a machine in a container with the custom data of the Azure template, and fill its vault; needs root (SUITE=trixie: 13)
	@scripts/test-azure

test-tarball: ## Install the archive of `make dist` on a Debian without anything of ours, use and remove it (SUITE=trixie: 13)
	@scripts/test-tarball

test-units: ## Boot a Debian in a container whose systemd starts units with tokens of the vault; needs root (SUITE=trixie: 13)
	@scripts/test-units

check: ## Check format, warnings, scripts, nginx configurations, systemd units, links, documentation and examples
	@scripts/check

clients: ## Run Microsoft's own az and azure-identity against the emulator, and compare what they send with what we send
	@scripts/check-real-clients

bench: ## Measure the page and the vault against what one would use instead (ROUNDS=3, SECONDS=4; SAVE=docs/performance.json)
	@scripts/install-dependencies bench
	@Benchmarks/run --few --micro --egress --vault --rounds $(or $(ROUNDS),3) --seconds $(or $(SECONDS),4) $(if $(SAVE),--save $(SAVE))

deps: ## Install the Debian packages that `make run` and `make build` need
	@scripts/install-dependencies release run

build: ## Build the programs for release
	@scripts/build-release

deb: ## Build packages for Debian and its relatives into .build/packages, with checksums and a bill of materials
	@scripts/build-deb

dist: ## Build one archive with install.sh for any Linux with glibc 2.34 or later into .build/packages
	@scripts/build-tarball

rpm: ## Build packages for RHEL 9 and its relatives, Fedora and Amazon Linux 2023 into .build/packages
	@scripts/build-rpm

install: ## Install what `make build` built (PREFIX=/usr/local, DESTDIR=)
	@scripts/install

uninstall: ## Remove what `make install` installed; settings and data stay
	@scripts/uninstall

clean: ## Remove everything that was built, and the store and keys of `make run`
	rm -rf .build .build-tsan
