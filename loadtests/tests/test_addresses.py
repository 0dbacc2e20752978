"""Where load goes, and where it never goes."""

import pytest

from loadtests.addresses import RUNGS, Address, AddressError, Stack

STACK = Stack.from_environment({})
IN_CONTAINERS = Stack.from_environment(
    {
        "TCP_ECHO_ADDRESS": "tcp:9100",
        "HTTPD_ADDRESS": "httpd:8001",
        "NGINX_ADDRESS": "nginx:8080",
        "NGINX_TCP_ECHO_ADDRESS": "nginx:9000",
    }
)


@pytest.mark.parametrize(
    ("service", "direct", "through", "prefix"),
    [
        ("tcp", "127.0.0.1:9100", "127.0.0.1:9000", ""),
        ("httpd", "127.0.0.1:8001", "127.0.0.1:8080", "/httpd"),
        ("httpd-wsgi", "127.0.0.1:8004", "127.0.0.1:8080", "/httpd-wsgi"),
        ("web", "127.0.0.1:8002", "127.0.0.1:8080", ""),
        ("realtime", "127.0.0.1:8003", "127.0.0.1:8080", ""),
    ],
)
def test_defaults(service, direct, through, prefix):
    target = STACK.target(service, "direct")
    assert (str(target.address), target.prefix) == (direct, "")
    target = STACK.target(service, "nginx")
    assert (str(target.address), target.prefix) == (through, prefix)


def test_ports_from_the_environment():
    stack = Stack.from_environment(
        {"HTTP_PORT": "8090", "TCP_ECHO_DIRECT_PORT": "9190", "WEB_DIRECT_PORT": ""}
    )
    assert str(stack.target("web", "nginx").address) == "127.0.0.1:8090"
    assert str(stack.target("tcp", "direct").address) == "127.0.0.1:9190"
    assert str(stack.target("web", "direct").address) == "127.0.0.1:8002"


def test_an_address_wins_over_a_port():
    stack = Stack.from_environment({"HTTPD_ADDRESS": "httpd:8001", "HTTPD_DIRECT_PORT": "9"})
    assert stack.target("httpd", "direct").address == Address("httpd", 8001)


@pytest.mark.parametrize("host", ["nginx:8080", "http://nginx:8080", "http://nginx:8080/", " nginx:8080 "])
def test_nginx_as_host_leads_every_rung_through_it(host):
    for service in RUNGS:
        assert IN_CONTAINERS.target(service, "direct", host).via == "nginx"
    assert IN_CONTAINERS.target("tcp", "direct", host).address == Address("nginx", 9000)


def test_a_service_as_host_leads_its_rungs_there_directly():
    assert IN_CONTAINERS.target("httpd", "nginx", "http://httpd:8001").via == "direct"
    with pytest.raises(AddressError, match="is httpd, which does not serve web"):
        IN_CONTAINERS.target("web", "nginx", "http://httpd:8001")


@pytest.mark.parametrize(
    "host",
    [
        "http://example.com",
        "example.com:80",
        "http://nginx",
        "nginx:8081",
        "http://nginx:8080@example.com:80",
        "http://example.com:80/nginx:8080",
        "https://example.com",
        "example.com",
        "://",
    ],
)
def test_any_other_host_is_refused(host):
    with pytest.raises(AddressError, match="Host"):
        IN_CONTAINERS.target("web", "nginx", host)


@pytest.mark.parametrize(
    "text", ["", "httpd", "httpd:", ":8001", "httpd:x", "httpd:0", "httpd:65536", "httpd:٣"]
)
def test_what_is_no_address(text):
    with pytest.raises(AddressError, match=r"NAME is .*HOST:PORT"):
        Address.parse(text, "NAME")


def test_an_environment_that_is_no_address():
    with pytest.raises(AddressError, match="HTTPD_ADDRESS"):
        Stack.from_environment({"HTTPD_ADDRESS": "http://httpd:8001"})
    with pytest.raises(AddressError, match="HTTP_PORT"):
        Stack.from_environment({"HTTP_PORT": "eighty"})


def test_addresses_of_version_6():
    address = Address.parse("[::1]:8080")
    assert address == Address("::1", 8080)
    assert str(address) == "[::1]:8080"
