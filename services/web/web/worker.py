"""Gunicorn's threaded worker, which counts what it does."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped] # Gunicorn has no types

from web.counts import counts

__all__ = ["CountingWorker"]


class CountingWorker(ThreadWorker):  # type: ignore[misc] # for the same reason
    """Counts requests as they begin, and connections by following Gunicorn's own count of them."""

    @property
    def nr_conns(self) -> int:
        """Gunicorn's count, kept where the other processes see it. Its main thread alone changes it."""
        return counts.here

    @nr_conns.setter
    def nr_conns(self, connections: int) -> None:
        counts.here = connections

    def init_process(self) -> None:
        """Take a row, after the fork and before anybody connects."""
        counts.enter(self.age)
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> Any:  # noqa: ANN401 (Gunicorn's)
        """Count, and serve."""
        counts.request()
        return super().handle_request(req, conn)
