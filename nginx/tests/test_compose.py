"""What every container has to be, whoever adds one; and that what .env offers reaches somebody."""

import re

import pytest
import yaml
from door.rendering import SOURCE

ROOT = SOURCE.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OVERRIDE = yaml.safe_load((ROOT / "docker-compose.override.yml").read_text())
SERVICES = COMPOSE["services"]

#: In containers nobody publishes these, so nobody needs to choose them.
NATIVE_ONLY = {"REDIS_PORT", "NGINX_STATUS_PORT", "LOCUST_MASTER_PORT"}

#: May be given, and never stands in a file of the repository.
SECRET = {"LOCUST_PASSWORD"}


@pytest.mark.parametrize("name", SERVICES)
class TestEveryContainer:
    def test_is_confined(self, name):
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["init"]
        assert "cap_add" not in service
        assert "privileged" not in service

    def test_has_limits(self, name):
        service = SERVICES[name]
        assert service["mem_limit"]
        assert service["pids_limit"]
        assert service["logging"]["options"]["max-size"]
        assert service["restart"] == "unless-stopped"

    def test_says_whether_it_is_well(self, name):
        assert SERVICES[name]["healthcheck"]["test"]

    def test_waits_for_health_and_not_for_a_start(self, name):
        waits = SERVICES[name].get("depends_on", {})
        assert {how["condition"] for how in waits.values()} <= {"service_healthy"}

    def test_is_pinned_or_ours_and_has_no_name_of_its_own(self, name):
        service = SERVICES[name]
        assert ("image" in service) != ("build" in service)
        if "image" in service:
            assert re.fullmatch(r"[\w-]+:\d[\w.-]*", service["image"])
            assert service["user"] not in {"root", "0"}
        # A name of its own would forbid a second one: docker compose up --scale, or -p.
        assert "container_name" not in service


def test_nginx_alone_is_published():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"nginx"}
    assert all(port.startswith("${BIND:-127.0.0.1}:") for port in SERVICES["nginx"]["ports"])
    assert {name for name, service in SERVICES.items() if "edge" in service["networks"]} == {"nginx"}
    assert COMPOSE["networks"]["internal"] == {"internal": True}


def test_direct_ports_are_for_this_machine():
    ports = [port for service in OVERRIDE["services"].values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_opens_direct_ports_opens_no_way_out():
    options = OVERRIDE["networks"]["direct"]["driver_opts"]
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_images_run_as_somebody_and_are_built_from_the_image_that_is_pinned():
    recipe = (ROOT / "services" / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", recipe, re.MULTILINE) == ["python:3.14-slim", "python:3.14-slim"]
    assert re.search(r"--uid (\d{4,})", recipe)
    assert recipe.rstrip().splitlines()[-1] == "USER layercake"
    assert "# syntax" not in recipe


def test_what_env_offers_is_used():
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env").read_text(), re.MULTILINE))
    files = [ROOT / "docker-compose.yml", ROOT / "docker-compose.override.yml"]
    used = {name for file in files for name in re.findall(r"\$\{([A-Z_]+)", file.read_text())}
    assert offered - NATIVE_ONLY == used - SECRET
