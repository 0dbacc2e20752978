"""The part of a command line that every service shares: where it listens, and how it is driven."""

import argparse
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TypeVar

from serving.limits import Limits
from serving.listener import parse_address
from serving.server import MODELS

__all__ = ["add_options", "argument"]

T = TypeVar("T")


def add_options(parser: argparse.ArgumentParser, environ: Mapping[str, str], limits: Limits) -> None:
    """Add the options. ``SERVING_LIMITS`` in the environment changes the defaults of the limits."""
    try:
        limits = limits.read(environ.get("SERVING_LIMITS", ""))
    except ValueError as error:
        parser.error(f"SERVING_LIMITS: {error}")
    add = parser.add_argument
    add("--listen", metavar="HOST:PORT", type=argument(parse_address), action="append", required=True,
        help="where to listen; port 0 takes a free one")  # fmt: skip
    add("--model", choices=MODELS, default="selector", help="the concurrency model (selector)")
    add("--workers", metavar="N", type=argument(number), default=1, help="processes for each port (1)")
    add("--processes", metavar="N", type=argument(number), default=8,
        help="of the prefork model, in each worker (8)")  # fmt: skip
    add("--loop", metavar="{asyncio,uvloop}", type=argument(loop), default="asyncio",
        help="of the asyncio model (asyncio)")  # fmt: skip
    add(
        "--shared",
        action="store_true",
        help="let another server listen here too, so that it can take over before this one stops",
    )
    add("--limits", metavar="NAME=N,...", type=argument(limits.read), default=limits,
        help=f"seconds, or a count: {limits}")  # fmt: skip


def number(text: str) -> int:
    """A number of processes."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError(f"{text!r} is not a number of processes, 1 or more")
    return int(text)


def loop(text: str) -> str:
    """The name of an event loop that is there."""
    if text not in {"asyncio", "uvloop"}:
        raise ValueError(f"no event loop is called {text!r}; there are asyncio and uvloop")
    if find_spec(text) is None:
        raise ValueError("uvloop is not installed; install it with pip, or take --loop asyncio")
    return text


def argument(read: Callable[[str], T]) -> Callable[[str], T]:
    """A reader whose ValueError argparse shows as it is written."""

    def checked(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked
