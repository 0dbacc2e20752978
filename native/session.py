"""A supervisord and everything that it has started, found again by a later command, and stopped.

What "session" means here, and why nothing escapes from one, stands in ``processes``.
"""

import contextlib
import os
import signal
from dataclasses import dataclass

from native import control, processes
from native.run_dir import RunDir

__all__ = ["Session"]


@dataclass(frozen=True)
class Session:
    """A supervisord and everything that it has started."""

    leader: int
    born: str

    @classmethod
    def recorded(cls, run_dir: RunDir) -> "Session | None":
        """The one that the run folder knows of; it may be long gone."""
        facts = run_dir.recorded()
        return cls(int(facts["session"]), str(facts["born"])) if "session" in facts else None

    @property
    def runs(self) -> bool:
        """Does its supervisord live?"""
        return processes.born(self.leader) == self.born

    @property
    def members(self) -> list[int]:
        """Every process that is left of it, in whatever state the supervisor is."""
        now = processes.born(self.leader)
        if now not in (None, self.born):
            return []  # the number went to a new process, which it can't while the session has members
        if now is None and self.born.partition(":")[0] != processes.boot():
            return []  # the machine was started anew
        return processes.session_members(self.leader)

    def stop(self, run_dir: RunDir) -> None:
        """Let the programs finish, then supervisord, and see to it that nothing is left."""
        if self.runs:
            control.stop_programs(run_dir)
            os.kill(self.leader, signal.SIGTERM)
            processes.wait_until(self.is_over, control.STOP_WITHIN)
        if self.members:
            processes.stop(self.leader)

    def is_over(self) -> bool:
        """True once supervisord has gone; reaps it if it is our own child."""
        with contextlib.suppress(ChildProcessError):  # another command started it
            os.waitpid(self.leader, os.WNOHANG)
        return not self.runs
