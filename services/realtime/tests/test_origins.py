import pytest
from websockets.exceptions import InvalidStatus


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/echo-once", "/ws/rooms/lobby"])
@pytest.mark.parametrize(
    "origin",
    [
        *("http://layercake.example", "null", "http://localhost.evil.example", "nonsense", ""),
        *("http://[::1", "http://localhost:x", "http://localhost:99999"),
    ],
)
def test_a_foreign_page_is_refused(service, path, origin):
    with pytest.raises(InvalidStatus) as caught:
        service.connect(path, origin=origin)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:8080", "https://127.0.0.1", "http://[::1]:8080", None])
def test_our_pages_and_programs_are_welcome(service, origin):
    with service.connect("/ws/echo", origin=origin) as client:
        client.send("hi")
        assert client.recv(5) == "hi"


@pytest.mark.parametrize("field", ["Cookie", "Sec-Fetch-Mode"])
def test_a_browser_without_an_origin_is_refused(service, field):
    """It must send one, so somebody took it away; a program sends none of these."""
    with pytest.raises(InvalidStatus) as caught:
        service.connect("/ws/echo", origin=None, additional_headers={field: "websocket"})
    assert caught.value.response.status_code == 403
