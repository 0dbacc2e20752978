# The menu. Each target is one command; what it does lies in native/, one noun a file.
# Another Python: make up PYTHON=python3.12. Settings: .env, or HTTP_PORT=8090 make up. MODE=docker or MODE=native decides.
PYTHON = python3

menu:  ## this menu
	@sed -n 's/^\(#: \)\{0,1\}\([a-z-]*\):  ## /  make \2\t/p' Makefile | expand -t 24

up:  ## bring the stack up: containers where a Docker engine answers, local processes elsewhere
	@$(PYTHON) -m native up

down:  ## stop all that `make up` has started
	@$(PYTHON) -m native down

status:  ## what runs, how it is, and where
	@$(PYTHON) -m native status

logs:  ## what the services say, as they say it; one of them: make logs SERVICE=web
	@$(PYTHON) -m native logs

load:  ## put load on what is up, and write CSV and HTML to results/ (VIA, USERS, SECONDS, PAYLOAD, CLASSES)
	@$(PYTHON) -m native load

setup:  ## .venv and the system's packages that are missing; up and test do this when needed
	@$(PYTHON) -m native setup

test:  ## every package's tests, then the whole stack's on local processes
	@$(PYTHON) -m native test

test-stack:  ## the whole stack's tests only, in containers where a Docker engine answers
	@$(PYTHON) -m native test-stack

lint:  ## ruff and mypy
	@$(PYTHON) -m native lint

bench:  ## what each layer of the stack that is up costs: a report in results/ (SUITE, QUICK, ROUNDS, RATE, USERS, PAYLOAD, RECORD)
	@$(PYTHON) -m native bench

compare:  ## which differences between two runs are real: make compare A=results/... B=results/...
	@$(PYTHON) -m native compare

# What is run now and then: the benches that have a question of their own, and what the stack withstands.
#: bench-find-limit:  ## at which rate one of its rungs breaks, and how it comes back: RUNG=web-hello (VIA, BOUND, USERS)
#: bench-serving:  ## what serving is worth beside C, uvloop and streams; RECORD=1 keeps the table (ROUNDS, SECONDS)
#: bench-httpd:  ## what httpd is worth beside the servers that people install; likewise
#: bench-realtime:  ## what realtime is worth beside Channels as its documentation has it; likewise
#: abuse:  ## attack each service, with a well-behaved guest beside it (SERVICE, ATTACK, SECONDS, PEERS=1, RECORD=1)
#: chaos:  ## stop, replace, kill and starve each part of a stack of its own (FAULT, MODE, PEERS=1, RECORD=1)
#: soak:  ## half an hour at half of capacity: memory, descriptors, errors (MINUTES, RECORD=1)
#: reload:  ## replace every service of the stack that is up, without a failed request; one of them: SERVICE=web
#: sbom:  ## list what is in every image, and in which version
SELDOM = bench-find-limit bench-serving bench-httpd bench-realtime abuse chaos soak reload sbom
$(SELDOM):
	@$(PYTHON) -m native $@

lock:  ## compile every requirements.txt again
	@$(PYTHON) -m native lock

clean:  ## stop everything, and remove what was made here but results/
	@$(PYTHON) -m native clean

.PHONY: menu up down status logs load setup test test-stack lint bench compare lock clean $(SELDOM)
