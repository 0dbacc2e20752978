"""The picture's staircase."""

from itertools import pairwise

from web.ladder import RUNGS, Rung
from web.picture import NARROW, WIDE
from web.probes import UP, Answer

RUNGS_UP = [Rung(service, Answer(UP), None) for service in RUNGS]


def test_each_layer_is_added_once():
    added = [block.layer.kind for bar in WIDE.bars(RUNGS_UP) for block in bar.blocks if block.added]
    assert added == ["tcp", "http", "wsgi", "django", "asgi", "channels", "websocket"]


def test_bars_fit_the_pictures():
    assert max(bar.end for bar in WIDE.bars(RUNGS_UP)) <= 1056 - 40  # Redis stands there
    assert max(bar.end for bar in NARROW.bars(RUNGS_UP)) <= 328


def test_blocks_do_not_touch():
    for picture in (WIDE, NARROW):
        for bar in picture.bars(RUNGS_UP):
            for left, right in pairwise(bar.blocks):
                assert right.x - (left.x + left.width) == picture.gap
