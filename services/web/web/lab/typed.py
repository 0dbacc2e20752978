r"""What a visitor typed, as bytes: text, text with escapes such as ``\r`` and ``\x00``, or hexadecimal."""

import re

from web.lab.problem import BadInput

__all__ = ["escaped", "from_hex", "plain"]

#: One escape, or what looks like one and isn't.
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[nrt0\\]|.|$)", re.DOTALL)
MEANING = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


def plain(text: str) -> bytes:
    """Return the text in UTF-8, with the line breaks that a terminal would send.

    A browser sends a form's line breaks as CR LF, whatever key was pressed.
    """
    return encoded(text.replace("\r\n", "\n"))


def encoded(text: str) -> bytes:
    """Return the text in UTF-8; half a surrogate pair, which is no character, is refused."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadInput("The text holds half a surrogate pair, which is no character.") from None


def from_hex(text: str) -> bytes:
    """Return the bytes that pairs of hexadecimal digits mean; blanks and colons may stand between them."""
    digits = re.sub(r"[\s:]|0x", "", text)
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", digits):
        raise BadInput("Hex is pairs of the digits 0 to 9 and a to f, such as 48 69 0a.")
    return bytes.fromhex(digits)


def escaped(text: str) -> bytes:
    """Return the text in UTF-8, its escapes replaced. A line break that was typed is CR LF, as in HTTP."""

    def meaning(match: re.Match[bytes]) -> bytes:
        word = match[1]
        if word[:1] == b"x" and len(word) == 3:
            return bytes.fromhex(word[1:].decode("ascii"))
        if word not in MEANING:
            raise BadInput(r"A backslash begins \r, \n, \t, \0, \xHH or \\; nothing else.")
        return MEANING[word]

    lines = encoded(text).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return ESCAPE.sub(meaning, lines)
