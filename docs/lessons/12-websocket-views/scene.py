from stage import Stage
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect


def scene(stage: Stage) -> None:
    stage.start(
        "python -m realtime --listen 127.0.0.1:{port}", ready="listening on",
        DJANGO_SETTINGS_MODULE="settings", REALTIME_VIEWS="1",
    )  # fmt: skip
    with opens(stage, "anna", "/echo_once") as anna:
        says(stage, "anna", anna, "雪")
        try:
            anna.recv(timeout=20)
        except ConnectionClosed as closed:
            stage.lines.append(f"anna finds it closed, with code {closed.rcvd.code if closed.rcvd else None}")
    stage.note("a plain request, without a handshake")
    with stage.visit("bob") as bob:
        bob.sends(b"GET /echo_once HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        bob.reads_response()
    stage.note("room for one such view at a time, as with one thread")
    with opens(stage, "anna", "/echo", patiently=True) as anna:
        says(stage, "anna", anna, "one")
        says(stage, "anna", anna, "two")
        try:
            opens(stage, "carol", "/echo").close()
        except InvalidStatus as refused:
            stage.lines.append(f"carol is refused, with status {refused.response.status_code}")


def opens(stage: Stage, who: str, path: str, *, patiently: bool = False) -> ClientConnection:
    stage.lines.append(f"{who} opens a WebSocket to {path}")
    while True:
        try:
            return connect(f"ws://127.0.0.1:{stage.port}{path}", compression=None, open_timeout=20)
        except InvalidStatus:
            # The view of the visit before may not have returned yet.
            if not patiently:
                raise


def says(stage: Stage, who: str, connection: ClientConnection, message: str) -> None:
    stage.lines.append(f"{who} sends  “{message}”")
    connection.send(message)
    stage.lines.append(f"{who} reads  “{connection.recv(timeout=20)!s}”")
