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

    def now(self) -> Any:
        """Return what the page is filled in with. (What /stats/requests says may be some seconds old.)"""
        match = re.search(r"window\.templateArgs = (\{.*\})", fetch(self.base, "/locust/").text)
        assert match, "this is not Locust's page"
        return json.loads(match[1])

    def user_classes(self) -> list[str]:
        """Return the names that the page's class picker offers, in its order."""
        offered: list[str] = self.now()["available_user_classes"]
        return offered

    def is_idle(self) -> bool:
        """Tell whether a test could be started: while one is stopping, its workers are not yet back."""
        now = self.now()
        return now["state"] in {"ready", "stopped"} and now["worker_count"] > 0

    def stats(self) -> Any:
        return self.get("/stats/requests")

    def start(self, user_classes: list[str], users: int, **form: str) -> None:
        """Press Start, with those classes ticked, and wait until the figures are those of this test."""
        wait_for("Locust to be idle", self.is_idle)
        self.post("/stats/reset")
        answer = self.swarm(user_classes, users, **form)
        assert answer["success"], answer["message"]
        wait_for("the test to run", lambda: self.stats()["state"] == "running")

    def swarm(self, user_classes: list[str], users: int, **form: str) -> Any:
        """Send the form, and return what it says to it."""
        form = {"host": "", "via": "nginx"} | form
        answer = self.post("/swarm", user_count=users, spawn_rate=users, user_classes=user_classes, **form)
        return json.loads(answer.content)

    def stop(self) -> Any:
        """Press Stop, and return the figures once every worker has sent its last."""
        self.post("/stop")
        wait_for("Locust to stop", self.is_idle)
        return wait_for("the last figures", lambda: (last := self.stats())["state"] != "running" and last)
