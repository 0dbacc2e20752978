"""`make load`: every rung once, one after the other, without the page. Writes CSV and HTML.

Each user class has a Locust run of its own, so that no rung takes the processor away from another while it is
looked at. Before the first, every rung has to answer once, and correctly: no half report of a stack that is
down.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from locust.env import Environment

from loadtests.addresses import AddressError
from loadtests.clients.failures import Failure
from loadtests.options import OptionError, Settings
from loadtests.users.ladder import LADDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.users.exchange import ExchangeUser

__all__ = ["main"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and give the exit status: 0 when every request was answered rightly."""
    options = parser().parse_args(arguments)
    names = options.classes or [user.__name__ for user in LADDER]
    users = [user for user in LADDER if user.__name__ in names]
    if unknown := set(names) - {user.__name__ for user in users}:
        known = ", ".join(user.__name__ for user in LADDER)
        return complain(f"There is no user class {', '.join(sorted(unknown))}; there are {known}.")
    try:
        Settings.of(vars(options)).check({user.service for user in users})
        for user in users:
            answers(user, options)
    except (OptionError, AddressError) as error:
        return complain(str(error))
    except Failure as failure:
        return complain(f"{failure}\nNothing was measured. Is the stack up? `make up` starts it.")
    stamp = datetime.datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    folder = options.results / f"{stamp}-load"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        return complain(f"The results can't be written: {error}.")
    return measure(users, options, folder)


def parser() -> argparse.ArgumentParser:
    """What `python -m loadtests.run --help` shows."""
    given = argparse.ArgumentParser(
        prog="python -m loadtests.run", description=(__doc__ or "").split("\n")[0]
    )
    given.add_argument("classes", nargs="*", metavar="UserClass", help="only these (default: all)")
    given.add_argument("--via", choices=["nginx", "direct"], default="nginx", help="default: nginx")
    given.add_argument("--users", type=positive, default=10, help="connections at once (default: 10)")
    given.add_argument("--seconds", type=positive, default=5, help="for each user class (default: 5)")
    given.add_argument(
        "--rate",
        type=float,
        default=0.0,
        help="requests a second of each user (default: 0, as fast as replies come)",
    )
    given.add_argument("--payload", type=int, default=64, help="bytes of an echo (default: 64)")
    given.add_argument("--results", type=Path, default=ROOT / "results", help="folder (default: results/)")
    return given


def positive(text: str) -> int:
    """A whole number above zero."""
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def complain(sentence: str) -> int:
    """Say what is wrong; give the exit status that says so too."""
    print(sentence, file=sys.stderr)  # noqa: T201 - a command line program's output
    return 2


def answers(user_class: type[ExchangeUser], options: argparse.Namespace) -> None:
    """One exchange, which has to be right. Raises Failure, with the rung and its address."""
    environment = Environment(user_classes=[user_class])
    environment.parsed_options = options
    user = user_class(environment)
    try:
        client = user.connect()
        try:
            client.exchange(*user.messages()[0])
        finally:
            client.close()
    except Failure as failure:
        target = user.target
        raise Failure(
            f"{user.service} does not do its job at {target.address} ({target.via}): {failure}."
        ) from failure


class Row(NamedTuple):
    """One line of the summary; times in microseconds."""

    rung: str
    requests: int
    failures: int
    per_second: float
    connect: float
    first_byte: float
    median: float
    p90: float
    p99: float
    p999: float
    longest: float


def measure(users: Sequence[type[ExchangeUser]], options: argparse.Namespace, folder: Path) -> int:
    """One Locust run after the other. Ctrl-C keeps what is finished."""
    rows: list[Row] = []
    status = 0
    show(("rung; times in µs", *Row._fields[1:]))
    try:
        for user in users:
            code = locust(user.__name__, options, folder)
            found = row(folder / user.__name__)
            if found is None:
                return complain(
                    f"Locust ended with {code} and left no figures: see {folder / user.__name__}.log."
                )
            status = max(status, 1 if code or found.failures else 0)
            rows.append(found)
            show(found)
    except KeyboardInterrupt:
        status = 130
        complain(f"Interrupted: {len(rows)} of {len(users)} are finished.")
    with (folder / "summary.csv").open("w", newline="") as file:
        csv.writer(file).writerows([Row._fields, *rows])
    print(f"\nCSV and HTML: {folder}")  # noqa: T201 - a command line program's output
    return status


def locust(name: str, options: argparse.Namespace, folder: Path) -> int:
    """A headless Locust of its own; its files begin with the class's name. Gives its exit status."""
    prefix = folder / name
    command = [sys.executable, "-m", "locust", "--locustfile", str(HERE / "locustfile.py"), "--headless"]
    command += ["--users", str(options.users), "--spawn-rate", "100"]
    command += ["--run-time", f"{options.seconds}s", "--only-summary"]
    command += ["--rate", str(options.rate), "--via", options.via, "--payload", str(options.payload)]
    command += ["--csv", str(prefix), "--html", f"{prefix}.html", "--json-file", str(prefix)]
    command += ["--microseconds", f"{prefix}.microseconds.json", name]
    with Path(f"{prefix}.log").open("w") as log:
        return subprocess.run(  # noqa: S603 - our own command line
            command, cwd=ROOT, stdout=log, stderr=log, check=False
        ).returncode


def row(prefix: Path) -> Row | None:
    """The line of the summary, from what Locust wrote; None if it wrote nothing."""
    try:
        stats: list[dict[str, Any]] = json.loads(Path(f"{prefix}.json").read_text())
        times: list[dict[str, Any]] = json.loads(Path(f"{prefix}.microseconds.json").read_text())
    except FileNotFoundError:
        return None
    if not stats:
        return Row(prefix.name, *[0] * (len(Row._fields) - 1))
    entry, [record] = stats[0], times or [{}]
    lasted = entry["last_request_timestamp"] - entry["start_time"]
    exchange = record.get("exchange", {})
    return Row(
        entry["name"],
        entry["num_requests"],
        entry["num_failures"],
        round(entry["num_requests"] / lasted, 1) if lasted > 0 else 0.0,
        *(record.get(phase, {}).get("p50", 0) for phase in ("connect", "first_byte", "exchange")),
        *(exchange.get(figure, 0) for figure in ("p90", "p99", "p999", "longest")),
    )


def show(columns: Sequence[object]) -> None:
    """A line of the table, as soon as it is known."""
    first, *others = columns
    cells = (f"{other:>10,.0f}" if isinstance(other, int | float) else f"{other:>10}" for other in others)
    print(f"{first:<28}", *cells, flush=True)  # noqa: T201 - a command line program's output


if __name__ == "__main__":
    sys.exit(main())
