"""Django's command line for this site: ``python -m web check``, ``collectstatic``, ``start_tcp_server``."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name, with this site's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # The sentence says what to do; a traceback through Django would hide it.
        sys.exit(f"web: {error}")


if __name__ == "__main__":
    main()
