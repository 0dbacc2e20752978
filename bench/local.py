"""The stack as local processes: supervisord says who they are."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bench import counts
from bench.complaint import Complaint
from bench.hops import Hop, accounts, tree
from bench.site import Site
from bench.versions import of_programs
from loadtests.addresses import Address, Stack
from native import addresses, control

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.suites import Via
    from loadtests.addresses import Target
    from native.run_dir import RunDir

__all__ = ["site"]

#: As supervisord says it. It calls starting what has run for less than a second, healthy or not.
RUNS = {"STARTING", "RUNNING"}

SERVICES = ("tcp", "httpd", "httpd-wsgi", "web", "realtime", "nginx", "redis")


def site(run_dir: RunDir, settings: Mapping[str, str], variables: Mapping[str, str]) -> Site:
    """The local stack of that run folder. Raises Complaint unless all of it runs."""
    states = control.states(run_dir)
    down = [name for name in SERVICES if name not in states or states[name].state not in RUNS]
    if down:
        raise Complaint(f"{', '.join(down)} of the stack does not run: see `make status`")
    pids = {name: states[name].pid for name in SERVICES}
    known = Stack.from_environment(variables)
    hops = {name: Hop(name, tree(pid), limits=accounts(pid)) for name, pid in pids.items()}

    def target(service: str, via: Via) -> Target:
        return known.target(service, via)

    def prompt() -> None:
        with suppress(ProcessLookupError):
            os.kill(pids["tcp"], signal.SIGUSR1)

    status = Address.parse(variables["NGINX_STATUS_ADDRESS"])
    return Site(
        "native",
        target,
        hops,
        {
            "tcp": counts.by_log(prompt, lambda: (run_dir.logs / "tcp.log").read_text(errors="replace")),
            "nginx": counts.by_stub_status(lambda: counts.fetch(status, "/nginx_status")),
            **healthz(settings, lambda service: known.target(service, "direct").address),
        },
        stack=tunables(settings),
        versions=of_programs(),
        road=addresses.LOOPBACK,
    )


def healthz(settings: Mapping[str, str], where: Any) -> dict[str, counts.Counter]:  # noqa: ANN401
    """The counters of services that tell theirs. With several processes, realtime answers with that of one,
    which is no count of all.
    """
    services = ["httpd", "httpd-wsgi", "web"]
    if settings.get("REALTIME_WORKERS") == "1":
        services.append("realtime")
    return {service: counts.by_healthz(where(service)) for service in services}


def tunables(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that decide what a request costs: all but addresses and names."""
    return {
        name: value
        for name, value in sorted(settings.items())
        if name.endswith(("_MODEL", "_WORKERS", "_THREADS")) and name != "LOCUST_WORKERS"
    }
