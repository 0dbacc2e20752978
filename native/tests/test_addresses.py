"""The variables that services find each other by, and the table."""

import re

from native import addresses
from native.run_dir import ROOT
from native.settings import Settings, read


def test_every_address_of_the_design_has_its_port():
    """docs/design.md has the list: the name in the first column, what it is natively in the third."""
    settings = read({})
    variables = addresses.variables(settings)
    rows = re.findall(
        r"^\| (`.*?`) \| .*? \| `(.*?)`", (ROOT / "docs" / "design.md").read_text(), re.MULTILINE
    )
    seen = set()
    for names, natively in rows:
        for name in re.findall(r"`(\w+(?:_ADDRESS|_URL))`", names)[:1]:
            expected = re.sub(r"\$\{(\w+)\}", lambda match: settings[match[1]], natively)
            assert variables[name] == expected
            seen.add(name)
    assert len(seen) >= 9


def test_published_on_every_address():
    settings = Settings({**read({}), "BIND": "0.0.0.0"})
    assert addresses.variables(settings)["NGINX_ADDRESS"] == "127.0.0.1:8080"


def test_published_on_one_address():
    settings = Settings({**read({}), "BIND": "192.0.2.7"})
    variables = addresses.variables(settings)
    assert variables["NGINX_ADDRESS"] == "192.0.2.7:8080"
    assert variables["WEB_ADDRESS"] == "127.0.0.1:8002"


def test_brackets_around_ipv6():
    settings = Settings({**read({}), "BIND": "::1"})
    assert addresses.variables(settings)["NGINX_ADDRESS"] == "[::1]:8080"
    assert "http://[::1]:8080/" in addresses.table(settings)


def test_the_table_has_every_published_and_direct_port():
    settings = read({})
    table = addresses.table(settings)
    inside = {"REDIS_PORT", "NGINX_STATUS_PORT", "LOCUST_MASTER_PORT"}
    models = {"TCP_ITERATIVE_PORT", "TCP_THREADS_PORT", "TCP_PREFORK_PORT", "TCP_ASYNCIO_PORT"}
    servers = {"WEB_HTTPD_PORT"}
    more = addresses.table(read({"MODELS": "1", "SERVERS": "1"}))
    for name, number in settings.ports.items():
        assert (str(number) in table) == (name not in inside | models | servers)
        assert (str(number) in more) == (name not in inside)
