"""The TCP lab: its page, what it sends, and what it makes of everything that one can type."""

import html
import shlex
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client, override_settings
from web.lab.tcp import as_python, as_shell

FIELDS = {"protocol": "echo", "way": "direct", "message": "héllo", "form": "text"}


@pytest.fixture
def client():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.fixture
def tcp(bytes_service):
    """Every protocol is answered by a peer that sends back twice what it reads."""
    with bytes_service(lambda received: received * 2) as address:
        protocols = dict.fromkeys(settings.TCP_PROTOCOLS, (address, address, 9000))
        with override_settings(TCP_PROTOCOLS=protocols):
            yield


def send(client, **fields):
    response = client.post("/lab/tcp/", {**FIELDS, **fields})
    return response.status_code, html.unescape(response.content.decode())


def test_the_form(client):
    text = client.get("/lab/tcp/").content.decode()
    assert all(f'value="{name}"' in text for name in ("echo", "ack", "greet", "bye", "room"))
    assert "byte for byte" in text


def test_a_link_to_the_room(client):
    text = client.get("/lab/tcp/?protocol=room").content.decode()
    assert 'value="room" checked' in text
    assert "\nJOIN lab wire\nHello" in text
    assert 'value="echo" checked' in client.get("/lab/tcp/?protocol=smtp").content.decode()


@pytest.mark.parametrize(("way", "nginx"), [("nginx", True), ("direct", False)])
def test_nobody_answers(client, bytes_service, way, nginx):
    """As nginx does when the service behind it is down: it takes the connection, and closes it."""
    with bytes_service(lambda _: b"") as address:
        protocols = dict.fromkeys(settings.TCP_PROTOCOLS, (address, address, 9000))
        with override_settings(TCP_PROTOCOLS=protocols):
            status, text = send(client, way=way)
    assert (status, "Nobody answered. " in text, "nginx takes the connection" in text) == (200, True, nginx)


@pytest.mark.usefixtures("tcp")
def test_what_went_each_way(client):
    status, text = send(client)
    assert status == 200
    assert "sent, 6 bytes, in UTF-8: <q>héllo</q>" in text
    assert "came, 12 bytes" in text
    assert "Nobody answered" not in text
    assert "68 c3 a9 6c 6c 6f" in text
    assert "h··llo" in text
    assert "µs" in text
    assert "printf 'h\\303\\251llo' | nc testserver 9000" in text


@pytest.mark.usefixtures("tcp")
def test_hex_and_a_line_break(client):
    status, text = send(client, form="hex", message="00 ff", line_break="on")
    assert (status, "00 ff 0a" in text) == (200, True)


@pytest.mark.usefixtures("tcp")
def test_single_bytes(client):
    _, text = send(client, message="abc", single_bytes="on")
    assert "sent, 1 byte<" in text
    assert "for byte in b'abc':" in text


@pytest.mark.usefixtures("tcp")
def test_the_form_stays_filled_in(client):
    _, text = send(client, message="<script>&", protocol="ack", way="direct")
    assert (
        '<textarea id="message" name="message" rows="2" maxlength="4096" spellcheck="false">\n<script>&'
        in text
    )
    assert 'value="ack" checked' in text
    assert 'value="direct" checked' in text
    raw = client.post("/lab/tcp/", {**FIELDS, "message": "<script>&"}).content.decode()
    assert "&lt;script&gt;&amp;" in raw


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"message": "x" * 1025}, "The message is 1,025 bytes long; 1,024 can be shown."),
        ({"message": "x" * 65, "single_bytes": "on"}, "up to 64 are sent one by one"),
        ({"message": "4", "form": "hex"}, "Hex is pairs of the digits"),
        ({"protocol": "smtp"}, "Choose one of the protocols"),
        ({"protocol": ""}, "Choose one of the protocols"),
        ({"way": "127.0.0.1:22"}, "one of the two ways"),
    ],
)
def test_what_can_not_be_sent(client, fields, sentence):
    status, text = send(client, **fields)
    assert (status, sentence in text) == (400, True)


def test_bytes_that_are_no_text(client):
    response = client.post(
        "/lab/tcp/", b"protocol=echo&way=direct&message=%FF%FE", "application/x-www-form-urlencoded"
    )
    assert response.status_code in (200, 502)


def test_a_service_that_is_down(client, nobody):
    with override_settings(TCP_PROTOCOLS=dict.fromkeys(settings.TCP_PROTOCOLS, (nobody, nobody, 1))):
        status, text = send(client)
    assert (status, "Connection refused. Is it up?" in text) == (502, True)


def test_other_sites_may_not(client):
    assert client.post("/lab/tcp/", FIELDS, headers={"Origin": "http://evil.example"}).status_code == 403


# --- the same by hand ---------------------------------------------------------------------------------------

ALL_BYTES = bytes(range(1, 256))


@pytest.mark.parametrize("data", [b"hi\n", b"it's 100 % \\n", ALL_BYTES])
def test_the_command_prints_what_was_sent(data):
    command, *_ = as_shell(data, "localhost", 9000).rpartition(" | nc ")
    assert subprocess.run(["sh", "-c", command], capture_output=True, timeout=10, check=True).stdout == data


def test_nothing_to_send_is_no_printf():
    assert shlex.split(as_shell(b"", "h", 1)) == ["nc", "h", "1", "<", "/dev/null"]


@pytest.mark.parametrize("single_bytes", [False, True])
def test_the_program_does_the_same(bytes_service, single_bytes):
    with bytes_service(lambda received: received) as address:
        program = as_python(ALL_BYTES[:1], *address, single_bytes=single_bytes)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=10, check=True)
    assert done.stdout.decode().strip() == repr(ALL_BYTES[:1])
    assert len(program.splitlines()) <= 12
