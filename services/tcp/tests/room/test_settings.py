"""What can be set, and what is said about what can't be; who needs what."""

import subprocess
import sys

import pytest
from tcp.__main__ import main
from tcp.room.settings import Settings

ROOM = ["--listen", "127.0.0.1:0", "--protocol", "room"]


def test_nothing_set_is_all_right():
    assert Settings.read({}) == Settings.read({"TCP_ROOMS": "", "REDIS_URL": " "}) == Settings()


def test_what_is_set_is_taken():
    settings = Settings.read({"REDIS_URL": "redis://redis:6379/0", "TCP_BEHIND": "7", "ROOM_HISTORY": "9"})
    assert (settings.redis_url, settings.behind, settings.remembered) == ("redis://redis:6379/0", 7, 9)


def test_who_may_say_much_a_second_may_say_it_at_once():
    assert Settings.read({"TCP_POSTS_A_SECOND": "1"}).burst == 100
    assert Settings.read({"TCP_POSTS_A_SECOND": "500"}).burst == 500


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://"),
        ("TCP_ROOMS", "0"),
        ("TCP_BEHIND", "-1"),
        ("TCP_POSTS_A_SECOND", "many"),
        ("ROOM_HISTORY", "9" * 5000),
    ],
)
def test_what_can_not_be_is_named(name, value, capsys):
    with pytest.raises(SystemExit) as end:
        main(ROOM, {name: value})
    assert end.value.code == 2
    assert f"error: {name} is " in capsys.readouterr().err


WITHOUT = (
    "import sys; sys.modules[sys.argv.pop(1)] = None; from tcp.__main__ import main; main(sys.argv[1:], {})"
)


@pytest.mark.parametrize("missing", ["redis", "rooms"])
def test_without_what_it_needs_it_says_so(missing):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, missing, *ROOM],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert f"the room needs {missing}, which is not installed; install" in done.stderr


def test_the_other_protocols_need_none_of_it():
    program = (
        "import sys; sys.modules['redis'] = sys.modules['rooms'] = None\n"
        "import tcp.__main__, tcp.check, tcp.client, tcp.protocols"
    )
    subprocess.run([sys.executable, "-c", program], timeout=20, check=True)
