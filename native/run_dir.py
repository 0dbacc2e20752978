"""The folder that a stack keeps its files in: ``.run``, or ``RUN_DIR`` for a second one beside it."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "RunDir"]

ROOT = Path(__file__).resolve().parent.parent

#: A Unix socket's path is limited to 107 bytes by Linux and 103 by macOS, and supervisord first binds to a
#: temporary name that is up to 8 bytes longer.
SOCKET_PATH_LIMIT = 94


@dataclass(frozen=True)
class RunDir:
    """Where everything of one stack lies."""

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "RunDir":
        """The default for an empty value too: ``RUN_DIR= make up`` unsets it."""
        return cls(Path(environ.get("RUN_DIR") or ROOT / ".run").resolve())

    @property
    def is_default(self) -> bool:
        return self.path == ROOT / ".run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def static(self) -> Path:
        return self.path / "static"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret_key"

    @property
    def redis_password(self) -> Path:
        return self.path / "redis_password"

    @property
    def short_hash(self) -> str:
        """What tells two stacks apart where a path is too long."""
        return hashlib.sha256(bytes(self.path)).hexdigest()[:8]

    @property
    def supervisor_socket(self) -> Path:
        inside = self.path / "supervisor.sock"
        if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        return Path(tempfile.gettempdir()) / f"layercake-{self.short_hash}.sock"

    def create(self) -> None:
        """Make the folder; only its owner may look into it, since the secret key and the logs are there."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)

    # --- the record of what runs here, so that down, status and logs find it again ------------------------

    @property
    def _record(self) -> Path:
        return self.path / "stack.json"

    def record(self, **facts: object) -> None:
        """Add ``facts`` to the record, all or nothing."""
        self.create()
        temporary = self._record.with_suffix(".new")
        temporary.write_text(json.dumps({**self.recorded(), **facts}, indent=1) + "\n")
        temporary.replace(self._record)

    def recorded(self) -> dict[str, Any]:
        """What was recorded; nothing when no stack runs here, or the record can't be read."""
        try:
            facts: dict[str, Any] = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return {}
        return facts

    def forget(self) -> None:
        """Drop the record: nothing runs here any more."""
        self._record.unlink(missing_ok=True)
