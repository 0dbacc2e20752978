"""The key that Django signs with: made once per installation, kept in a file that only its owner reads."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

__all__ = ["read_or_create"]

#: Random bytes in a new key: 64 bytes are 86 characters of base64, well past the 50 that Django asks for.
KEY_BYTES = 64


def read_or_create(path: Path) -> str:
    """Return the key in the file; make the file first where there is none.

    Several processes may come here at once. Each writes a whole key under a name of its own and links it to
    the common name; the first link wins, the others fail, and all read what the winner wrote.
    """
    try:
        if not path.exists():
            create(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be kept in {path} ({error}): set SECRET_KEY_FILE to a file in a folder "
            "that this user may write to, or SECRET_KEY to a long random text."
        ) from error
    if not key:
        raise ImproperlyConfigured(f"The secret key file {path} is empty: delete it, and a new one is made.")
    return key


def create(path: Path) -> None:
    """Put a new key at the path, unless another process has just done it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    mine = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(descriptor)
        path.hardlink_to(mine)
    except FileExistsError:
        pass  # another process was first; its key is the one
    finally:
        mine.unlink()
