"""The environ of PEP 3333, key by key."""

import io

import pytest
from httpd.head import HeadReader
from httpd.limits import Limits
from httpd.wsgi.environ import EnvironWriter, Proxies
from serving.protocol import Peer


def write(octets: bytes, remote: str = "192.0.2.1", **options) -> dict[str, object]:
    found = HeadReader(Limits()).read(octets)
    assert found is not None
    request = found[0]
    request.peer = Peer((remote, 50000), ("198.51.100.1", 8001))
    settings = {"multithread": False, "multiprocess": False, **options}
    return EnvironWriter(**settings)(request, io.BytesIO())


def get(target: str, *fields: str, **options) -> dict[str, object]:
    lines = "".join(f"{field}\r\n" for field in ("Host: a", *fields))
    return write(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"), **options)


def test_the_whole_of_it() -> None:
    environ = get(
        "/a%20b?c=%20&d", "Content-Type: text/x", "Content-Length: 5, 5", "X-One: 1", multithread=True
    )
    for name in ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper"):
        assert environ.pop(name)
    assert environ == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "c=%20&d",
        "CONTENT_TYPE": "text/x",
        "CONTENT_LENGTH": "5",
        "SERVER_NAME": "198.51.100.1",
        "SERVER_PORT": "8001",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "layercake-httpd",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "a",
        "HTTP_X_ONE": "1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/caf%C3%A9", "/caf\xc3\xa9", ""),
        ("/a%2Fb%00", "/a/b\0", ""),
        ("/?", "/", ""),
        ("http://b/x?y", "/x", "y"),
        ("http://b?y", "/", "y"),
    ],
)
def test_paths(target: str, path: str, query: str) -> None:
    environ = get(target)
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, query)
    if target.startswith("http"):
        assert environ["HTTP_HOST"] == "b"


def test_options_for_the_whole_server() -> None:
    assert write(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")["PATH_INFO"] == ""


def test_http_1_0() -> None:
    environ = write(b"GET / HTTP/1.0\r\n\r\n")
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    assert "HTTP_HOST" not in environ


def test_fields() -> None:
    environ = get("/", "accept: a", "ACCEPT: b", "Cookie: c=1", "cookie: d=2", "X:  \xff ")
    assert environ["HTTP_ACCEPT"] == "a, b"
    assert environ["HTTP_COOKIE"] == "c=1; d=2"
    assert environ["HTTP_X"] == "\xff"


def test_a_name_with_an_underscore_is_left_out() -> None:
    environ = get("/", "X_Real_IP: 6.6.6.6", "Content_Length: 3", "X-Real-IP: 1.2.3.4")
    assert environ["HTTP_X_REAL_IP"] == "1.2.3.4"
    assert "CONTENT_LENGTH" not in environ
    assert "" not in environ


def test_a_field_can_not_pass_for_what_the_server_says() -> None:
    environ = get("/", "Remote-Addr: 6.6.6.6", "wsgi.url-scheme: https", "Script-Name: /x")
    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["SCRIPT_NAME"] == ""


@pytest.mark.parametrize(
    ("target", "script", "path"),
    [
        ("/app/x", "/app", "/x"),
        ("/app", "/app", ""),
        ("/application", "/app", "/application"),
        ("/x", "/app", "/x"),
    ],
)
def test_script_name(target: str, script: str, path: str) -> None:
    environ = get(target, script_name=script)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script, path)


class TestProxies:
    FIELDS = ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /app/")

    @pytest.mark.parametrize("allowed", ["192.0.2.1", "192.0.2.0/24", "::1,192.0.2.1", "*"])
    def test_who_is_trusted_is_believed(self, allowed: str) -> None:
        environ = get("/x", *self.FIELDS, proxies=Proxies(allowed.split(",")))
        assert environ["REMOTE_ADDR"] == "203.0.113.9"
        assert environ["wsgi.url_scheme"] == "https"
        assert environ["SCRIPT_NAME"] == "/app"
        assert environ["PATH_INFO"] == "/x"
        assert "REMOTE_PORT" not in environ

    @pytest.mark.parametrize("allowed", [[], ["192.0.2.2"], ["10.0.0.0/8", "::1"]])
    def test_who_is_not_is_not(self, allowed: list[str]) -> None:
        environ = get("/x", *self.FIELDS, proxies=Proxies(allowed))
        assert environ["REMOTE_ADDR"] == "192.0.2.1"
        assert environ["wsgi.url_scheme"] == "http"
        assert environ["SCRIPT_NAME"] == ""
        assert environ["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"

    @pytest.mark.parametrize(
        ("said", "client"),
        [
            ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what the client claimed stays a claim
            ("203.0.113.9, 10.0.0.7", "203.0.113.9"),  # a proxy of ours in front of the proxy
            ("10.0.0.8, 10.0.0.7", "10.0.0.8"),
            ("", "192.0.2.1"),
            ("nonsense", "nonsense"),
        ],
    )
    def test_the_nearest_stranger_is_the_client(self, said: str, client: str) -> None:
        proxies = Proxies(["192.0.2.1", "10.0.0.0/8"])
        assert get("/", f"X-Forwarded-For: {said}", proxies=proxies)["REMOTE_ADDR"] == client

    @pytest.mark.parametrize(
        ("said", "scheme"), [("HTTPS", "https"), ("gopher", "http"), ("https, http", "http")]
    )
    def test_scheme(self, said: str, scheme: str) -> None:
        assert get("/", f"X-Forwarded-Proto: {said}", proxies=Proxies(["*"]))["wsgi.url_scheme"] == scheme

    def test_a_peer_from_the_file_system(self) -> None:
        assert (
            get("/", *self.FIELDS, remote="", proxies=Proxies(["127.0.0.1"]))["REMOTE_ADDR"] == "203.0.113.9"
        )
        assert get("/", *self.FIELDS, remote="", proxies=Proxies())["REMOTE_ADDR"] == ""

    def test_an_address_that_is_none(self) -> None:
        with pytest.raises(ValueError, match="does not appear"):
            Proxies(["localhost"])


def test_each_request_has_an_environ_of_its_own() -> None:
    environs = EnvironWriter(multithread=False, multiprocess=False)
    found = HeadReader(Limits()).read(b"GET / HTTP/1.0\r\nX-One: 1\r\n\r\n")
    assert found is not None
    request = found[0]
    request.peer = Peer(("192.0.2.1", 50000), ("198.51.100.1", 8001))
    whole = dict(environs(request, io.BytesIO()))
    for _ in range(3):
        environ = environs(request, whole["wsgi.input"])
        assert environ == whole
        environ["wsgi.url_scheme"] = environ["SERVER_NAME"] = environ["X"] = "changed"
        del environ["SERVER_PROTOCOL"]
    request.peer = Peer(("192.0.2.2", 50001), ("198.51.100.2", 8002))
    environ = environs(request, io.BytesIO())
    assert [environ[name] for name in ("REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT")] == [
        "192.0.2.2", "50001", "198.51.100.2", "8002",
    ]  # fmt: skip
