"""What the whole stack keeps out, tried from outside; docs/security.md says why each of these matters."""

import json
import re
import socket
import subprocess

import psutil
import pytest
from wire.http import fetch
from wire.stack import ROOT
from wire.tcp import connected, receive_until_closed
from wire.wait import wait_for

DIRECT = ["web", "httpd", "httpd-wsgi", "realtime", "locust"]

#: A page or an answer of each kind, with what the request is and what its status has to be.
PLACES = {
    "the site": ("/", 200),
    "HTTP by hand": ("/httpd/", 200),
    "the same as WSGI": ("/httpd-wsgi/", 200),
    "Locust": ("/locust/", 200),
    "Locust in microseconds": ("/locust/layercake/", 200),
    "realtime": ("/echo", 200),
    "404 of the site": ("/no/such/page", 404),
    "404 of HTTP by hand": ("/httpd/no/such/page", 404),
    "404 of WSGI": ("/httpd-wsgi/no/such/page", 404),
    "404 of realtime": ("/ws/no/such/page", 404),
    "404 of Locust": ("/locust/no/such/page", 404),
    "404 of a static file": ("/static/none.css", 404),
    "405": ("/rooms/lobby/events?after=-1", 400),
    "414": ("/" + "x" * 9000, 414),
}

#: Ways out of a folder, by those who decode once, twice, or otherwise than we do.
WAYS_OUT = [
    *(
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "%252e%252e%252f",
        "..%c0%af",
        "..;/",
        "....//",
    ),
    *("%u002e%u002e/", "..%00/", ".%2e/", "%2e./", "./../", "//"),
]


@pytest.mark.parametrize(("path", "status"), PLACES.values(), ids=PLACES)
class TestFields:
    def test_of_every_page(self, site, path, status):
        response = fetch(site, path, headers={"Accept": "text/html"})
        assert response.status == status
        assert response.field_lines("X-Content-Type-Options") == ["nosniff"]
        assert response.field_lines("X-Frame-Options") == ["DENY"]
        assert response.field_lines("Referrer-Policy") == ["same-origin"]
        assert response.field_lines("Cross-Origin-Opener-Policy") == ["same-origin"]
        (policy,) = response.field_lines("Content-Security-Policy")
        directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert directives["frame-ancestors"] == "'none'"
        assert directives["default-src"] in {"'none'", "'self'"}
        assert "Access-Control-Allow-Origin" not in response.headers

    def test_nobody_says_which_version_to_attack(self, site, path, status):
        response = fetch(site, path, headers={"Accept": "text/html"})
        assert response.field_lines("Server") == ["nginx"]
        for name in ("X-Powered-By", "Via", "X-AspNet-Version", "X-Runtime"):
            assert name not in response.headers
        if status >= 400:
            assert not re.search(r"(?i)(nginx|gunicorn|uvicorn|werkzeug|django|python)/?\s?\d", response.text)


class TestMethods:
    @pytest.mark.parametrize("service", DIRECT)
    def test_trace_tells_nobody_what_they_sent(self, stack, service):
        base = stack.http(service, "direct")
        for path in ("/", "/echo", "/hello/", "/hello"):
            response = fetch(base, path, method="TRACE", headers={"X-Secret": "hidden"})
            assert 300 <= response.status < 500
            assert b"hidden" not in response.content


class TestWaysOut:
    @pytest.mark.parametrize("way", WAYS_OUT)
    @pytest.mark.parametrize(
        "folder", ["/static/", "/results/", "/lessons/", "/httpd/", "/locust/assets/", "/locust/layercake/"]
    )
    def test_of_a_folder(self, site, folder, way):
        """`.env` lies above, and /etc/passwd above all."""
        for target in (".env", "etc/passwd"):
            with connected((site.host, site.port)) as sock:
                head = f"GET {folder}{way * 6}{target} HTTP/1.1\r\nHost: localhost\r\nConnection: close"
                sock.sendall(f"{head}\r\n\r\n".encode())
                answer = receive_until_closed(sock)
            for inside in (b"BIND=127", b"root:x:0"):
                assert inside not in answer, answer[:200]
            assert not answer.startswith(b"HTTP/1.1 200"), answer[:200]

    @pytest.mark.parametrize("folder", ["/static/", "/static/web/", "/locust/assets/"])
    def test_no_list_of_files(self, site, folder):
        response = fetch(site, folder)
        assert response.status in {301, 403, 404}
        assert "Index of" not in response.text


class TestVisitors:
    @pytest.mark.parametrize("service", ["web", "realtime", "locust"])
    def test_a_foreign_host_around_nginx(self, stack, service):
        assert fetch(stack.http(service, "direct"), "/livez", headers={"Host": "evil.example"}).status == 400

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
    @pytest.mark.parametrize(
        "path",
        [
            "/rooms/security/messages",
            "/lab/http/",
            "/lab/tcp/",
            "/lab/wsgi/",
            "/lab/websocket/",
            "/locust/swarm",
        ],
    )
    def test_a_form_on_somebody_elses_page(self, site, path, origin):
        """Only those that change or start something: an echo tells its sender what it has sent."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
        assert fetch(site, path, method="POST", content=b"a=b", headers=kind).status == 403

    def test_what_a_visitor_says_of_others_is_not_believed(self, site):
        """nginx says who asks and how they came; a service that believes it believes nobody else."""
        forged = {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
            "X-Real-IP": "203.0.113.9",
            "Forwarded": "for=203.0.113.9",
        }
        said = fetch(site, "/httpd-wsgi/environ", headers=forged)
        assert said.status == 200
        assert "wsgi.url_scheme: 'http'" in said.text
        assert "203.0.113.9" not in said.text
        assert "evil" not in said.text


class TestLogs:
    NASTY = (
        b"GET /\x1b[2J\x07 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'GET /"}{%0d%0a{"level":"ERROR" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \x1b]0;evil\x07"\r\n\r\n',
        b"POST /echo HTTP/1.1\r\nHost: local\x00host\r\nX-Request-ID: \xff\x1b\r\n\r\n",
        b"JOIN \x1b[31m \x07\r\n\xff\xfe\x00\x9b\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    )

    def test_no_client_writes_into_them(self, stack):
        places = [(stack.host, stack.port("HTTP_PORT"))]
        places += [stack.tcp(protocol, "nginx") for protocol in ("echo", "room")]
        places += [(base.host, base.port) for base in (stack.http(service, "direct") for service in DIRECT)]
        for place in places:
            for sent in self.NASTY:
                with connected(place) as sock:
                    sock.sendall(sent)
                    try:
                        sock.shutdown(socket.SHUT_WR)
                        receive_until_closed(sock)
                    except ConnectionError:
                        pass  # refused in the hardest way
        logs = {
            name: logged(stack, name) for name in ("web", "realtime", "httpd", "httpd-wsgi", "tcp", "nginx")
        }
        for name, lines in logs.items():
            for line in lines:
                assert line.isprintable(), f"{name}: {line!r}"
        for name in ("web", "realtime", "httpd", "httpd-wsgi", "tcp"):
            for line in logs[name]:
                if not line.startswith("listening on "):
                    json.loads(line)
        requests = [line for line in logs["nginx"] if line.startswith("{")]
        assert requests
        for line in requests:
            json.loads(line)

    def test_the_number_of_a_request_is_in_nginxs_log(self, stack, site):
        number = fetch(site, "/hello/").headers["X-Request-ID"]
        wait_for("the line", lambda: any(number in line for line in logged(stack, "nginx")))


def logged(stack, service):
    """What a service has logged, line by line."""
    if stack.mode == "native":
        files = sorted((stack.run_dir / "logs").glob(f"{service}.log*"))
        return [
            line for file in files for line in file.read_text(errors="surrogateescape").split("\n") if line
        ]
    done = subprocess.run(
        ["docker", "compose", "logs", "--no-log-prefix", "--no-color", service],
        cwd=ROOT, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return [line for line in done.stdout.decode(errors="surrogateescape").split("\n") if line]


class TestRedis:
    def test_its_password_is_in_no_environment_and_on_no_command_line(self, stack):
        """Whichever way they run: a container's processes are this machine's, too, or nobody's to see."""
        if stack.mode == "native":
            password = (stack.run_dir / "redis_password").read_text().strip()
        else:
            password = inside("redis", "cat", "/run/secrets/redis/password").strip()
        assert len(password) == 64
        seen = 0
        for process in psutil.process_iter():
            try:
                words = [*process.cmdline(), *process.environ().values()]
            except (psutil.Error, OSError):
                continue
            seen += 1
            assert not any(password in word for word in words), process
        assert seen

    def test_nobody_gets_in_without_it(self, stack):
        if stack.mode == "native":
            with connected(("127.0.0.1", stack.port("REDIS_PORT"))) as sock:
                sock.sendall(b"INFO\r\n")
                said = sock.recv(1000).decode()
        else:
            said = inside("redis", "redis-cli", "info")
        assert said.startswith("-NOAUTH" if stack.mode == "native" else "NOAUTH")


def inside(service, *command):
    """What a command in a container says."""
    done = subprocess.run(
        ["docker", "compose", "exec", "--no-TTY", service, *command],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout
