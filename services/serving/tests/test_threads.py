"""A thread for each: begun without waiting for it, and reported when it fails."""

import sys
import threading

import pytest
from serving import threads
from serving.threads import begin


def test_who_begins_a_thread_does_not_wait_for_its_first_turn(until):
    done = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)  # nobody gets a turn as long as we do not wait for anything
    try:
        begin(done.append, 1)
        assert not done
    finally:
        sys.setswitchinterval(interval)
    until(lambda: done)


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, KeyboardInterrupt])
def test_what_ends_a_thread_is_reported_as_of_any_other(until, monkeypatch, error):
    def fail(text):
        raise error(text)

    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    begin(fail, "on purpose")
    until(lambda: seen)
    assert seen[0].exc_type is error
    assert str(seen[0].exc_value) == "on purpose"
    assert seen[0].exc_traceback.tb_next.tb_frame.f_code is fail.__code__


@pytest.mark.models("threads")
def test_who_comes_when_there_can_be_no_more_threads_is_reset(serve, until, take, recorder, monkeypatch):
    def fail(*_):
        raise RuntimeError("can't start new thread")

    house = serve(recorder)
    with monkeypatch.context() as patch:
        patch.setattr(threads, "start_new_thread", fail)
        with pytest.raises(ConnectionResetError):
            house.connect().recv(1)
        until(lambda: house.counted("starved") and not house.counted("open"))
    peer = house.connect()
    peer.sendall(b"two")
    assert take(peer, 3) == b"two"
    assert '"starved", "reason": "can\'t start new thread"' in house.text.getvalue()
