"""A WebSocket conversation frame by frame: each with the moment in which its last byte went or came."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from web.lab.bits import Box, boxes, summary
from web.lab.client import switched
from web.lab.conversation import Conversation, Way
from web.lab.dump import rows
from web.lab.frame import CLOSE, Frame, frames
from web.lab.handshake import Handshake, head_end

__all__ = ["Film", "Picture"]


@dataclass(frozen=True)
class Picture:
    """One line of the film: a note, a frame, or bytes that are none."""

    order: int  # of the moment in the conversation
    microseconds: int
    way: Way
    note: str = ""
    frame: Frame | None = None
    rest: bytes = b""

    @property
    def summary(self) -> str:
        """The frame in a few words."""
        return summary(self.frame) if self.frame else ""

    @property
    def boxes(self) -> list[Box]:
        """The frame's parts."""
        return list(boxes(self.frame)) if self.frame else []

    @property
    def hex(self) -> str:
        """The frame's first bytes."""
        return (
            self.frame.data[:16].hex(" ") + (" …" if len(self.frame.data) > 16 else "") if self.frame else ""
        )

    @property
    def rows(self) -> list[object]:
        """The bytes that are no frame, as a dump."""
        return list(rows(self.rest[:64]))


@dataclass
class Film:
    """A conversation that began with this handshake."""

    talk: Conversation
    handshake: Handshake = field(init=False)
    opened: bool = field(init=False)
    request: bytes = b""

    def __post_init__(self) -> None:
        received = self.talk.received
        end = head_end(received)
        head = received[:end]
        self.opened = end is not None and switched(head)
        self.handshake = Handshake(self.request, head if self.opened else received)

    @property
    def close(self) -> Frame | None:
        """The server's close frame."""
        return next(
            (
                picture.frame
                for picture in self.pictures()
                if picture.way == "in" and picture.frame and picture.frame.opcode == CLOSE
            ),
            None,
        )

    def pictures(self) -> list[Picture]:
        """Return everything that happened, in order."""
        notes = [
            Picture(order, moment.microseconds, "note", note=moment.note)
            for order, moment in enumerate(self.talk.moments)
            if moment.way == "note"
        ]
        if not self.opened:
            return notes
        sent = self.direction("out", len(self.request))
        came = self.direction("in", len(self.handshake.received))
        return sorted([*notes, *sent, *came], key=lambda picture: picture.order)

    def direction(self, way: Way, start: int) -> Iterator[Picture]:
        """Return the frames of one direction, whose handshake was so many bytes."""
        ends: list[int] = []
        moments: list[int] = []
        place = 0
        for order, moment in enumerate(self.talk.moments):
            if moment.way == way:
                place += len(moment.data)
                ends.append(place)
                moments.append(order)
        data = b"".join(self.talk.moments[order].data for order in moments)[start:]
        found, rest = frames(data, from_client=way == "out")
        at = start
        yield self.picture(
            moments[bisect_left(ends, start)], way, note=f"the opening handshake, {start} bytes"
        )
        for frame in found:
            at += len(frame.data)
            yield self.picture(moments[bisect_left(ends, at)], way, frame=frame)
        if rest:
            yield self.picture(moments[-1], way, rest=rest)

    def picture(self, order: int, way: Way, **what: Any) -> Picture:  # noqa: ANN401 (a picture's own fields)
        """Return the picture of something that happened in this moment."""
        return Picture(order, self.talk.moments[order].microseconds, way, **what)
