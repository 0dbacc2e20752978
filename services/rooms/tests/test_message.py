from datetime import UTC, datetime

from rooms import Message, Page


def test_a_message_on_the_wire():
    message = Message.stored(17, "ada", "hi", 1_700_000_000_007)
    assert message.time == datetime(2023, 11, 14, 22, 13, 20, 7000, tzinfo=UTC)
    assert message.as_json() == {
        "number": 17,
        "author": "ada",
        "text": "hi",
        "time": "2023-11-14T22:13:20.007Z",
    }


def test_a_page_on_the_wire():
    page = Page([Message.stored(3, "a", "b", 0)], last=4, missed=2)
    assert page.as_json() == {
        "messages": [{"number": 3, "author": "a", "text": "b", "time": "1970-01-01T00:00:00.000Z"}],
        "last": 4,
        "missed": 2,
    }
    assert page.oldest == 3
