"""SIGKILL: what breaks is what the one who is killed has held, and all is whole again by itself."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from wire.crowd import crowd
from wire.locust import Locust
from wire.processes import Processes, compose
from wire.stack import Stack

from reliability.chaos.bystanders import Bystander, Wish, beside
from reliability.chaos.finding import Finding
from reliability.chaos.replacements import wishes
from reliability.chaos.servers import wait_for

__all__ = ["killed", "locust_killed", "store_away", "store_moved"]

#: Seconds within which everything is whole again. supervisord and Docker wait a moment before a new start.
WHOLE_WITHIN = 10.0

#: What a service that is away leaves untouched.
OTHERS = {
    "tcp": ("web", "httpd", "httpd-wsgi"),
    "httpd": ("web", "httpd-wsgi"),
    "httpd-wsgi": ("web", "httpd"),
    "web": ("httpd", "httpd-wsgi"),
    "realtime": ("web", "httpd", "httpd-wsgi"),
    "nginx": (),
    "redis": ("web", "httpd", "httpd-wsgi"),
}


def killed(stack: Stack, processes: Processes, is_up: Callable[[str], bool], service: str) -> Finding:
    """A whole service, in the midst of requests to the others."""
    finding = Finding(f"kill -9 of {service}")
    others = Bystander(wishes(stack, OTHERS[service])) if OTHERS[service] else None
    own = Bystander([probe(stack, service)])
    with ExitStack() as asking:
        asking.enter_context(beside(*filter(None, (others, own))))
        before = processes.which(service)
        fault = time.monotonic()
        processes.kill(service)
        wait_for(lambda: processes.which(service) not in {before, "0", ""}, 60)
        wait_for(lambda: is_up(service), 60)
        up = time.monotonic() - fault
        whole_again(own, 60)
    finding.whole = max(up, own.whole_after(fault))
    finding.expect(finding.whole < WHOLE_WITHIN, f"it took {finding.whole:.1f} s")
    if others:
        failures = others.failures(fault)
        finding.requests, finding.failed = len(others.visits), len(failures)
        finding.note = f"p99 of the others {others.slowest(fault) * 1e3:.0f} ms"
        finding.expect(not failures, "; ".join(f"{wish}: {visit.what}" for wish, visit in failures[:3]))
    return finding


def whole_again(asking: Bystander, seconds: float) -> None:
    """Wait until twenty in a row were answered as they should be."""

    def whole() -> bool:
        last = asking.visits[-20:]
        return len(last) == 20 and all(visit.what in map(str, wish.wanted) for wish, visit in last)

    wait_for(whole, seconds)


def probe(stack: Stack, service: str) -> Wish:
    """What says whether a service does its work, asked through nginx where it goes through nginx."""
    return {
        "tcp": Wish(stack.site, "/livez"),
        "httpd": Wish(stack.http("httpd", "nginx"), "/hello"),
        "httpd-wsgi": Wish(stack.http("httpd-wsgi", "nginx"), "/hello"),
        "web": Wish(stack.site, "/hello/"),
        "realtime": Wish(stack.site, "/echo?message=hi"),
        "nginx": Wish(stack.site, "/hello/"),
        "redis": Wish(stack.site, "/healthz"),
    }[service]


def store_away(stack: Stack, processes: Processes, seconds: float = 10.0) -> Finding:
    """Redis is away for so long: /healthz says so and /livez does not, and the rest goes on."""
    finding = Finding(f"Redis away for {seconds:.0f} s")
    others = Bystander(wishes(stack), 0.01)
    lives = Bystander(everywhere(stack, "/livez"))
    with crowd(stack) as talking, beside(others, lives):
        begun = time.monotonic()
        processes.stop("redis")
        try:
            told = [Bystander([place]) for place in health(stack)]
            with beside(*told):
                wait_for(lambda: all(says(each, "503") for each in told), 10)
            wait_for(lambda: time.monotonic() - begun > seconds, seconds + 5)
        finally:
            processes.start("redis")
        back = time.monotonic()
        well = [Bystander([place]) for place in health(stack)]
        with beside(*well):
            for each in well:
                whole_again(each, 60)
        finding.whole = max(each.whole_after(back) for each in well)
        posted = len(talking.posted)
        wait_for(lambda: len(talking.posted) > posted + 20, 60)
    failures = others.failures() + lives.failures()
    finding.requests, finding.failed = len(others.visits) + len(lives.visits), len(failures)
    finding.note = f"p99 of the others {others.slowest(begun) * 1e3:.0f} ms; nothing acknowledged was lost"
    finding.expect(not failures, "; ".join(f"{wish}: {visit.what}" for wish, visit in failures[:3]))
    finding.expect(others.slowest(begun) < 1, "those who don't need Redis were held up")
    finding.expect(finding.whole < WHOLE_WITHIN, f"it took {finding.whole:.1f} s")
    return finding


def store_moved(stack: Stack, processes: Processes) -> Finding:
    """Redis is made anew, in containers at another address; nobody else is started anew."""
    finding = Finding("Redis made anew" + (", at another address" if stack.mode == "docker" else ""))
    lives = Bystander(everywhere(stack, "/livez"))
    well = [Bystander([place]) for place in health(stack)]
    with crowd(stack) as talking, beside(lives, *well):
        begun = time.monotonic()
        if stack.mode == "docker":
            recreate_elsewhere()
        else:
            processes.restart("redis")
        for each in well:
            whole_again(each, 60)
        posted = len(talking.posted)
        wait_for(lambda: len(talking.posted) > posted + 20, 60)
    finding.whole = max(each.whole_after(begun) for each in well)
    finding.requests, finding.failed = len(lives.visits), len(lives.failures())
    finding.note = f"p99 of /livez {lives.slowest(begun) * 1e3:.0f} ms; nothing acknowledged was lost"
    finding.expect(not finding.failed, "/livez did not stay 200")
    finding.expect(lives.slowest(begun) < 1, "others were held up")
    return finding


def recreate_elsewhere() -> None:
    """Another container takes Redis' address while there is none."""
    compose("rm", "--stop", "--force", "redis")
    network = f"{os.environ['COMPOSE_PROJECT_NAME']}_internal"
    words = ["run", "--detach", "--rm", "--network", network, "--entrypoint", "sleep", "nginx:1.30", "300"]
    taker = subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()
    try:
        compose("up", "--detach", "--no-deps", "redis")
    finally:
        subprocess.run(["docker", "rm", "--force", taker], capture_output=True, check=True)


def says(asking: Bystander, what: str) -> bool:
    """Was that the last answer?"""
    return bool(asking.visits) and asking.visits[-1][1].what == what


def everywhere(stack: Stack, path: str) -> list[Wish]:
    """The same question to every HTTP service."""
    ways = [("web", "nginx"), ("httpd", "nginx"), ("httpd-wsgi", "nginx"), ("realtime", "direct")]
    return [Wish(stack.http(service, way), path) for service, way in ways]


def health(stack: Stack) -> Sequence[Wish]:
    """Where those who need Redis say whether they have it."""
    return [Wish(stack.site, "/healthz"), Wish(stack.http("realtime", "direct"), "/healthz")]


def locust_killed(stack: Stack, processes: Processes) -> Finding:
    """The master, in the midst of a test: its workers stop, and come back to the next master."""
    finding = Finding("kill -9 of the Locust master in mid-run")
    master = Locust(stack.site)
    others = Bystander(wishes(stack))
    with beside(others):
        name = next(name for name in master.user_classes() if "Echo" in name or "Hello" in name)
        master.start([name], 2)
        wait_for(lambda: json.dumps(master.stats()["stats"]) and master.stats()["total_rps"] > 0, 30)
        before = processes.which("locust")
        fault = time.monotonic()
        processes.kill("locust")
        wait_for(lambda: processes.which("locust") not in {before, "0", ""}, 60)
        wait_for(lambda: ready(master), 60)
        finding.whole = time.monotonic() - fault
    failures = others.failures(fault)
    finding.requests, finding.failed = len(others.visits), len(failures)
    finding.expect(not failures, "; ".join(f"{wish}: {visit.what}" for wish, visit in failures[:3]))
    finding.expect(finding.whole < 30, f"it took {finding.whole:.1f} s")
    return finding


def ready(master: Locust) -> bool:
    """Is it there, with a worker, and at rest?"""
    try:
        return master.is_idle()
    except (OSError, AssertionError):
        return False
