"""The table of processes: complete, without doubles, and in step with Compose."""

from pathlib import Path

import pytest
import yaml

from native.programs import environment, programs
from native.run_dir import ROOT, RunDir
from native.settings import Settings, read

RUN = RunDir(Path("/srv/run"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


OPTIONAL = {
    "models": {"TCP_ITERATIVE_PORT", "TCP_THREADS_PORT", "TCP_PREFORK_PORT", "TCP_ASYNCIO_PORT"},
    "servers": {"WEB_HTTPD_PORT"},
}


@pytest.fixture(params=[(), ("models",), ("servers",), ("models", "servers")], ids=" and ".join)
def profiles(request):
    return request.param


@pytest.fixture
def table(profiles):
    wanted = dict.fromkeys(profiles, True)
    return programs(read({}), RUN, nginx="/usr/sbin/nginx", redis="/usr/bin/redis-server", **wanted)


def test_the_same_services_as_in_compose(table, profiles):
    expected = {name for name, service in COMPOSE.items() if {*service.get("profiles", ())} <= {*profiles}}
    assert {program.name for program in table} == expected


def test_every_port_is_listened_on_once(table, profiles):
    ports = [listener.port for program in table for listener in program.listeners]
    assert len(set(ports)) == len(ports)
    settings = read({})
    named = {listener.variable: listener.port for program in table for listener in program.listeners}
    left_out = {name for profile in OPTIONAL.keys() - {*profiles} for name in OPTIONAL[profile]}
    assert named == {name: port for name, port in settings.ports.items() if name not in left_out}


WORDS = ("--protocol", "--model", "--threads", "--app", "httpd.demo:application", "web.gunicorn_conf",
         "httpd.gunicorn.Worker")  # fmt: skip


def test_started_with_the_words_of_its_container(table):
    """The same options, applications and modules; addresses and file names differ."""
    for program in table:
        if program.name in ("nginx", "redis"):
            continue  # theirs is in files
        theirs, ours = COMPOSE[program.name]["command"], " ".join(program.command)
        assert {word for word in WORDS if word in ours} == {word for word in WORDS if word in theirs}


def test_only_nginx_listens_where_bind_says():
    settings = Settings({**read({}), "BIND": "192.0.2.7"})
    for program in programs(settings, RUN, nginx="nginx", redis="redis"):
        hosts = {listener.host for listener in program.listeners if listener.variable != "NGINX_STATUS_PORT"}
        assert hosts <= ({"192.0.2.7"} if program.name == "nginx" else {"127.0.0.1"})


def test_as_many_workers_as_are_wanted():
    settings = Settings({**read({}), "LOCUST_WORKERS": "3"})
    (worker,) = (
        program
        for program in programs(settings, RUN, nginx="nginx", redis="redis")
        if program.name == "locust-worker"
    )
    assert worker.process_names == ["locust-worker-0", "locust-worker-1", "locust-worker-2"]


def test_what_they_find_in_their_environment():
    settings = read({"HTTP_PORT": "8090"})
    environ = environment(settings, RUN, {"PATH": "/bin", "MAKEFLAGS": "-j", "PYTHONPATH": "/elsewhere"})
    assert environ["HTTP_PORT"] == "8090"
    assert environ["NGINX_ADDRESS"] == "127.0.0.1:8090"
    assert environ["SECRET_KEY_FILE"] == "/srv/run/secret_key"
    assert environ["PATH"] == "/bin"
    assert not {"MAKEFLAGS", "PYTHONPATH"} & set(environ)
