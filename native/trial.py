"""One run of pytest on one folder, in a session of its own, so that nothing of it can be left behind."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping

from native import processes, venv
from native.run_dir import ROOT
from native.terminal import Stopwatch

__all__ = ["NO_TESTS", "Trial"]

#: How long its fixtures may take to clean up when somebody has pressed Ctrl-C.
END_WITHIN = 20.0

#: A folder without tests, or in which nothing was chosen.
NO_TESTS = "has no tests"

#: What pytest's exit status says.
OUTCOMES = {0: "", 1: "failed", 5: NO_TESTS}


class Trial:
    """Starts at once. Who starts it asks until it ``is_over``, or calls ``end``."""

    def __init__(self, folder: str, environ: Mapping[str, str], *, quiet: bool = False) -> None:
        self.folder = folder
        self.watch = Stopwatch()
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8") if quiet else None  # noqa: SIM115
        # The root's conftest.py holds the rules for all, whatever folder pytest takes for its root.
        roots = (f"--rootdir={ROOT}", f"--confcutdir={ROOT}")
        self._process = subprocess.Popen(
            [venv.PYTHON, "-m", "pytest", folder, "--quiet", *roots, *environ.get("PYTEST_ARGS", "").split()],
            cwd=ROOT, env=dict(environ), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output and subprocess.STDOUT,
        )  # fmt: skip

    def is_over(self) -> bool:
        """Has pytest ended?"""
        return self._process.poll() is not None

    def outcome(self) -> str:
        """Wait for its end; returns what is wrong in a few words, or an empty string."""
        status = self._process.wait()
        wrong = OUTCOMES.get(status, f"pytest's status {status}")
        session = self._process.pid
        processes.wait_until(lambda: not processes.session_members(session), 3.0)
        left = processes.stop(session)
        return wrong or (f"has left {len(left)} processes running" if left else "")

    def said(self) -> str:
        """Its output, if it was to be quiet."""
        if self._output is None:
            return ""
        self._output.seek(0)
        text = self._output.read()
        self._output.close()
        return text

    def end(self) -> None:
        """Interrupt it as Ctrl-C would; its fixtures stop what they have started."""
        if not self.is_over():
            os.kill(self._process.pid, signal.SIGINT)
            processes.wait_until(self.is_over, END_WITHIN)
        processes.stop(self._process.pid)
        self._process.wait()
        if self._output is not None:
            self._output.close()
