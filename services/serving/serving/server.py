"""Services at their addresses, under a concurrency model, in as many processes as it takes."""

import gc
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from socket import socket
from typing import cast

from serving.counters import Board, Count, Row, TooManyProcessesError
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


def serve(
    doors: Sequence[Door], *, model: str, workers: int, board: Board, log: Log, shared: bool = False
) -> int:
    """Serve until SIGTERM, then drain. Returns the exit status: 0, or 1 when a door can't be opened.

    Every worker of every door is a process of its own; if that makes only one, it is this one. With
    ``shared`` another server may open the same doors, so that it can take over before this one stops.
    """
    house = House(find(model), board, log)
    try:
        for door in doors:
            house.open(door, workers, shared=shared)
    except (ListenError, TooManyProcessesError) as error:
        log.write(f"{log.name}: {error}")
        house.close()
        return 1
    most = max(door.service.limits.connections for door in doors)
    allow_descriptors(most * house.driver.descriptors + SPARE)
    if len(house.jobs) == 1:
        signal.signal(signal.SIGUSR1, house.report)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # until the driver is there to stop
        house.announce(model)
        house.jobs[0].work()
    else:
        patience = max(door.service.limits.drain for door in doors) + 1
        supervisor = Supervisor(house.jobs, log, patience=patience, report=house.report)
        house.announce(model)
        supervisor.run(house.close)
    log("stop", **board.totals())
    return 0


def find(model: str) -> type[Driver]:
    """A model's driver."""
    module, _, name = MODELS[model].partition(":")
    return cast("type[Driver]", getattr(import_module(module), name))


class House:
    """The doors that are open, and the jobs behind them."""

    def __init__(self, driver: type[Driver], board: Board, log: Log) -> None:
        self.driver, self.board, self.log = driver, board, log
        self.listeners: list[socket] = []
        self.jobs: list[Job] = []

    def open(self, door: Door, workers: int, *, shared: bool = False) -> None:
        """Listen at a door, once for each worker. Raises `ListenError`, `TooManyProcessesError`."""
        each = self.driver.processes(door.service)
        rows = [self.board.add(door.service.name) for _ in range(workers * each)]
        for number, listener in enumerate(open_listeners(door.address, workers, shared=shared)):
            self.listeners.append(listener)
            for row in rows[number * each : (number + 1) * each]:
                self.jobs.append(Job(door.service.name, partial(self.work, listener, door.service, row)))

    def close(self, *, but: socket | None = None) -> None:
        """Close the doors, or all but one."""
        for listener in self.listeners:
            if listener is not but:
                listener.close()

    def announce(self, model: str) -> None:
        """Tell programs and persons that connections are accepted from now on."""
        self.log("start", model=model, processes=len(self.jobs), pid=os.getpid())
        for address in dict.fromkeys(listener.getsockname()[:2] for listener in self.listeners):
            self.log.write(f"listening on {format_address(address)}")

    def report(self, *_: object) -> None:
        """Say what was counted, for each service."""
        for name in dict.fromkeys(self.board.names):
            self.log("counters", service=name, **self.board.totals(name))

    def work(self, listener: socket, service: Service, row: Row) -> None:
        """One process's whole work: drive a service at one listener."""
        self.close(but=listener)
        self.board.mine = row
        row[Count.OPEN] = 0  # a replacement counts on where the dead one stopped, but without its connections
        driver = self.driver(listener, service, row, self.log)
        on_stop(driver.stop)
        gc.collect()
        gc.freeze()  # what is here now stays; the collector need not look at it again
        driver.run()


def allow_descriptors(number: int) -> None:
    """Raise the soft limit of descriptors as far as this needs and the hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < number:
        most = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
