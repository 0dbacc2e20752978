"""Who we are to Redis: a user who may do what the rooms need, and a password that lies in a file.

Not in the address and not in the environment: both are seen by whoever may look at a process, and end up in
logs. The file is read for each connection, so a Redis that comes back with another password is found again.
Without a file there is neither user nor password: a Redis of one's own, as the tests have it.
"""

from pathlib import Path

from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError

__all__ = ["USER", "PasswordFile", "credentials"]

#: As ``services/redis/user.acl`` names it.
USER = "layercake"


class PasswordFile(CredentialProvider):
    """What the client library asks for a name and a password."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_credentials(self) -> tuple[str, str]:
        """The user and the password of this moment; raises what is raised for a Redis that is gone."""
        try:
            password = self.path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not ASCII"
            raise RedisConnectionError(f"REDIS_PASSWORD_FILE, {self.path}, can't be read ({why})") from error
        return USER, password

    async def get_credentials_async(self) -> tuple[str, str]:
        """The same for coroutines: a few bytes of a file in memory keep nobody waiting."""
        return self.get_credentials()


def credentials(password_file: str) -> PasswordFile | None:
    """For the client library's ``credential_provider``; ``password_file`` may be empty."""
    return PasswordFile(Path(password_file)) if password_file else None
