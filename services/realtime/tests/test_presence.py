import contextlib

from running import Service, hear, say, until


def changes(client, *wanted):
    """Wait until these names have joined and left, in whatever frames; returns how many there are then."""
    wanted = {(kind, name) for kind, name in wanted}
    here = None
    while wanted:
        frame = hear(client)
        if frame["type"] in {"joined", "left"}:
            wanted -= {(frame["type"], name) for name in frame["names"]}
            here = frame["here"]
    return here


def test_who_comes_and_goes_is_told(service, room):
    with service.room(room, name="ada") as ada:
        assert changes(ada, ("joined", "ada")) == 1
        with service.room(room, name="bob") as bob:
            assert changes(ada, ("joined", "bob")) == 2
            assert changes(bob, ("joined", "bob")) == 2
        assert changes(ada, ("left", "bob")) == 1


def test_the_welcome_says_who_is_there(service, room):
    with service.room(room, name="ada") as ada:
        changes(ada, ("joined", "ada"))
        with service.connect(f"/ws/rooms/{room}") as client:
            welcome = hear(client)
            assert (welcome["names"], welcome["here"]) == (["ada"], 1)


def test_two_connections_of_one_name_are_one_person(service, room):
    with service.room(room) as client:
        with service.room(room, name="ada") as first:
            assert changes(client, ("joined", "ada")) == 1
            with service.room(room, name="ada"):
                pass
            say(first, text="still here")  # after more than a moment nobody has left
            frames = [hear(client)]
            assert frames[0]["type"] == "message"
        assert changes(client, ("left", "ada")) == 0


def test_listeners_without_a_name_are_not_told_of(service, log, room):
    with service.room(room) as client:
        with service.room(room):
            pass
        log.post(room, "web", "hi")
        assert hear(client)["type"] == "message"


def test_many_who_come_at_once_are_few_frames(service, room):
    with service.room(room) as client:
        with contextlib.ExitStack() as stack:
            for number in range(60):
                stack.enter_context(service.connect(f"/ws/rooms/{room}?name=n{number}"))
            frames = []
            while not frames or frames[-1]["here"] < 60:
                frames.append(hear(client))
        assert len(frames) < 10
        assert all(len(frame["names"]) <= 50 for frame in frames)


def test_presence_reaches_over_processes(redis, room):
    """Two workers, and a third process that knows rooms only."""
    service = Service(redis.url, "--workers", "2")
    try:
        with service.room(room) as client:
            names = [f"n{number}" for number in range(8)]

            with contextlib.ExitStack() as stack:
                for name in names:
                    stack.enter_context(service.connect(f"/ws/rooms/{room}?name={name}"))
                assert changes(client, *(("joined", name) for name in names)) == 8
            assert changes(client, *(("left", name) for name in names)) == 0
    finally:
        assert service.stop() == 0


def test_another_package_may_come_and_go_too(service, log, room):
    with service.room(room) as client:
        log.enter(room, ["nc user"], "tcp-1")
        assert changes(client, ("joined", "nc user")) == 1
        log.leave(room, ["nc user"], "tcp-1")
        assert changes(client, ("left", "nc user")) == 0


def test_a_service_that_stops_leaves_nobody_behind(redis, log, room):
    service = Service(redis.url)
    with service.room(room, name="ada"):
        until(lambda: log.enter(room, [], "test") == ["ada"])
        assert service.stop() == 0
    assert log.enter(room, [], "test") == []
