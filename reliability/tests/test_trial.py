"""A trial finds the fault that was planted, and none where there is none."""

import asyncio
from pathlib import Path

import pytest

from reliability import victims
from reliability.attacks import ATTACKS
from reliability.guests import ASKS
from reliability.places import PLACES
from reliability.trial import Trial
from reliability.victims import victim


@pytest.fixture(scope="module")
def trial():
    return Trial(0.5)


@pytest.fixture
def tried(trial, monkeypatch):
    """Try a planted service under an attack that does next to nothing."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))

    async def run(fault):
        monkeypatch.setattr(victims, "VICTIMS", {"tcp": ("planted", "--fault", fault)})
        with victim("tcp") as found:
            return await trial.run(found, idle)

    return run


async def idle(address):
    await asyncio.get_running_loop().create_future()


async def test_what_stands(tried):
    outcome = await tried("none")
    assert outcome.complaints() == []
    assert len(outcome.visits.seconds) == 10
    assert outcome.visits.failures == []


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("deaf", "of the visits went well"),
        ("leaks", "it grew by"),
        ("traceback", "it logged ValueError: no"),
        ("slow", "p99 was"),
        ("spins", "of a core with nothing to do"),
    ],
)
async def test_what_does_not(tried, fault, complaint):
    complaints = (await tried(fault)).complaints()
    assert [text for text in complaints if complaint in text]


async def test_an_attack_that_is_broken_is_not_taken_for_one_that_failed(trial, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(victims, "VICTIMS", {"tcp": ("planted", "--fault", "none")})

    async def broken(address):
        raise KeyError(address)

    with victim("tcp") as found, pytest.raises(KeyError):
        await trial.run(found, broken)


def test_there_are_attacks_on_everything_that_guests_ask_for():
    assert ATTACKS.keys() == ASKS.keys()
    assert {*victims.VICTIMS, *victims.PEERS} == victims.DIRECT.keys()
    assert {place.asks for place in (*victims.DIRECT.values(), *PLACES.values())} == ATTACKS.keys()
