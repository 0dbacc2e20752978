"""The settings: ``.env``, the environment over it, and the rules that each value has to obey.

``.env`` is the one place where values are written down, for Compose as for local processes. What is checked
here is checked before anything starts, and a value that breaks its rule is answered by one sentence that
names the variable.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from native.problem import Problem
from native.run_dir import ROOT

__all__ = ["Settings", "parse", "read"]

Rule = Callable[[str], str | None]
"""Takes a value; returns what it should have been, or None if it is that."""


def whole_number(low: int, high: int, what: str) -> Rule:
    """A rule for whole numbers from ``low`` to ``high``."""

    def rule(value: str) -> str | None:
        if value.isascii() and value.isdigit() and len(value) <= 9 and low <= int(value) <= high:
            return None
        return f"{what} from {low} to {high}"

    return rule


def one_of(*words: str) -> Rule:
    """A rule for a value that is one of ``words``."""
    return lambda value: (
        None if value in words else f"one of {', '.join(word or 'nothing' for word in words)}"
    )


def address(value: str) -> str | None:
    """An IP address without a port."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return "an IP address, such as 127.0.0.1 (this machine only) or 0.0.0.0 (everybody)"
    return None


def host_names(value: str) -> str | None:
    """Host names with commas between them."""
    if all(re.fullmatch(r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]", name.strip()) for name in value.split(",")):
        return None
    return "host names with commas between them, such as localhost,127.0.0.1"


def project_name(value: str) -> str | None:
    """What Compose takes as a name, or none."""
    if re.fullmatch(r"(?:[a-z0-9][a-z0-9_-]{0,39})?", value):
        return None
    return "up to 40 small letters, digits, - and _, a letter or digit first, such as layercake-two"


port = whole_number(1, 65535, "a port number")
processes = whole_number(1, 64, "a number of processes")
model = one_of("iterative", "threads", "prefork", "selector", "asyncio")

#: What has to be set, and the rule it obeys. Whatever else stands in .env reaches the services as it is.
RULES: dict[str, Rule] = {
    "BIND": address,
    "HTTP_PORT": port,
    "TCP_ECHO_PORT": port,
    "TCP_ACK_PORT": port,
    "TCP_GREET_PORT": port,
    "TCP_BYE_PORT": port,
    "TCP_ROOM_PORT": port,
    "HTTPD_DIRECT_PORT": port,
    "WEB_DIRECT_PORT": port,
    "REALTIME_DIRECT_PORT": port,
    "HTTPD_WSGI_DIRECT_PORT": port,
    "LOCUST_DIRECT_PORT": port,
    "TCP_ECHO_DIRECT_PORT": port,
    "TCP_ACK_DIRECT_PORT": port,
    "TCP_GREET_DIRECT_PORT": port,
    "TCP_BYE_DIRECT_PORT": port,
    "TCP_ROOM_DIRECT_PORT": port,
    "TCP_ITERATIVE_PORT": port,
    "TCP_THREADS_PORT": port,
    "TCP_PREFORK_PORT": port,
    "TCP_ASYNCIO_PORT": port,
    "WEB_HTTPD_PORT": port,
    "REDIS_PORT": port,
    "NGINX_STATUS_PORT": port,
    "LOCUST_MASTER_PORT": port,
    "TCP_MODEL": model,
    "TCP_WORKERS": processes,
    "HTTPD_MODEL": model,
    "HTTPD_WORKERS": processes,
    "HTTPD_WSGI_THREADS": whole_number(0, 256, "a number of threads"),
    "NGINX_WORKERS": processes,
    "WEB_WORKERS": processes,
    "WEB_THREADS": whole_number(1, 256, "a number of threads"),
    "REALTIME_WORKERS": processes,
    "ROOM_HISTORY": whole_number(1, 1_000_000, "a number of messages"),
    "ROOM_FSYNC": one_of("everysec", "always"),
    "LOCUST_WORKERS": processes,
    "ALLOWED_HOSTS": host_names,
    # Not in .env, and empty unless given: what Compose calls the stack, where two checkouts are beside each
    # other.
    "COMPOSE_PROJECT_NAME": project_name,
    # Likewise: the other concurrency models beside the default one.
    "MODELS": one_of("", "1"),
    # Likewise: the other servers of the site.
    "SERVERS": one_of("", "1"),
}


@dataclass(frozen=True)
class Settings(Mapping[str, str]):
    """Every setting by its name, checked."""

    by_name: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def number(self, name: str) -> int:
        """A setting whose rule makes it a number."""
        return int(self.by_name[name])

    @property
    def ports(self) -> dict[str, int]:
        """Every port by its variable."""
        return {name: self.number(name) for name, rule in RULES.items() if rule is port}


def parse(text: str, where: str = ".env") -> dict[str, str]:
    """Read ``NAME=value`` lines as Compose does: comments, quotes, and a comment after a space."""
    values = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()  # noqa: PLW2901
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)", line)
        if match is None:
            raise Problem(f"{where}, line {number}, is not NAME=value: {line}")
        values[match[1]] = unquote(match[2])
    return values


def unquote(value: str) -> str:
    """A value without its quotes or, if it has none, without the comment after it."""
    quoted = re.fullmatch(r"""(["'])(.*?)\1\s*(#.*)?""", value)
    return quoted[2] if quoted else re.split(r"\s+#|^#", value, maxsplit=1)[0].strip()


def read(environ: Mapping[str, str], env_file: Path = ROOT / ".env") -> Settings:
    """Every setting of ``env_file``, the environment over it, checked."""
    try:
        written = parse(env_file.read_text(encoding="utf-8"), env_file.name)
    except FileNotFoundError:
        raise Problem(f"{env_file} is missing: `git checkout {env_file.name}` brings it back") from None
    except UnicodeDecodeError:
        raise Problem(
            f"{env_file} is not UTF-8 text: `git checkout {env_file.name}` brings it back"
        ) from None
    # An empty variable in the environment counts as none: that is how a shell or a CI form clears one.
    given = {name: environ[name] for name in {*written, *RULES} if environ.get(name)}
    values = {"COMPOSE_PROJECT_NAME": "", "MODELS": "", "SERVERS": "", **written, **given}
    for name, rule in RULES.items():
        check(name, values.get(name, ""), rule, "the environment" if name in given else env_file.name)
    settings = Settings(values)
    check_for_twins(settings)
    return settings


def check(name: str, value: str, rule: Rule, source: str) -> None:
    """Hold ``value`` against its rule."""
    expected = rule(value)
    if expected is None:
        return
    if not value:
        raise Problem(f"{name} is not set: give it {expected} in {source}")
    shown = value if len(value) <= 40 else f"{value[:40]}…"
    raise Problem(f"{name}={shown} (in {source}) is not right: set it to {expected}")


def check_for_twins(settings: Settings) -> None:
    """No two listeners on one port."""
    seen: dict[int, str] = {}
    for name, number in settings.ports.items():
        if number in seen:
            raise Problem(f"{seen[number]} and {name} are both {number}: give each a port of its own")
        seen[number] = name
