"""httpd's hello, and beside it two handlers that take 5 ms: `/wait` and `/compute`.

A handler of httpd's that waits is a call that blocks (`Task`), as it is in every framework without `async`.
Under a model of a thread or a process for each peer it blocks just that one. In a loop it stalls everybody;
with `--threads N` the loop hands it to one of N threads, and N is then how many can wait at once.
"""

import sys
import time

from httpd.application import Task
from httpd.request import Request
from httpd.response import TEXT, Response

from comparisons.apps.httpd_site import main, router
from comparisons.apps.slow import SECONDS, compute

GREETING = "Hello, World! This is an HTTP response."


class Wait(Task):
    """Blocks for 5 ms."""

    __slots__ = ()

    def run(self) -> None:
        time.sleep(SECONDS)
        self.response = Response(GREETING, 200, TEXT)


class Compute(Task):
    """Computes for 5 ms."""

    __slots__ = ()

    def run(self) -> None:
        compute()
        self.response = Response(GREETING, 200, TEXT)


@router.get("/wait")
def wait(request: Request) -> Task:
    return Wait()


@router.get("/compute")
def compute_first(request: Request) -> Task:
    return Compute()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
