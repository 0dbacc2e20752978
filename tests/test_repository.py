"""Rules that the repository keeps: pinned and hashed requirements, closed ports, one name for one thing."""

import itertools
import re
import subprocess
import tomllib

import pytest
import yaml
from wire.stack import ROOT, read_env_file

PACKAGES = [
    *sorted(path.parent for path in (ROOT / "services").glob("*/pyproject.toml")),
    ROOT / "loadtests",
]
#: Several containers of one service, or a program that is its second half.
PARTS = {"locust-worker": "locust"}
#: The services that nginx stands in front of: each has an upstream of its name, tcp one for each protocol.
BEHIND_NGINX = {"tcp", "httpd", "httpd-wsgi", "web", "realtime", "locust"}


class ComposeLoader(yaml.SafeLoader):
    """Knows Compose's own tags, `!reset` and `!override`, as the values that they stand before."""


def untagged(loader, _suffix, node):
    kinds = {yaml.MappingNode: loader.construct_mapping, yaml.SequenceNode: loader.construct_sequence}
    return kinds.get(type(node), loader.construct_scalar)(node)


ComposeLoader.add_multi_constructor("!", untagged)


def compose(name="docker-compose.yml"):
    return yaml.load((ROOT / name).read_text(), ComposeLoader)["services"]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return listed.stdout.decode().split("\0")[:-1]


class TestRequirements:
    @pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
    def test_each_dependency_is_in_a_hashed_file(self, package):
        project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
        wanted = {canonical(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in project["dependencies"]}
        requirements = package / "requirements.txt"
        pinned = pins(requirements.read_text()) if requirements.exists() else {}
        assert wanted <= pinned.keys()

    @pytest.mark.parametrize(
        "file", sorted(ROOT.glob("*/requirements.txt")) + sorted(ROOT.glob("services/*/requirements.txt")),
        ids=lambda path: str(path.relative_to(ROOT)),
    )  # fmt: skip
    def test_each_pin_has_hashes_and_no_address(self, file):
        text = file.read_text()
        assert "://" not in text
        assert " @ " not in text
        assert all(hashes for hashes in pins(text).values())

    def test_versions_are_the_same_everywhere(self):
        """One virtual environment holds every package at once."""
        found = {}
        for file in [*ROOT.glob("*/requirements.txt"), *ROOT.glob("services/*/requirements.txt")]:
            for name, version in re.findall(r"^([\w.-]+)==([^ ;\\]+)", file.read_text(), re.MULTILINE):
                found.setdefault(name, set()).add(version)
        assert {name: versions for name, versions in found.items() if len(versions) > 1} == {}

    def test_no_lock_file_that_records_addresses(self):
        names = {path.rpartition("/")[2] for path in tracked()}
        assert not names & {
            "uv.lock",
            "poetry.lock",
            "pdm.lock",
            "Pipfile.lock",
            "package-lock.json",
            "pylock.toml",
        }


class TestCompose:
    def test_only_nginx_publishes_ports(self):
        assert [name for name, service in compose().items() if service.get("ports")] == ["nginx"]

    @pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.override.yml"])
    def test_every_port_is_bound_to_an_address(self, name):
        """A bare number is published on every address of the machine, past its firewall too."""
        ports = list(itertools.chain(*(service.get("ports", []) for service in compose(name).values())))
        assert ports
        assert [port for port in ports if not host_of(port).startswith(("${BIND", "127.0.0.1"))] == []

    def test_every_image_is_pinned_to_a_version(self):
        for service in compose().values():
            image = service.get("image", "")
            assert "build" in service or re.search(r":\d", image), image

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("read_only", True),
            ("cap_drop", ["ALL"]),
            ("security_opt", ["no-new-privileges:true"]),
            ("init", True),
        ],
    )
    def test_every_container_is_closed(self, setting, value):
        assert {name: service.get(setting) for name, service in compose().items()} == dict.fromkeys(
            compose(), value
        )

    @pytest.mark.parametrize("setting", ["healthcheck", "logging", "restart"])
    def test_every_service_says(self, setting):
        assert [name for name, service in compose().items() if not service.get(setting)] == []

    def test_memory_is_limited(self):
        def limited(service):
            limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
            return service.get("mem_limit") or limits.get("memory")

        assert [name for name, service in compose().items() if not limited(service)] == []

    def test_who_waits_for_a_service_waits_for_its_health(self):
        for name, service in compose().items():
            for other, terms in dict(service.get("depends_on", {})).items():
                assert terms["condition"] in {"service_healthy", "service_completed_successfully"}, (
                    name,
                    other,
                )

    def test_logs_are_rotated(self):
        for name, service in compose().items():
            assert "max-size" in service["logging"].get("options", {}), name


class TestNames:
    def test_services_are_upstreams(self):
        upstreams = set()
        for template in (ROOT / "nginx").glob("*.d/*.template"):
            upstreams |= set(re.findall(r"^upstream ([\w-]+) ", template.read_text(), re.MULTILINE))
        tcp = {"tcp-echo", "tcp-ack", "tcp-greet", "tcp-bye"}
        assert tcp <= upstreams
        assert upstreams - tcp | {"tcp"} == BEHIND_NGINX

    def test_services_are_containers(self):
        always = {PARTS.get(name, name) for name, service in compose().items() if "profiles" not in service}
        assert always == BEHIND_NGINX | {"nginx", "redis"}

    def test_variants_bear_the_name_of_their_service(self):
        variants = {name for name, service in compose().items() if "profiles" in service}
        assert all(name.rpartition("-")[0] in BEHIND_NGINX for name in variants)

    def test_services_are_on_the_front_page_ladder(self):
        source = (ROOT / "services" / "web" / "web" / "ladder.py").read_text()
        assert set(re.findall(r'^        name="([\w-]+)"', source, re.MULTILINE)) == BEHIND_NGINX | {
            "nginx",
            "redis",
        }


class TestSettings:
    def test_every_setting_is_used(self):
        """A name in .env that nobody reads is a promise that is not kept."""
        used = "".join(
            (ROOT / path).read_text(errors="replace")
            for path in tracked()
            if path.endswith((".py", ".yml", ".template", "Dockerfile", "Makefile"))
            and not path.startswith("tests/")
            if (ROOT / path).exists()
        )
        assert [name for name in read_env_file(ROOT / ".env") if name not in used] == []

    def test_no_secret_is_in_the_repository(self):
        assert not re.search(r"SECRET|PASSWORD|TOKEN", (ROOT / ".env").read_text())
        assert [path for path in tracked() if path.endswith(("secret_key", ".pem", ".key"))] == []


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text):
    """Return each pinned name with its hashes."""
    entries = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
    return {
        canonical(entry.partition("==")[0]): re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)
        for entry in entries
    }


def host_of(port):
    """Return the address that a port is published on: of Compose's short or long form."""
    if isinstance(port, dict):
        return str(port.get("host_ip", ""))
    text = str(port)
    # A variable may have a default, ${BIND:-127.0.0.1}: its colon separates nothing.
    return re.sub(r"\$\{(\w+)[^}]*\}", r"${\1}", text).rpartition(":")[0].rpartition(":")[0]
