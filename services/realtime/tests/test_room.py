import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rooms.limits import TEXT_BYTES
from running import Service, hear, numbers, say
from websockets.exceptions import InvalidStatus


def test_two_clients_hear_each_other(service, room):
    with service.room(room, name="ada") as ada, service.room(room, name="bob") as bob:
        for number, (speaker, name) in enumerate([(ada, "ada"), (bob, "bob")], 1):
            say(speaker, text=f"I am {name} ❄")
            heard = [frame for frame in (hear(speaker), hear(speaker)) if frame["type"] == "message"]
            assert hear(ada if speaker is bob else bob) == heard[0]
            assert heard[0].items() >= {"number": number, "author": name, "text": f"I am {name} ❄"}.items()
            assert datetime.now(UTC) - datetime.fromisoformat(heard[0]["time"]) < timedelta(seconds=10)


def test_the_welcome_says_where_the_room_is(service, log, room):
    log.post(room, "ada", "hi")
    with service.connect(f"/ws/rooms/{room}") as client:
        assert hear(client) == {"type": "welcome", "room": room, "last": 1, "names": [], "here": 0}


def test_what_another_process_posts_is_heard(service, log, room):
    """web and tcp post with rooms alone, whose wake-ups must be such as Channels' layer sends them."""
    with service.room(room) as client:
        began = time.monotonic()
        for number in range(1, 21):
            log.post(room, "web", "hi")
            assert hear(client)["number"] == number
        assert time.monotonic() - began < 0.9


def test_rooms_are_apart(service, room):
    with service.room(room, name="ada") as ada, service.room(f"{room}-b", name="bob") as bob:
        say(ada, text="here")
        say(bob, text="there")
        assert {hear(bob)["type"], hear(bob)["type"]} == {"ack", "message"}
        assert numbers(ada, 1) == [1]


def test_an_acknowledgement_carries_the_number_and_the_clients_reference(service, log, room):
    log.post(room, "web", "first")
    with service.room(room, name="ada") as client:
        for ref in ("r-1", 17, None):
            say(client, text="hi", ref=ref)
            frames = [hear(client), hear(client)]
            ack = next(frame for frame in frames if frame["type"] == "ack")
            message = next(frame for frame in frames if frame["type"] == "message")
            assert ack == {"type": "ack", "number": message["number"], "ref": ref}


def test_who_speaks_before_the_welcome_hears_itself(service, room):
    """In rooms that nobody is in yet, where it takes a while to find out where they are, and in one that is
    open.
    """
    with service.room(f"{room}-open"):
        for name in [f"{room}-{number}" for number in range(15)] + [f"{room}-open"] * 5:
            with service.connect(f"/ws/rooms/{name}") as client:
                say(client, author="ada", text="hello?")
                assert hear(client)["type"] == "welcome"
                ack, message = sorted((hear(client), hear(client)), key=lambda frame: frame["type"])
                assert (ack["type"], message["text"]) == ("ack", "hello?")
                assert message["number"] == ack["number"]


def test_an_author_may_be_named_in_the_frame(service, room):
    with service.room(room, name="ada") as client:
        say(client, text="hi", author="Grace")
        frames = [hear(client), hear(client)]
        assert "Grace" in {frame.get("author") for frame in frames}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no json", "bad_frame"),
        ("[1]", "bad_frame"),
        ('"text"', "bad_frame"),
        ("[" * 60_000, "bad_frame"),
        ("1" * 60_000, "bad_frame"),
        (b'{"text": "hi"}', "bad_frame"),
        ('{"type": "shout", "text": "hi"}', "bad_frame"),
        ('{"type": ["post"], "text": "hi"}', "bad_frame"),
        ('{"text": "hi", "ref": {}}', "bad_frame"),
        ('{"text": "hi", "ref": true}', "bad_frame"),
        ('{"text": "hi", "ref": "' + "r" * 65 + '"}', "bad_frame"),
        ("{}", "bad_text"),
        ('{"text": 5}', "bad_text"),
        ('{"text": ""}', "bad_text"),
        ('{"text": "\\u0007"}', "bad_text"),
        ('{"text": "\\ud800"}', "bad_text"),
        ('{"text": "hi", "author": ""}', "bad_author"),
        ('{"text": "hi", "author": 7}', "bad_author"),
        ('{"text": "' + "x" * (TEXT_BYTES + 1) + '"}', "text_too_long"),
    ],
    ids=lambda value: str(value)[:32],
)
def test_an_error_is_a_frame_and_the_connection_lives(service, room, sent, code):
    with service.room(room, name="ada") as client:
        client.send(sent)
        error = hear(client)
        assert (error["type"], error["code"]) == ("error", code)
        assert error["detail"].endswith((".", "}.", '"hi"}.'))
        say(client, text="still here")
        assert {hear(client)["type"], hear(client)["type"]} == {"ack", "message"}


def test_an_error_carries_the_reference_of_what_it_is_about(service, room):
    with service.room(room, name="ada") as client:
        say(client, text="x" * (TEXT_BYTES + 1), ref="long one")
        assert hear(client)["ref"] == "long one"


def test_who_has_no_name_is_asked_for_one(service, room):
    with service.room(room) as client:
        say(client, text="hi")
        assert hear(client)["code"] == "bad_author"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ws/rooms/-x", 400),
        ("/ws/rooms/%C3%BC", 400),
        ("/ws/rooms/" + "r" * 65, 400),
        ("/ws/rooms/r?after=-1", 400),
        ("/ws/rooms/r?after=x", 400),
        ("/ws/rooms/r?after=", 400),
        ("/ws/rooms/r?after=9007199254740992", 400),
        ("/ws/rooms/r?name=", 400),
        ("/ws/rooms/r?name=%00", 400),
        ("/ws/rooms/", 404),
        ("/ws/rooms/a/b", 404),
        ("/ws/nothing", 404),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(service, path, status):
    with pytest.raises(InvalidStatus) as caught:
        service.connect(path)
    assert caught.value.response.status_code == status
    assert caught.value.response.body.decode().endswith(".\n")


def test_an_idle_listener_stays(redis, log, room):
    """Silence is no fault: the subscription outlives time-outs of the client library that are far shorter."""
    service = Service(
        redis.url, DJANGO_SETTINGS_MODULE="tutorial.hasty", PYTHONPATH=str(Path(__file__).parent)
    )
    try:
        with service.room(room) as client:
            before = {each["id"] for each in log.redis.client_list("pubsub")}
            time.sleep(1.5)  # the silence is what is tested
            assert {each["id"] for each in log.redis.client_list("pubsub")} == before
            log.post(room, "web", "still there?")
            assert hear(client)["text"] == "still there?"
    finally:
        assert service.stop() == 0
