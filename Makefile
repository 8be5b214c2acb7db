# Thin on purpose: the work is in end2end/. `make demo` and `make test` install what they need themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup site server demo demo-seed demo-publish lab lab-down check test bench fuzz

help:
	@echo 'make demo                     the sandbox and Padlock on it (Ctrl-C ends both)'
	@echo 'make demo-publish DOMAIN=…    put a domain'\''s records into the sandbox'\''s DNS'
	@echo 'make demo-seed                domains in every status, beside a running demo'
	@echo 'make test                     every test'
	@echo 'make check                    formatting and lints only'
	@echo 'make lab, make lab-down       only the sandbox'\''s servers'
	@echo 'make site, make server        what the demo builds'
	@echo 'make bench                    benchmarks against peers'
	@echo 'make fuzz                     the REST API against its own description, by a schema fuzzer'
	@echo 'make setup                    install what is missing (Debian 12)'

setup:
	@end2end/setup

site: setup
	@end2end/build-site

server: setup
	@end2end/build-server

demo: site server
	@end2end/demo

demo-seed:
	@end2end/demo-seed

demo-publish:
	@end2end/lab publish '$(DOMAIN)'

lab: setup
	@end2end/lab start

lab-down:
	@end2end/lab stop

check: setup
	@end2end/test lints

test: setup
	@end2end/test

bench: setup
	@end2end/setup dnsperf dehydrated lego
	@end2end/bench

fuzz: server
	@end2end/setup python3-venv
	@end2end/fuzz
