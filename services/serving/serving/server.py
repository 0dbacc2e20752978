"""Services at their addresses, under a concurrency model, in as many processes as it takes."""

import gc
import os
import resource
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from socket import socket
from typing import cast

from serving.counters import Board, Count, Row
from serving.driver import Driver, Service
from serving.listener import Address, ListenError, format_address, open_listeners
from serving.log import Log
from serving.supervisor import STOP, Job, Supervisor, on_stop

__all__ = ["MODELS", "Door", "serve"]

#: Where each model lives. Only the one that is asked for is imported.
MODELS = {
    "iterative": "serving.iterative:Iterative",
    "threads": "serving.threads:Threads",
    "prefork": "serving.prefork:Prefork",
    "selector": "serving.selector:Selector",
    "asyncio": "serving.asyncio:Asyncio",
}

#: Descriptors for what is no connection.
SPARE = 64


@dataclass(frozen=True, slots=True)
class Door:
    """A service, and the address at which it is to be had."""

    address: Address
    service: Service


def serve(doors: Sequence[Door], *, model: str, workers: int, board: Board, log: Log) -> int:
    """Serve until SIGTERM, then drain. Returns the exit status: 0, or 1 when a door can't be opened.

    Every worker of every door is a process of its own; if that makes only one, it is this one.
    """
    driver = find(model)
    listeners: list[socket] = []
    jobs: list[Job] = []
    for door in doors:
        service = door.service
        try:
            opened = open_listeners(door.address, workers)
        except ListenError as error:
            print(f"{log.name}: {error}", file=sys.stderr)  # noqa: T201 - for the person who started it
            close(listeners)
            return 1
        listeners += opened
        for listener in opened:
            for _ in range(driver.processes(service)):
                row = board.add(service.name)
                jobs.append(Job(service.name, partial(work, driver, listener, listeners, service, row, log)))
    most = max(door.service.limits.connections for door in doors)
    allow_descriptors(most * driver.descriptors + SPARE)

    def report(*_: object) -> None:
        for name in dict.fromkeys(board.names):
            log("counters", service=name, **board.totals(name))

    def announce() -> None:
        log("start", model=model, workers=workers, processes=len(jobs), pid=os.getpid())
        for address in dict.fromkeys(listener.getsockname()[:2] for listener in listeners):
            print(f"listening on {format_address(address)}", file=sys.stderr, flush=True)  # noqa: T201 - the contract

    if len(jobs) == 1:
        signal.signal(signal.SIGUSR1, report)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # until the driver is there to stop
        announce()
        jobs[0].work()
    else:
        patience = max(door.service.limits.drain for door in doors) + 1
        supervisor = Supervisor(jobs, log, patience=patience, report=report)
        announce()
        supervisor.run(lambda: close(listeners))
    log("stop", **board.totals())
    return 0


def find(model: str) -> type[Driver]:
    """A model's driver."""
    module, _, name = MODELS[model].partition(":")
    return cast("type[Driver]", getattr(import_module(module), name))


def work(  # noqa: PLR0917 - serve alone calls it
    driver: type[Driver], listener: socket, listeners: list[socket], service: Service, row: Row, log: Log
) -> None:
    """One process's whole work: drive a service at one listener."""
    close(other for other in listeners if other is not listener)
    row[Count.OPEN] = 0  # a replacement counts on where the dead one stopped, but has none of its connections
    driving = driver(listener, service, row, log)
    on_stop(driving.stop)
    gc.collect()
    gc.freeze()  # what is here now stays; the collector need not look at it again
    driving.run()


def close(listeners: Iterable[socket]) -> None:
    """Close the doors."""
    for listener in listeners:
        listener.close()


def allow_descriptors(number: int) -> None:
    """Raise the soft limit of descriptors as far as this needs and the hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < number:
        most = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
