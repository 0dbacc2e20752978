"""Gunicorn's log in the same one-line form as Django's."""

from gunicorn.config import Config  # type: ignore[import-untyped] # Gunicorn has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from rooms.jsonline import JSONLine

__all__ = ["ServerLog"]


class ServerLog(Logger):  # type: ignore[misc] # for the same reason
    """Gunicorn's own, with our formatter.

    A logging configuration of ours (`logconfig_dict`) would do the same, and make Gunicorn put an access line
    together for every request although nobody writes it.
    """

    def setup(self, cfg: Config) -> None:
        """Set the loggers up as Gunicorn does, then change how a line looks."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(JSONLine())
