"""What is missing is installed, or said. Scripts play the package managers: nothing is installed here."""

import pytest

from native import packages
from native.packages import NEEDS, Need, ensure
from native.problem import Problem

NAMES: dict[str, tuple[str, ...]] = {"brew": ("thing",), "dnf": ("dnf-thing",)}


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A machine that has only the programs that a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "SEARCH", [str(tmp_path)])
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    def install(name, *lines):
        script = tmp_path / name
        script.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        script.chmod(0o755)
        return script

    return install


@pytest.fixture
def thing(tmp_path):
    """Something that is there once its package is installed."""
    return Need(lambda: "" if (tmp_path / "thing").exists() else "thing is missing", NAMES)


def said(*needs):
    with pytest.raises(Problem) as caught:
        ensure(*needs)
    return str(caught.value)


class TestFinding:
    @pytest.mark.usefixtures("system")
    def test_nothing_there(self):
        words = [need.missing() for need in NEEDS[:3]]
        assert words == ["nginx is missing", "nginx's stream module is missing", "redis-server is missing"]

    def test_nginx_that_is_too_old(self, system):
        binary = system("nginx", 'echo "nginx version: nginx/1.18.0" >&2', 'echo "args: --with-stream" >&2')
        assert packages.nginx_missing() == f"{binary} is older than 1.22"
        assert packages.stream_module_missing() == ""

    def test_nginx_with_its_module(self, system):
        system("nginx", 'echo "nginx version: nginx/1.30.1" >&2', 'echo "args: --with-stream --x" >&2')
        assert packages.nginx_missing() == ""
        assert packages.stream_module_missing() == ""

    def test_nginx_without_its_module(self, system, tmp_path):
        system(
            "nginx",
            'echo "nginx version: nginx/1.22.1" >&2',
            f'echo "args: --modules-path={tmp_path} --with-stream=dynamic --with-stream_ssl_module" >&2',
        )
        assert packages.stream_module_missing() == "nginx's stream module is missing"
        (tmp_path / "ngx_stream_module.so").touch()
        assert packages.stream_module_missing() == ""

    @pytest.mark.parametrize(
        ("name", "report", "missing"),
        [
            ("redis-server", "Redis server v=6.2.14 sha=0:0", True),
            ("redis-server", "Redis server v=7.0.15 sha=0:0", False),
            ("valkey-server", "Valkey server v=8.0.1 sha=0:0", False),
        ],
    )
    def test_redis(self, system, name, report, missing):
        system(name, f'echo "{report}"')
        assert ("older than 7" in packages.redis_missing()) == missing

    @pytest.mark.usefixtures("system")
    def test_chromium(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
        assert packages.chromium_missing()
        (tmp_path / ".cache" / "ms-playwright" / "chromium-1200").mkdir(parents=True)
        assert not packages.chromium_missing()
        monkeypatch.setenv("HOME", "/nowhere")
        monkeypatch.setenv("CHROMIUM", "/opt/chromium")
        assert not packages.chromium_missing()


class TestInstalling:
    @pytest.mark.usefixtures("system")
    def test_nothing_to_do(self):
        ensure(Need(lambda: "", {}))

    def test_installed_with_the_system_s_manager(self, system, thing, tmp_path):
        system("brew", f'echo "$@" > {tmp_path}/said', f": > {tmp_path}/thing")
        ensure(thing)
        assert (tmp_path / "said").read_text() == "install thing\n"

    def test_where_it_may_not(self, system, thing):
        system("dnf", "exit 1")
        assert said(thing) == (
            "thing is missing: run `sudo dnf install -y dnf-thing` (or as root, without sudo), and try again"
        )

    def test_a_sudo_that_asks_for_a_password_is_none(self, system, thing):
        system("dnf", "exit 1")
        system("sudo", "exit 1")
        assert "run `sudo dnf install -y dnf-thing`" in said(thing)

    def test_a_sudo_that_asks_nothing(self, system, thing, tmp_path):
        system("sudo", 'shift; [ "$1" = true ] && exit 0; "$@"')
        system("dnf", f'echo "$@" > {tmp_path}/said', f": > {tmp_path}/thing")
        ensure(thing)
        assert (tmp_path / "said").read_text() == "install -y dnf-thing\n"

    @pytest.mark.usefixtures("system")
    def test_no_manager_that_we_know(self, thing):
        assert said(thing) == (
            "thing is missing: install it with your system's package manager, and run this again"
        )

    def test_a_manager_that_fails(self, system, thing):
        system("brew", "exit 3")
        assert "brew could not install thing" in said(thing)

    def test_a_package_that_is_too_old(self, system, thing):
        system("brew", "exit 0")
        assert said(thing).startswith("thing is missing, also after installing thing")

    def test_what_debian_is_told(self):
        """The three packages of the README, by their names."""
        names = [name for need in NEEDS for name in need.packages["apt-get"]]
        assert names == ["nginx", "libnginx-mod-stream", "redis-server", "python3-venv"]
