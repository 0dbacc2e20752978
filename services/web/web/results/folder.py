"""The folder that the bench writes its runs into: what is in it, and no way out of it.

A name comes from an address that anybody may type. So it has to look like a run's, it has to be a folder of
that name and not a link, and of the folder's files only those of the table are opened, if they are files and
not links. Each step is taken from the descriptor of the one before: nothing can be exchanged in between.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILES", "MAX_BYTES", "Folder", "MissingError"]

#: What a run consists of, and what each is.
FILES = {
    "report.html": "text/html; charset=utf-8",
    "result.json": "application/json",
    "summary.csv": "text/csv; charset=utf-8",
    "ran-with.json": "application/json",
}

#: What makes a folder a run: without it there is nothing to show.
RESULT = "result.json"

#: The bench keeps a report under 1.5 MB, and a result is a fraction of that.
MAX_BYTES = 4 * 1024 * 1024

#: How they are opened. A file that is a pipe is not waited for, only refused.
FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}", re.ASCII)


class MissingError(Exception):
    """There is no such run or file, or it is nothing that is shown."""


@dataclass(frozen=True)
class Folder:
    """The folder of all runs. Every call opens what it needs and closes it before it returns."""

    path: Path

    def runs(self) -> list[str]:
        """Return the runs that have a result, newest first: their names begin with the date and the time."""
        return sorted((name for name in self.folders() if self.has(name, RESULT)), reverse=True)

    def others(self) -> list[str]:
        """Return what else lies there: what `make load` has left, for one."""
        return sorted((name for name in self.folders() if not self.has(name, RESULT)), reverse=True)

    def folders(self) -> list[str]:
        """Return every folder whose name a run could have."""
        try:
            with os.scandir(self.path) as entries:
                return [
                    entry.name
                    for entry in entries
                    if NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
                ]
        except OSError:
            return []  # not there, or not to be read: no runs, and the page says how to make one

    def has(self, run: str, file: str) -> bool:
        """Say whether a run has that file."""
        try:
            with self.opened(run, file):
                return True
        except MissingError:
            return False

    def changed(self, run: str, file: str) -> int:
        """Return when a file was last written, in nanoseconds."""
        with self.opened(run, file) as descriptor:
            return os.fstat(descriptor).st_mtime_ns

    def read(self, run: str, file: str) -> bytes:
        """Return a file's content. Raises MissingError, also for one that is larger than any of ours."""
        with self.opened(run, file) as descriptor:
            content = b""
            while len(content) <= MAX_BYTES and (piece := os.read(descriptor, MAX_BYTES)):
                content += piece
        if len(content) > MAX_BYTES:
            raise MissingError(f"{run}/{file} is larger than {MAX_BYTES:,} bytes")
        return content

    @contextmanager
    def opened(self, run: str, file: str) -> Iterator[int]:
        """Open a run's file to read."""
        if not NAME.fullmatch(run) or file not in FILES:
            raise MissingError(run)
        opened: list[int] = []
        try:
            opened.append(os.open(self.path, os.O_RDONLY | os.O_DIRECTORY))
            opened.append(os.open(run, FOLDER, dir_fd=opened[-1]))
            opened.append(os.open(file, FILE, dir_fd=opened[-1]))
            if not stat.S_ISREG(os.fstat(opened[-1]).st_mode):
                raise MissingError(f"{run}/{file} is no file")
            yield opened[-1]
        except OSError as error:
            raise MissingError(f"{run}/{file}: {error.strerror}") from error
        finally:
            for descriptor in opened:
                os.close(descriptor)
