"""Attacks of a second each: guests are served, memory is kept, and nothing is logged that should not be.

What is timed is judged by ``make abuse``, on a machine that has nothing else to do.
"""

import resource

import pytest

from reliability.attacks import ATTACKS
from reliability.house import house
from reliability.places import PLACES
from reliability.trial import Trial
from reliability.victims import behind, victim

TCP = ("slow senders", "unread echoes", "resets", "garbage")

HTTP = ("slow heads", "slow content", "unread responses", "pipelining flood", "endless trailers", "garbage")

WEBSOCKET = ("compressed bombs", "endless fragments", "ping flood", "unread echoes over WebSocket")

#: Attacks that have found something, on services' own ports and behind nginx; ``make abuse`` has all. (What
#: becomes of more connections than descriptors, serving's own tests try.)
ALONE = {"tcp": TCP, "httpd": HTTP, "realtime": ("unread responses", *WEBSOCKET)}
BEHIND = {"tcp": ("unread echoes", "resets"), "web": ("slow content", "pipelining flood")}


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """As many as the attackers need."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="module")
def trial():
    return Trial(1.0, quick=True)


def chosen(services):
    """A parameter each; a service's own are together, so that it is started once."""
    return [
        pytest.param(service, ATTACKS[PLACES[service].asks][name], id=f"{service}: {name}")
        for service, names in services.items()
        for name in names
    ]


@pytest.fixture(scope="module")
def alone():
    """The service that is asked for; another one ends the one before."""
    running = {}

    def find(name):
        if name not in running:
            end(running)
            context = victim(name)
            running[name] = context, context.__enter__()
        return running[name][1]

    yield find
    end(running)


def end(running):
    for context, _ in running.values():
        context.__exit__(None, None, None)
    running.clear()


@pytest.fixture(scope="module")
def stack():
    with house("test/abuse") as at:
        yield at


@pytest.mark.parametrize(("service", "attack"), chosen(ALONE))
async def test_alone(trial, alone, service, attack):
    outcome = await trial.run(alone(service), attack)
    assert outcome.complaints() == []


@pytest.mark.parametrize(("service", "attack"), chosen(BEHIND))
async def test_through_nginx(trial, stack, service, attack):
    outcome = await trial.run(behind(stack, service), attack)
    assert outcome.complaints() == []
