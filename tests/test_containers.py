"""What each container may do, asked of the engine and of the container itself."""

import json
import subprocess

import pytest
import yaml
from wire.stack import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SERVICES = [name for name, service in COMPOSE.items() if "profiles" not in service]


def docker(*arguments):
    done = subprocess.run(
        ["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.strip()


@pytest.fixture(params=SERVICES, scope="module")
def container(request):
    """What the engine says of a running container."""
    status, number = docker("compose", "ps", "--quiet", request.param)
    assert status == 0
    assert number, f"{request.param} does not run"
    (told,) = json.loads(docker("inspect", number.splitlines()[0])[1])
    told["service"] = request.param
    return told


def run_in(container, script):
    return docker("exec", container["Id"], "sh", "-c", script)


def status_of(container):
    """Of its first process, as the kernel has it."""
    status, text = run_in(container, "cat /proc/1/status")
    assert status == 0
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def test_it_is_nobody_special(container):
    (user, *_) = status_of(container)["Uid"].split()
    # Our own images' user is made for them; nginx and redis bring theirs.
    assert int(user) >= (1000 if "build" in COMPOSE[container["service"]] else 1)


def test_it_can_become_nobody_else(container):
    status = status_of(container)
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert not container["HostConfig"]["Privileged"]
    assert not container["HostConfig"]["CapAdd"]


def test_it_writes_nowhere_but_where_it_must(container):
    assert container["HostConfig"]["ReadonlyRootfs"]
    for folder in ("/", "/etc", "/usr/bin", "/app", "/var"):
        assert run_in(container, f"[ -d {folder} ] && touch {folder}/written")[0] != 0
    writable = {mount["Destination"] for mount in container["Mounts"] if mount["RW"]}
    expected = {
        "web": {"/var/lib/layercake/static", "/var/lib/layercake/secret"},
        "redis": {"/data", "/run/secrets/redis"},
    }
    assert writable == expected.get(container["service"], set())


def test_it_has_limits(container):
    host = container["HostConfig"]
    assert 0 < host["Memory"] <= 640 << 20
    assert 0 < host["PidsLimit"] <= 5000
    assert host["CpuQuota"] >= host["CpuPeriod"] > 0
    assert host["LogConfig"]["Config"]["max-size"]


def test_only_nginx_is_on_the_network_with_a_way_out(container):
    """`direct` is the local lab's, on this machine's own address: docker-compose.override.yml."""
    networks = {name.rpartition("_")[2] for name in container["NetworkSettings"]["Networks"]}
    assert ("edge" in networks) == (container["service"] == "nginx")
    bindings = [
        binding["HostIp"]
        for bindings in container["NetworkSettings"]["Ports"].values()
        for binding in bindings or []
    ]
    assert set(bindings) <= {"127.0.0.1"}
    if container["service"] in {"redis", "locust-worker"}:
        assert bindings == []
        assert networks == {"internal"}


def test_no_secret_is_in_its_environment_or_its_image(container):
    password = docker("compose", "exec", "--no-TTY", "redis", "cat", "/run/secrets/redis/password")[1]
    key = docker("compose", "exec", "--no-TTY", "web", "cat", "/var/lib/layercake/secret/key")[1]
    assert password
    assert key
    told = json.dumps(container)
    assert password not in told
    assert key not in told


def test_only_those_who_speak_to_redis_can_read_its_password(container):
    status, _ = run_in(container, "cat /run/secrets/redis/password")
    assert (status == 0) == (container["service"] in {"redis", "web", "realtime", "tcp"})
