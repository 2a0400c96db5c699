# The commands that stay put. Each is a short script in .make/, and installs what it needs.

.PHONY: help run test build fmt sqlx clean

help: ## tells what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 14

run: ## installs what is missing, builds, and serves on SOUK_ADDR (127.0.0.1:3000)
	@exec .make/run

test: ## format, lints, unit, store, API, real client libraries, browser
	@exec .make/test

build: ## the program and its site for production: target/release/souk, target/site
	@exec .make/build

fmt: ## formats all Rust
	cargo fmt --all

sqlx: ## renews .sqlx/ after a change of a query or a migration
	@exec .make/sqlx

clean: ## removes what was built; the data in var/ stays
	cargo clean
