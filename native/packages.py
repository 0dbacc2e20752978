"""The servers that come from the system: are they there, and if not, may we install them?

Installing takes root, or a sudo that asks no password; otherwise we say exactly what to install. What a
distribution would start on its own with the package, it does not start: the stack runs servers of its own.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from native import nginx
from native.problem import Problem
from native.terminal import say

__all__ = ["CHROMIUM", "NEEDS", "Need", "ensure", "find", "nginx_binary", "redis_binary"]

#: Servers live in sbin, which is on root's PATH only.
SEARCH = [*os.get_exec_path(), "/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/usr/local/bin"]


def find(*names: str) -> str | None:
    """The first of these programs that is there."""
    path = os.pathsep.join(SEARCH)
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def nginx_binary() -> str | None:
    return find("nginx")


def redis_binary() -> str | None:
    """Redis, or the fork that distributions have put in its place, which speaks the same protocol."""
    return find("redis-server", "valkey-server")


# --- what is missing, in words; an empty string if nothing is -------------------------------------------


def version(report: str) -> tuple[int, ...]:
    """The version in what a server says of itself."""
    match = re.search(r"(?:nginx/|v=)(\d+)\.(\d+)", report)
    return tuple(int(number) for number in match.groups()) if match else ()


def nginx_missing() -> str:
    binary = nginx_binary()
    if binary is None:
        return "nginx is missing"
    if version(nginx.version_report(binary)) < (1, 22):
        return f"{binary} is older than 1.22"
    return ""


def stream_module_missing() -> str:
    binary = nginx_binary()
    if binary is None:
        return "nginx's stream module is missing"
    report = nginx.version_report(binary)
    if nginx.stream_module(report) or re.search(r"--with-stream(\s|$)", report):
        return ""
    return "nginx's stream module is missing"


def redis_missing() -> str:
    binary = redis_binary()
    if binary is None:
        return "redis-server is missing"
    report = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    return f"{binary} is older than 7" if version(report) < (7,) else ""


def venv_missing() -> str:
    """Debian keeps the half of Python's venv that installs pip in a package of its own."""
    missing = importlib.util.find_spec("ensurepip") is None
    return f"{sys.executable} can't make virtual environments" if missing else ""


def chromium_missing() -> str:
    """The system's, one that CHROMIUM names, or the one that Playwright has fetched."""
    fetched = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = os.environ.get("CHROMIUM") or find("chromium", "chromium-browser", "google-chrome")
    return "" if found or any(fetched.glob("chromium-*")) else "chromium is missing"


# --- what to install ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """Something that has to be there: how to tell, and each package manager's name for it."""

    missing: Callable[[], str]
    packages: dict[str, tuple[str, ...]]


NEEDS = (
    Need(nginx_missing, dict.fromkeys(("apt-get", "dnf", "apk", "pacman", "brew"), ("nginx",))),
    Need(
        stream_module_missing,
        {
            "apt-get": ("libnginx-mod-stream",),
            "dnf": ("nginx-mod-stream",),
            "apk": ("nginx-mod-stream",),
            "pacman": ("nginx",),
            "brew": ("nginx",),
        },
    ),
    Need(
        redis_missing,
        {
            "apt-get": ("redis-server",),
            "dnf": ("redis",),
            "apk": ("redis",),
            "pacman": ("valkey",),
            "brew": ("redis",),
        },
    ),
    Need(
        venv_missing,
        {"apt-get": ("python3-venv",), "apk": ("py3-pip",), "dnf": ("python3-pip",), "brew": ("python",)},
    ),
)

#: What the browser tests need besides.
CHROMIUM = Need(chromium_missing, dict.fromkeys(("apt-get", "dnf", "apk", "pacman"), ("chromium",)))

#: How each manager installs, and whether it takes root.
INSTALL = {
    "apt-get": ("apt-get", "install"),
    "dnf": ("dnf", "install", "-y"),
    "apk": ("apk", "add"),
    "pacman": ("pacman", "-Sy", "--noconfirm", "--needed"),
    "brew": ("brew", "install"),
}

#: Debian's packages start their service, and have it started at every boot. This keeps those that are new
#: from both: policy-rc.d is the distribution's own way to forbid the first, and one that is there already is
#: left alone.
APT = r"""
set -e
policy=/usr/sbin/policy-rc.d
units=/lib/systemd/system
new=
for unit in nginx redis-server; do
    [ -e "$units/$unit.service" ] || new="$new $unit"
done
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" > /dev/null
for unit in $new; do
    if [ -e "$units/$unit.service" ] && command -v systemctl > /dev/null; then
        systemctl disable --quiet "$unit" 2> /dev/null
    fi
done
"""


def ensure(*needs: Need) -> None:
    """Install what is missing, or say what to install."""
    missing = [need for need in needs if need.missing()]
    if not missing:
        return
    what = " and ".join(dict.fromkeys(need.missing() for need in missing))
    manager = next((name for name in INSTALL if shutil.which(name)), None)
    if manager is None:
        raise Problem(f"{what}: install it with your system's package manager, and run this again")
    names = list(dict.fromkeys(name for need in missing for name in need.packages.get(manager, ())))
    if not names:
        raise Problem(f"{what}, and {manager} has no package for it that we know of: install it by hand")
    install(manager, names, what)
    if still := " and ".join(filter(None, (need.missing() for need in missing))):
        raise Problem(f"{still}, also after installing {' '.join(names)}: install a newer one by hand")


def install(manager: str, names: list[str], what: str) -> None:
    """Let the system's package manager do it."""
    prefix = rights(manager)
    if prefix is None:
        by_hand = " ".join([*INSTALL[manager], *names])
        raise Problem(f"{what}: run `sudo {by_hand}` (or as root, without sudo), and try again")
    say(f"{what}: installing {' '.join(names)} with {manager}")
    script = ("sh", "-c", APT, "sh") if manager == "apt-get" else INSTALL[manager]
    done = subprocess.run([*prefix, *script, *names], check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Problem(f"{manager} could not install {' '.join(names)}: its words stand above")


def rights(manager: str) -> list[str] | None:
    """The words before a command that may install; None if we may not."""
    if manager == "brew" or os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
