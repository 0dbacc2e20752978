"""The part of a command line that every service shares: where it listens, and how it is driven."""

import argparse
from collections.abc import Callable, Mapping
from typing import TypeVar

from serving.limits import Limits
from serving.listener import parse_address
from serving.server import MODELS

__all__ = ["add_options"]

T = TypeVar("T")


def add_options(parser: argparse.ArgumentParser, environ: Mapping[str, str], limits: Limits) -> None:
    """Add the options. ``SERVING_LIMITS`` in the environment changes the defaults of the limits."""
    parser.add_argument(
        "--listen", metavar="HOST:PORT", type=argument(parse_address), action="append", required=True,
        help="where to listen; port 0 takes a free one",
    )  # fmt: skip
    parser.add_argument(
        "--model", choices=MODELS, default="selector", help="the concurrency model (selector)"
    )
    parser.add_argument(
        "--workers", metavar="N", type=argument(count), default=1, help="processes for each port (1)"
    )
    parser.add_argument(
        "--processes",
        metavar="N",
        type=argument(count),
        default=8,
        help="of the prefork model, in each worker (8)",
    )
    parser.add_argument(
        "--loop", choices=("asyncio", "uvloop"), default="asyncio", help="of the asyncio model (asyncio)"
    )
    parser.add_argument(
        "--limits", metavar="NAME=N,...", type=argument(limits.read), help=f"seconds, or a count: {limits}",
        default=limits.read(environ.get("SERVING_LIMITS", "")),
    )  # fmt: skip


def count(text: str) -> int:
    """A number of processes."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError(f"{text!r} is not a number of processes, 1 or more")
    return int(text)


def argument(read: Callable[[str], T]) -> Callable[[str], T]:
    """A reader whose ValueError argparse shows as it is written."""

    def checked(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked
