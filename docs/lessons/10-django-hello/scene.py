import html
import re

from stage import Stage, Visitor


def asks(visitor: Visitor, path: str, host: str = "localhost") -> str:
    visitor.sends(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    head, _, content = visitor.reads_all().decode().partition("\r\n\r\n")
    visitor.tell(f"reads  “{head.splitlines()[0]}”")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content))).strip()


def scene(stage: Stage) -> None:
    stage.start("python hello.py runserver 127.0.0.1:{port} --noreload --skip-checks", ready="CONTROL-C")
    del stage.lines[1:]  # a banner with the date and the version of Django
    with stage.visit("anna") as anna:
        anna.tell(f"reads  “{asks(anna, '/hello/')}”")
    with stage.visit("eve") as eve:
        page = asks(eve, "/nothing")
        found = re.search(r"Using the URLconf defined in .*? The current path", page)
        eve.tell(f"reads  “{found[0].removesuffix(' The current path') if found else page}”")
    with stage.visit("eve") as eve:
        eve.tell(f"reads  “{asks(eve, '/hello/', host='somebody.example')}”")
