"""How the servers of others are started."""

import sys

import pytest

from reliability import peers
from reliability.peers import PEERS
from reliability.victims import LISTENING as ABUSED
from reliability.victims import victim


@pytest.mark.parametrize("name", PEERS)
def test_a_command_is_complete(name, monkeypatch):
    monkeypatch.setattr(peers, "python_of", lambda group, home: home / group / "bin" / "python")
    words = PEERS[name].words()
    assert not [word for word in words if "{" in word]
    if PEERS[name].group:
        assert PEERS[name].group in words[0]
        assert "services/realtime" in PEERS[name].environment()["PYTHONPATH"]
    else:
        assert words[0].startswith(sys.prefix)
        assert PEERS[name].environment() == {}


@pytest.mark.parametrize(
    "line",
    [
        "listening on 127.0.0.1:5001\n",
        "[INFO] Listening at: http://127.0.0.1:5001 (12)",
        "[INFO] Listening at: http://127.0.0.1:5001\n",
        "Uvicorn running on http://127.0.0.1:5001 (Press CTRL+C to quit)",
        "uWSGI http bound on 127.0.0.1:5001 fd 4\n",
        "Listening on TCP address 127.0.0.1:5001\n",
    ],
)
def test_where_it_listens_is_read_from_what_it_says(line):
    assert ABUSED.search(line)[2] == "5001"


def test_one_that_can_not_be_installed_says_why(monkeypatch):
    def python_of(group, home):
        raise peers.LeftOut(f"{group} has no wheel")

    monkeypatch.setattr(peers, "python_of", python_of)
    with pytest.raises(peers.LeftOut, match="realtime-daphne has no wheel"), victim("daphne"):
        pass
