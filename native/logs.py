"""The local processes' logs: a file each, printed with the name before each line, as Compose does."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from native.problem import Problem
from native.run_dir import RunDir
from native.terminal import say

__all__ = ["last", "show"]

#: How much of each log is shown from before.
LINES = 20

#: A window from the end that surely holds that many.
WINDOW = 64 * 1024


def files(run_dir: RunDir, service: str = "") -> list[Path]:
    """The logs of a service: several if it has several processes. Of all services without a name."""
    every = sorted(run_dir.logs.glob("*.log"))
    return [path for path in every if not service or re.fullmatch(rf"{re.escape(service)}(-\d+)?", path.stem)]


def tail(path: Path) -> tuple[list[str], int]:
    """The last lines of a file, and where its end is."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - WINDOW))
        return file.read(size).decode(errors="replace").splitlines()[-LINES:], size


def last(run_dir: RunDir, service: str) -> list[str]:
    """The last lines that a service has logged; the supervisor's words where it could not log anything."""
    found = [line for path in files(run_dir, service) for line in tail(path)[0]]
    if found:
        return found
    output = run_dir.logs / "supervisord.out"
    return tail(output)[0] if output.exists() else []


def show(run_dir: RunDir, *, follow: bool, service: str = "") -> None:
    """Print the last lines of each log and, with ``follow``, whatever is added until Ctrl-C."""
    chosen = files(run_dir, service)
    if not chosen:
        raise Problem(f"there are no logs of {service or 'anything'} in {run_dir.logs}: has it been up?")
    ends = {}
    for path in chosen:
        lines, ends[path] = tail(path)
        for line in lines:
            say(f"{path.stem:16} | {line}")
    while follow:
        for path, line in added(ends):
            say(f"{path.stem:16} | {line}")
        time.sleep(0.3)


def added(ends: dict[Path, int]) -> Iterator[tuple[Path, str]]:
    """Whole lines that were written behind the known ends; moves the ends."""
    for path, end in ends.items():
        try:
            with path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < end:
                    end = 0  # noqa: PLW2901  rotated: a new file has begun
                file.seek(end)
                data = file.read()
        except FileNotFoundError:
            continue  # between two files of a rotation
        whole = data[: data.rfind(b"\n") + 1]
        ends[path] = end + len(whole)
        for line in whole.decode(errors="replace").splitlines():
            yield path, line
