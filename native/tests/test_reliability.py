"""What stands on reliability's command lines: the variables that a person has set."""

import pytest

from native.reliability import arguments


def test_what_is_set_becomes_arguments():
    environ = {"SERVICE": "tcp httpd", "ATTACK": "slow heads", "PEERS": "1", "MINUTES": "3"}
    assert arguments("abuse", environ) == ["tcp", "httpd", "--attack", "slow heads", "--peers"]
    assert arguments("abuse", {"RECORD": "1"}) == arguments("chaos", {"RECORD": "1"}) == ["--record"]
    assert arguments("soak", environ) == ["--minutes", "3"]


@pytest.mark.parametrize("value", ["", "0"])
def test_a_switch_that_is_off(value):
    assert arguments("soak", {"RECORD": value}) == []
