"""``python -m httpd --listen 127.0.0.1:8001 [--app module:application] --model selector``"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import cast

from serving.counters import Board
from serving.driver import Service as Served
from serving.limits import Limits as Deadlines
from serving.log import Log
from serving.options import add_options, argument
from serving.server import Door, serve

from httpd.application import Application
from httpd.limits import Limits
from httpd.service import Service
from httpd.site.handlers import router
from httpd.wsgi.environ import EnvironWriter, Proxies
from httpd.wsgi.gateway import Gateway, WSGIApplication

#: A keep-alive connection that says nothing costs a descriptor, and browsers open six of them.
IDLE = 15.0

#: Threads for applications that block: each takes memory, and Python runs one at a time.
MOST_THREADS = 1000

#: Models that must not block, and have threads beside them for what does. The others block anyhow.
LOOPS = ("selector", "asyncio")


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser("python -m httpd", description="HTTP/1.1 and WSGI by hand.")
    add_options(parser, environ, Deadlines(idle=IDLE))
    try:
        limits = Limits().read(environ.get("HTTPD_LIMITS", ""))
    except ValueError as error:
        parser.error(f"HTTPD_LIMITS: {error}")
    parser.add_argument(
        "--app", metavar="MODULE:NAME", help="a WSGI application; without it, the demo handlers"
    )
    parser.add_argument(
        "--threads", metavar="N", type=argument(natural), default=0,
        help="that WSGI applications run in, beside the loop of selector or asyncio; 0 runs them in it (0)",
    )  # fmt: skip
    parser.add_argument(
        "--message-limits", metavar="NAME=NUMBER,...", type=argument(limits.read), default=limits,
        help=f"in octets, or a count: {limits}",
    )  # fmt: skip
    parser.add_argument(
        "--script-name", metavar="/PREFIX", type=argument(prefix), default="",
        help="where the application is mounted",
    )  # fmt: skip
    parser.add_argument(
        "--forwarded-allow", metavar="ADDRESS,...", type=argument(proxies), default="",
        help="proxies whose X-Forwarded-For, -Proto and -Prefix are believed: addresses, networks, or *",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    name = "httpd-wsgi" if options.app else "httpd"
    board, log = Board(), Log(name)
    counts = partial(board.totals, name)
    if options.app:
        try:
            application = wrap(load(options.app), options, counts)
        except ValueError as error:
            parser.error(str(error))
    else:
        router.counts = counts
        application = router
    service = Service(application, options.message_limits, board)
    doors = [
        Door(
            address,
            Served(
                name,
                service,
                options.limits,
                service.busy(),
                options.threads,
                options.processes,
                options.loop,
            ),
        )
        for address in options.listen
    ]
    return serve(
        doors, model=options.model, workers=options.workers, board=board, log=log, shared=options.shared
    )


def wrap(
    application: WSGIApplication, options: argparse.Namespace, counts: Callable[[], Mapping[str, int]]
) -> Application:
    """Put a gateway around a WSGI application."""
    threads = options.threads if options.model in LOOPS else 0
    write_environ = EnvironWriter(
        multithread=threads > 1 or options.model == "threads",
        multiprocess=options.workers > 1 or options.model == "prefork",
        script_name=options.script_name,
        proxies=options.forwarded_allow,
        extra={"httpd.counts": counts},
    )
    inline = threads == 0
    return Gateway(application, write_environ, inline=inline, gather=inline and options.model in LOOPS)


def load(text: str) -> WSGIApplication:
    """Import an application by ``module:name``. Raises ``ValueError`` with what to do."""
    module, colon, name = text.partition(":")
    if not colon or not module or module.startswith(".") or not name:
        raise ValueError(f"--app {text}: name a module and a callable in it, as in httpd.demo:application")
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as `python -m` does, and other servers
    try:
        found: object = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module + ".").startswith(error.name + "."):
            raise  # the application's own trouble, with its own traceback
        raise ValueError(
            f"--app {text}: there is no module {module!r}; start in the folder that holds it"
        ) from error
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise ValueError(f"--app {text}: {module} has no callable {name!r}")  # noqa: TRY004 - the command line's fault
    return cast("WSGIApplication", found)


def natural(text: str) -> int:
    """A number of threads."""
    if not re.fullmatch("[0-9]{1,4}", text) or int(text) > MOST_THREADS:
        raise ValueError(f"{text!r} is not a number of threads, from 0 to {MOST_THREADS}")
    return int(text)


def prefix(text: str) -> str:
    """A path, as applications are mounted on one."""
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} is no path; begin it with a slash, as in /app")
    return text


def proxies(text: str) -> Proxies:
    """Addresses of proxies."""
    try:
        return Proxies(filter(None, text.replace(" ", "").split(",")))
    except ValueError as error:
        raise ValueError(f"{error}; as in 127.0.0.1,10.0.0.0/8") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
