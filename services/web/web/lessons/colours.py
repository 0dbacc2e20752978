"""A Python program's tokens, by what they are, so that the stylesheet can give them colours."""

import io
import keyword
import tokenize
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

__all__ = ["coloured"]

#: A token's kind, by the name that tokenize has for it. A text with values in it comes in pieces since 3.12.
KINDS = {
    "COMMENT": "comment",
    "STRING": "string",
    "FSTRING_START": "string",
    "FSTRING_MIDDLE": "string",
    "FSTRING_END": "string",
    "NUMBER": "number",
}


def coloured(source: str) -> SafeString:
    """Return the program as HTML, every character of it where it was."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="t-{}">{}</span>', kind, text) if kind else text,)
            for kind, text in pieces(source)
        ),
    )


def pieces(source: str) -> Iterator[tuple[str, str]]:
    """Yield each piece with its kind; what lies between tokens has none."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    done = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1] if token.end[0] <= len(lines) else len(source)
        kind = KINDS.get(tokenize.tok_name[token.type], "")
        if not kind and token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kind = "keyword"
        if kind and end > start >= done:
            yield "", source[done:start]
            yield kind, source[start:end]
            done = end
    yield "", source[done:]
