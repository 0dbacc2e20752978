"""Replacing a program that serves, so that no request fails: ``make reload``, for local processes.

Another one, its *stand-in*, listens on the same port (SO_REUSEPORT) before the first is told to stop, and
until the next has taken its place. So the program runs again under its own name, in its own log, with the
code and the packages of now. If the stand-in does not come to serve, nothing has changed.
"""

from pathlib import Path

from native import control, logs
from native.problem import Problem
from native.processes import wait_until
from native.programs import Program
from native.run_dir import RunDir
from native.supervisor import STAND_IN

__all__ = ["replace"]

#: How long one may take to come up, in seconds. It takes one or two, more on a machine that is busy.
SERVES_WITHIN = 60.0


def replace(program: Program, run_dir: RunDir) -> None:
    """Have the stand-in take over, start the program anew, and let the stand-in go."""
    stand_in = program.name + STAND_IN
    try:
        begin(program, stand_in, run_dir, "the one that runs goes on")
    except BaseException:
        control.stop_program(stand_in, run_dir)
        raise
    control.stop_program(program.name, run_dir)
    begin(program, program.name, run_dir, f"{stand_in} serves in its place")
    control.stop_program(stand_in, run_dir)


def begin(program: Program, name: str, run_dir: RunDir, otherwise: str) -> None:
    """Start one, and wait until it says that it serves. Raises Problem if it does not."""
    said = Said(run_dir.logs / f"{name}.log")
    if not control.start_program(name, run_dir):
        raise Problem(
            f"{name} can't be started: was the stack started before an update? `make down`, `make up`"
        )
    if wait_until(lambda: program.announces in said.since(), SERVES_WITHIN):
        return
    lines = "\n".join(logs.last(run_dir, name))
    raise Problem(f"{lines}\n{name} did not come to serve, its last lines stand above: {otherwise}")


class Said:
    """What a program writes to its log from now on."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.size = file.stat().st_size if file.exists() else 0

    def since(self) -> str:
        """All that was added; all that there is, if the log was begun anew."""
        if not self.file.exists():
            return ""
        content = self.file.read_bytes()
        return content[self.size if len(content) >= self.size else 0 :].decode(errors="replace")
