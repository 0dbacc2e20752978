"""A frame as the page draws it: a box for each part, with the bits, what they mean, and the section."""

from collections.abc import Iterator
from dataclasses import dataclass

from web.lab.frame import CLOSE, TEXT, Frame

__all__ = ["Box", "boxes", "summary"]

#: Bytes of a payload that are shown.
MOST_SHOWN = 48

#: Characters of a text that are shown.
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Box:
    """One part of a frame."""

    kind: str
    label: str
    value: str
    means: str
    section: str = "RFC 6455, 5.2"


def boxes(frame: Frame) -> Iterator[Box]:
    """Return the parts in the order in which they stand on the wire."""
    yield Box("fin", "FIN", f"{frame.final:b}", "the last frame" if frame.final else "more to come")
    yield Box("rsv", "RSV1-3", f"{frame.reserved:03b}", "reserved" if frame.reserved else "no extension")
    yield Box("opcode", "opcode", f"{frame.opcode:04b}", frame.name, "RFC 6455, 5.2 and 11.8")
    yield Box(
        "mask", "MASK", "1" if frame.mask else "0", "masked" if frame.mask else "as it is", "RFC 6455, 5.3"
    )
    yield Box("length", "length", f"{frame.data[1] & 0x7F:07b}", short_length(frame))
    if frame.extended:
        yield Box("length", "extended length", frame.extended.hex(" "), f"{frame.length:,} bytes")
    if frame.mask:
        yield Box("key", "masking key", frame.mask.hex(" "), "four random bytes", "RFC 6455, 5.3")
    if frame.length and frame.mask:
        on_wire = frame.data[len(frame.data) - frame.length :]
        yield Box(
            "payload", "payload, masked", shown(on_wire), "each byte XOR one of the key's", "RFC 6455, 5.3"
        )
    yield from meaning(frame)


def short_length(frame: Frame) -> str:
    """Say what the seven bits mean."""
    short = frame.data[1] & 0x7F
    if frame.extended:
        return f"{short}: it is in the next {len(frame.extended)} bytes"
    return f"{short} byte{'' if short == 1 else 's'}"


def meaning(frame: Frame) -> Iterator[Box]:
    """Return what the payload is."""
    if frame.code is not None:
        yield Box(
            "code",
            "close code",
            frame.payload[:2].hex(" "),
            f"{frame.code}: {frame.code_means}",
            "RFC 6455, 7.4",
        )
    rest = frame.payload[2:] if frame.code is not None else frame.payload
    if rest:
        label = "reason" if frame.code is not None else "payload"
        yield Box("payload", label, shown(rest), quoted(frame) or "bytes", "RFC 6455, 5.6")


def shown(data: bytes) -> str:
    """Return bytes in hexadecimal, as many as are worth reading."""
    more = len(data) - MOST_SHOWN
    return data[:MOST_SHOWN].hex(" ") + (f" … {more:,} more" if more > 0 else "")


def quoted(frame: Frame) -> str:
    """Return the payload as text, if it is meant to be that or happens to be."""
    text = frame.text
    if text is None or not (frame.opcode in (TEXT, CLOSE) or text.isprintable()):
        return ""
    return f"“{text[:MOST_CHARACTERS]}{'…' if len(text) > MOST_CHARACTERS else ''}”"


def summary(frame: Frame) -> str:
    """Return the frame in a few words."""
    if frame.opcode == CLOSE:
        return (
            f"close, {frame.code}: {frame.code_means}" if frame.code is not None else "close, without a code"
        )
    whole = "" if frame.final else ", more to come"
    return f"{frame.name}, {frame.length:,} byte{'' if frame.length == 1 else 's'}{whole}"
