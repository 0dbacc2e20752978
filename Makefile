# The menu. Each target is one command; what it does lies in native/, one noun a file.
# Another Python: make up PYTHON=python3.12. Settings: .env, or HTTP_PORT=8090 make up. MODE=docker or MODE=native decides.
PYTHON = python3

menu:  ## this menu
	@sed -n 's/^\([a-z-]*\):  ## /  make \1\t/p' Makefile | expand -t 24

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

bench-serving:  ## what serving is worth beside C, uvloop and streams; RECORD=1 keeps the table (ROUNDS, SECONDS)
	@$(PYTHON) -m native bench-serving

bench-httpd:  ## what httpd is worth beside the servers that people install; likewise
	@$(PYTHON) -m native bench-httpd

bench-realtime:  ## what realtime is worth beside Channels as its documentation has it; likewise
	@$(PYTHON) -m native bench-realtime

lock:  ## compile every requirements.txt again
	@$(PYTHON) -m native lock

clean:  ## stop everything, and remove what was made here but results/
	@$(PYTHON) -m native clean

.PHONY: menu up down status logs load setup test test-stack lint bench-serving bench-httpd bench-realtime lock clean
