"""``python -m realtime --listen HOST:PORT [--workers N]``"""

import argparse
import os
import sys

from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")


def address(value: str) -> tuple[str, int]:
    """``HOST:PORT`` or ``[HOST]:PORT``; port 0 takes a free one."""
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise argparse.ArgumentTypeError(f"{value!r} is no HOST:PORT, such as 127.0.0.1:8003")
    return host.removeprefix("[").removesuffix("]"), int(port)


def processes(value: str) -> int:
    """A number of workers."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 64):
        raise argparse.ArgumentTypeError(f"{value!r} is no whole number from 1 to 64")
    return int(value)


def main() -> int:
    """Serve until told to stop. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m realtime", description="WebSocket, long polling and streaming."
    )
    parser.add_argument("--listen", type=address, default="127.0.0.1:8003", metavar="HOST:PORT")
    parser.add_argument("--workers", type=processes, metavar="N", help="processes (REALTIME_WORKERS, else 1)")
    parser.add_argument(
        "--shared",
        action="store_true",
        help="let another server listen here too, so that it can take over before this one stops",
    )
    arguments = parser.parse_args()
    host, port = arguments.listen
    try:
        # They read the environment, whose mistakes are to be told in a sentence.
        from django.conf import settings  # noqa: PLC0415

        from realtime.server import serve  # noqa: PLC0415

        serve(host, port, arguments.workers or settings.WORKERS, shared=arguments.shared)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"realtime: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(
            f"realtime: cannot listen on {host}:{port} ({error.strerror or error}): "
            "stop what listens there, or choose another address with --listen.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
