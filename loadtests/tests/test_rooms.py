"""Users of a room against a room whose faults are known: each is counted, and nothing else is."""

import json

import pytest
from planted import RoomPeer, locust_until

KINDS = {
    "RoomPolling": "polling",
    "RoomLongPolling": "long polling",
    "RoomStream": "stream",
    "RoomWebSocket": "websocket",
    "RoomTcp": "tcp",
}


@pytest.fixture
def room():
    started = []

    def start(fault="none", every=10):
        started.append(RoomPeer(fault, every))
        return started[-1]

    yield start
    for one in started:
        one.counts()


class Run:
    """What a run of one user of each class has left behind."""

    def __init__(self, folder, peer, posts, *arguments):
        addresses = dict.fromkeys(("WEB_ADDRESS", "REALTIME_ADDRESS"), peer.address)
        addresses["TCP_ROOM_ADDRESS"] = peer.others[0]
        options = ["-u", str(len(KINDS)), "--via", "direct", "--posts", "20", "--poll-every", "30"]
        options += ["--microseconds", str(folder / "times.json"), "--csv", str(folder / "run")]
        options += ["--listeners-per-poster", "1", "--room", "x", *arguments, *KINDS]
        self.status = locust_until(lambda: peer.so_far()["posted"] >= posts, *options, **addresses)
        self.peer = peer.so_far()
        self.lines = {line["name"]: line for line in json.loads((folder / "times.json").read_text())}
        self.failures = (folder / "run_failures.csv").read_text()

    def line(self, kind, what):
        number = list(KINDS.values()).index(kind) + 1
        return self.lines[f"room {number} {kind} {what} (direct)"]

    def events(self, kind):
        return self.line(kind, "delivery")["events"]

    def planted(self, kind):
        """How many of the messages that this listener was to hear met the fault."""
        start = self.peer["starts"][kind]
        numbers = range(start + 1, start + self.events(kind)["expected"] + 1)
        return len(set(self.peer["planted"].get(kind, ())) & set(numbers))


def test_nothing_is_lost_and_the_log_says_the_same(tmp_path, room):
    run = Run(tmp_path, room(), 150)
    assert run.status == 0
    assert run.failures.count("\n") == 1  # its heading
    posted = 0
    for kind in KINDS.values():
        events = run.events(kind)
        assert events["received"] == events["expected"] >= 100
        assert events["lost"] == 0
        delays = run.line(kind, "delivery")["exchange"]
        assert delays["counted"] == events["received"]
        assert 0 < delays["p50"] <= delays["longest"]
        posted += run.line(kind, "post")["exchange"]["counted"]
        asked = run.line(kind, "ask" if "polling" in kind else "join")
        assert 0 < asked["connect"]["p50"] <= asked["first_byte"]["longest"] <= asked["exchange"]["longest"]
    assert posted == run.peer["posted"]
    [audit] = [line for name, line in run.lines.items() if name == "room audit"]
    assert audit["events"]["compared"] >= 100
    assert audit["events"]["different"] == 0


@pytest.mark.parametrize(
    ("fault", "event", "reason"),
    [
        ("lose", "lost", "a message never came"),
        ("double", "doubled", "a message came doubled"),
        ("swap", "out_of_order", "a message came out of order"),
        ("corrupt", "corrupt", "a message is not as it was posted"),
    ],
)
def test_each_planted_fault_is_counted_exactly(fault, event, reason, tmp_path, room):
    run = Run(tmp_path, room(fault), 150)
    assert run.status == 1
    assert reason in run.failures
    for kind in KINDS.values():
        events = run.events(kind)
        assert events[event] == run.planted(kind) > 5
        assert events["received"] + events["lost"] == events["expected"]
        others = {"lost", "doubled", "out_of_order", "corrupt", "contradictory"} - {event}
        assert not any(events.get(other) for other in others)


def test_who_is_cut_off_comes_back_and_misses_nothing(tmp_path, room):
    run = Run(tmp_path, room("cut"), 150)
    assert run.status == 1
    for kind in KINDS.values():
        events = run.events(kind)
        assert events["lost"] == events.get("doubled", 0) == 0, kind
        asked = run.line(kind, "ask" if "polling" in kind else "join")["events"]
        # The last one may have met a listener that was just told to stop.
        assert asked["reconnects"] >= run.planted(kind) - 1 > 5
        assert asked["connections"] > 5


def test_a_stall_makes_all_late_who_come_meanwhile(tmp_path, room):
    """The room stands still for 0.4 s at every fortieth post, of eighty a second."""
    run = Run(tmp_path, room("stall", 40), 240)
    assert run.status == 0
    for kind in KINDS.values():
        for what in ("delivery", "post"):
            times = run.line(kind, what)["exchange"]
            assert times["longest"] > 300_000
            assert times["p90"] > 100_000


def test_what_is_acknowledged_and_not_in_the_log(tmp_path, room):
    run = Run(tmp_path, room("unlogged", 20), 60)
    assert run.status == 1
    assert "what was acknowledged is not in the room's log" in run.failures
    # Over TCP a message's own line is its acknowledgement: there can be none without the other.
    assert all(run.events(kind)["unlogged"] == 1 for kind in KINDS.values() if kind != "tcp")


def test_a_log_that_says_something_else(tmp_path, room):
    run = Run(tmp_path, room("forge"), 60)
    assert run.status == 1
    assert "stands in the room's log otherwise than it was heard" in run.failures
    events = run.lines["room audit"]["events"]
    assert events["different"] == events["compared"] > 10
