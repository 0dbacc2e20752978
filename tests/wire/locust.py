"""Locust's web page as a program uses it: the same requests as its form and its buttons make."""

import json
import re
from typing import Any
from urllib.parse import urlencode

from wire.http import Response, fetch
from wire.stack import Base
from wire.wait import wait_for

__all__ = ["Locust"]


class Locust:
    """A Locust master; whoever starts a test on it stops it again."""

    def __init__(self, base: Base) -> None:
        self.base = base

    def get(self, path: str) -> Any:
        response = fetch(self.base, f"/locust{path}")
        assert response.status == 200, response.content
        return json.loads(response.content)

    def post(self, path: str, **form: Any) -> Response:
        content = urlencode(form, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return fetch(self.base, f"/locust{path}", method="POST", content=content, headers=kind)

    def user_classes(self) -> list[str]:
        """Return the names that the page's class picker offers."""
        page = fetch(self.base, "/locust/").text
        match = re.search(r'"available_user_classes": (\[[^\]]*\])', page)
        assert match, "Locust's page has no class picker"
        return json.loads(match[1])

    def stats(self) -> Any:
        return self.get("/stats/requests")

    def state(self) -> str:
        return self.stats()["state"]

    def start(self, user_classes: list[str], users: int, **form: str) -> None:
        """Press Start, with those classes ticked and nothing left of the figures from before."""
        self.post("/stats/reset")
        answer = self.swarm(user_classes, users, **form)
        assert answer["success"], answer["message"]

    def swarm(self, user_classes: list[str], users: int, **form: str) -> Any:
        """Send the form, and return what it says to it."""
        form = {"host": "", "via": "nginx"} | form
        answer = self.post("/swarm", user_count=users, spawn_rate=users, user_classes=user_classes, **form)
        return json.loads(answer.content)

    def stop(self) -> Any:
        """Press Stop, and return the figures once every worker has sent its last."""
        self.post("/stop")
        wait_for("Locust to stop", lambda: self.state() in {"stopped", "ready"})
        return self.stats()
