"""The generator as the bench holds it: a process on a core of its own, and its answers.

Whoever makes a Load closes it; one thread may use it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import psutil

from bench.complaint import Complaint
from bench.hops import Hop
from bench.orders import Goal, Outcome, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Load", "Refused", "Served"]

ROOT: Final = Path(__file__).resolve().parent.parent


PATIENCE: Final = 2.5
"""Seconds without a reply to anybody, after which the others are not waited for. Whoever meets a full backlog
tries again after a second."""


@dataclass(frozen=True, slots=True)
class Served:
    """What came of connections that did not all have to be served."""

    count: int
    reasons: Mapping[str, int]
    """Why the others are not."""
    wrong: int
    """How many got something else than they should have."""

    @property
    def reason(self) -> str:
        """The one that is met most often; nothing if all are served."""
        return max(self.reasons, key=self.reasons.__getitem__, default="")


class Refused(Complaint):
    """The goal did not give the right bytes back, or no connection."""


class Load:
    """A generator that runs."""

    def __init__(self, cores: Sequence[int] = ()) -> None:
        """Start it, kept to these cores unless there are none to choose from."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.generator"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.hop = Hop("generator", (self._process.pid,))
        if cores:
            psutil.Process(self._process.pid).cpu_affinity(list(cores))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def open(self, goal: Goal, users: int) -> None:
        """Connect, and see that the right bytes come back over each connection. Raises Refused."""
        answer = self._ask({"open": goal.as_json(), "users": users})
        if "failure" in answer:
            raise Refused(answer["failure"])

    def open_some(self, goal: Goal, users: int, *, enough: int = 0, patience: float = PATIENCE) -> Served:
        """Connect, and see over how many connections the right bytes come back; the others are dropped.

        With `enough` it does not wait for more than these.
        """
        order = {"open": goal.as_json(), "users": users, "patience": patience, "enough": enough or users}
        answer = self._ask(order)
        if "failure" in answer:
            return Served(0, {answer["failure"]: users}, 0)
        return Served(answer["open"], answer.get("reasons", {}), answer.get("wrong", 0))

    def run(self, window: Window) -> Outcome:
        """Put load on what is open."""
        return Outcome.from_json(self._ask({"run": window.as_json()}))

    def let_go(self) -> None:
        """Close the connections."""
        self._ask({"close": True})

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        line = ""
        to, fro = self._process.stdin, self._process.stdout
        if to and fro:
            with suppress(BrokenPipeError):
                to.write(json.dumps(order) + "\n")
                to.flush()
                line = fro.readline()
        if not line:
            raise Complaint("the load generator has ended: what it said stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer
