# Everything is done by .dev, a program that needs nothing but Python.
DEV := @sh .dev/start

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: ## Install what is missing, then run everything here until Ctrl-C (PORT=8001 for another port)
	$(DEV) run

test: ## Run the tests (ARGS="tests/api -k nearby" for some of them)
	$(DEV) test $(ARGS)

check: ## Format, lint, types, import layers, missing migrations, OpenAPI drift
	$(DEV) check

format: ## Format the code and repair what lint can
	$(DEV) exec ruff format .
	$(DEV) exec ruff check --fix .

bench: ## Measure search beside other ways to do it, and write docs/benchmarks.md (ARGS=--quick to try it)
	$(DEV) exec python -m tests.bench $(ARGS)

bench-ranking: ## Show what the ranking saves people, in simulated worlds (ARGS=--sweep to choose its numbers)
	$(DEV) exec python -m tests.bench.ranking $(ARGS)

prove: ## The long proofs, against what `make run` serves in another terminal (PORT as there)
	$(DEV) exec python -m tests.proofs $(ARGS)

prove-failover: ## Kill a primary under load and promote its standby, on two clusters of its own
	$(DEV) exec python -m tests.proofs.failover

prove-sync: ## Phones that follow 100,000 changes, and send 10,000 reports while all is killed (ARGS=log, or phones)
	$(DEV) exec python -m tests.proofs.sync $(ARGS)

prove-imports: ## What some 170 hostile files cost, by every way they can come in
	$(DEV) exec python -m tests.proofs.imports

prove-headers: ## What the real web server answers to good and bad requests, byte by byte
	$(DEV) exec python -m tests.proofs.headers

prove-api: ## 20,000 requests made up from the OpenAPI document, as each role, and broken ones by socket
	$(DEV) exec python -m tests.proofs.api $(ARGS)

prove-abuse: ## Crowds, stolen accounts and limits past their end, on servers of its own
	$(DEV) exec python -m tests.proofs.abuse

prove-backup: ## Lose a cluster under load, restore it to a moment from its backup, count
	$(DEV) exec python -m tests.proofs.backup

prove-privacy: ## Search with unique values, and look for them in everything that is kept
	$(DEV) exec python -m tests.proofs.privacy

prove-outages: ## Kill and stop Redis and PostgreSQL under load (ARGS=--quick, or "Redis killed")
	$(DEV) exec python -m tests.proofs.outages $(ARGS)

prove-restarts: ## Replace the web server's processes 20 times under load, and lose no request
	$(DEV) exec python -m tests.proofs.restarts $(ARGS)

prove-hidden: ## Search every answer for addresses of hidden sites, and attack a displaced point
	$(DEV) exec python -m tests.proofs.hidden

openapi: ## Write docs/openapi.yaml anew, after a change of the API that is meant
	$(DEV) openapi

vectors: ## Write fixtures/ranking_vectors.json anew, after a change of the ranking that is meant
	$(DEV) exec python -m tests.vectors

lock: ## Write the lock files anew (ARGS=--upgrade for newer releases)
	$(DEV) lock $(ARGS)

manage: ## Run a command of manage.py (ARGS="createsuperuser")
	$(DEV) exec manage.py $(ARGS)

shell: ## A Python shell in the project
	$(DEV) exec manage.py shell

psql: ## A database shell
	$(DEV) exec psql

stop: ## Stop everything of this checkout that still runs
	$(DEV) stop

reset: ## Delete the local data, after asking
	$(DEV) reset

.PHONY: help run test check format bench bench-ranking prove prove-failover prove-sync prove-imports prove-headers prove-api prove-abuse prove-backup prove-privacy prove-outages prove-restarts prove-hidden openapi vectors lock manage shell psql stop reset
