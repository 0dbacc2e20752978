"""A server that speaks no HTTP, started from Django's command line: the tcp service, in the site's settings.

There is no view in it and no request: a management command is where a Django project keeps such programs.
"""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tcp.__main__ import main
from tcp.protocols import PROTOCOLS

__all__ = ["Command"]


class Command(BaseCommand):
    """Serve one of the tcp service's protocols."""

    help = "Serves a protocol on raw TCP connections until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the tcp service's own options, with defaults from the settings."""
        parser.add_argument("--listen", metavar="HOST:PORT", help="where (the tcp service's own address)")
        parser.add_argument("--protocol", choices=list(PROTOCOLS), default="ack", help="what to speak (ack)")
        parser.add_argument("--model", default="selector", help="the concurrency model (selector)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 (Django's signature)
        """Serve, and say when it is over."""
        protocol, model = options["protocol"], options["model"]
        listen = options["listen"] or self.usual_address(protocol)
        self.stdout.write(f"Starting TCP server at {listen}: {protocol}, {model}.")
        self.stdout.write("Quit the server with CONTROL-C.")
        self.stdout.flush()
        # The service reads its own limits from the environment, so it gets that whole.
        status = main(["--listen", listen, "--protocol", protocol, "--model", model], os.environ)
        if status:
            raise CommandError("The server did not start or did not end well.", returncode=status)
        self.stdout.write("Server shut down.")

    def usual_address(self, protocol: str) -> str:
        """Return where the stack's own tcp service has this protocol."""
        if protocol not in settings.TCP_PROTOCOLS:
            raise CommandError(
                f"The settings know no address for {protocol}: say where with --listen HOST:PORT."
            )
        direct, _, _ = settings.TCP_PROTOCOLS[protocol]
        return str(direct)
