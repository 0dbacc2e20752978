"""Rules that no room of the house can keep alone: one name for one thing, and what may not lie here."""

import re
import subprocess
import tomllib

import pytest
import yaml
from wire.stack import ROOT

PACKAGES = [*sorted(path.parent for path in (ROOT / "services").glob("*/pyproject.toml")), ROOT / "loadtests"]

#: The services that nginx stands in front of, and all of them.
BEHIND_NGINX = {"tcp", "httpd", "httpd-wsgi", "web", "realtime", "locust"}
SERVICES = BEHIND_NGINX | {"nginx", "redis"}

#: What runs beside its service to do a part of its work.
PARTS = {"locust-worker"}


def names(path, pattern):
    return set(re.findall(pattern, (ROOT / path).read_text(), re.MULTILINE))


class TestOneName:
    def test_containers(self):
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        always = {name for name, service in services.items() if "profiles" not in service}
        assert always == SERVICES | PARTS
        assert all(name.rpartition("-")[0] in SERVICES for name in services.keys() - always)

    def test_local_processes(self):
        assert names("native/programs.py", r'Program\(\s*"([\w-]+)"') == SERVICES | PARTS

    def test_upstreams(self):
        """TCP has no path that tells protocols apart: an upstream for each port."""
        assert names("nginx/http.d/10-upstreams.http.conf.template", r"^upstream (\S+)") == BEHIND_NGINX - {
            "tcp"
        }
        protocols = names("nginx/stream.d/10-tcp.stream.conf.template", r"^upstream (\S+)")
        assert protocols == {"tcp-echo", "tcp-ack", "tcp-greet", "tcp-bye", "tcp-room"}

    def test_rungs_on_the_front_page(self):
        assert names("services/web/web/ladder.py", r'^        name="([\w-]+)"') == SERVICES

    def test_tags_of_load(self):
        rungs = SERVICES - {"nginx", "redis", "locust"}
        assert names("loadtests/users/ladder.py", r'@tag\("([\w-]+)"\)') == rungs


class TestRepository:
    @pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
    def test_each_dependency_is_among_the_requirements(self, package):
        project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
        wanted = {canonical(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}
        requirements = package / "requirements.txt"
        pinned = re.findall(r"^([\w.-]+)==", requirements.read_text(), re.MULTILINE) if wanted else []
        assert wanted <= set(pinned)

    def test_no_lock_file_that_records_addresses(self):
        locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json"}
        assert not locks & {path.rpartition("/")[2] for path in tracked()}

    def test_no_link_leads_nowhere(self):
        missing = [
            f"{page}: {target}"
            for page in tracked()
            if page.endswith(".md")
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
            if not (ROOT / page).parent.joinpath(target).exists()
        ]
        assert missing == []

    def test_no_secret(self):
        assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*\s*=", (ROOT / ".env").read_text())
        assert [path for path in tracked() if path.endswith(("secret_key", ".pem", ".key"))] == []


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def tracked():
    """Every file that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return listed.stdout.decode().split("\0")[:-1]
