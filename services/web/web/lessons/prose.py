"""The lessons' README files as HTML: as much of Markdown as they use, and everything else escaped.

They are written for a reader of the repository, where a link leads to a file. Here a file is named, and what
the site itself serves is linked.
"""

import posixpath
import re
from collections.abc import Iterator

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

__all__ = ["SITE", "blocks", "inline", "sections"]

#: Where a lesson's README has the site: what follows is a path here, whatever the host and port are.
SITE = "http://127.0.0.1:8080"

INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>.+?)\*\*"
    r"|\*(?P<em>[^*]+)\*"
    r"|\[(?P<label>[^\]]+)\]\((?P<href>[^)]+)\)"
)


def sections(text: str) -> tuple[str, str, dict[str, str]]:
    """Return a document's title, what comes before its first section, and each section by its heading."""
    start, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, introduction = start.removeprefix("# ").partition("\n")
    parts = (part.partition("\n") for part in rest)
    return title.strip(), introduction.strip(), {head.strip(): body.strip() for head, _, body in parts}


def blocks(text: str, folder: str) -> SafeString:
    """Return paragraphs, lists and blocks of code as HTML; ``folder`` is where relative links start."""
    return format_html_join("\n", "{}", ((block,) for block in each_block(text, folder)))


def each_block(text: str, folder: str) -> Iterator[SafeString]:
    for part in re.split(r"\n{2,}", text):
        if part.startswith("```"):
            yield format_html('<pre class="code"><code>{}</code></pre>', part.strip("`").strip("\n"))
        elif part.startswith("- "):
            items = re.split(r"^- ", part, flags=re.MULTILINE)[1:]
            yield format_html(
                "<ul>{}</ul>",
                format_html_join("", "<li>{}</li>", ((inline(item, folder),) for item in items)),
            )
        elif part:
            yield format_html("<p>{}</p>", inline(part, folder))


def inline(text: str, folder: str) -> SafeString:
    """Return a line's code, emphasis and links as HTML. What is none of these is text."""
    html, end = [], 0
    text = " ".join(text.split())
    for found in INLINE.finditer(text):
        html += [escape(text[end : found.start()]), element(found, folder)]
        end = found.end()
    return mark_safe("".join([*html, escape(text[end:])]))  # noqa: S308 (each piece is escaped or ours)


def element(found: re.Match[str], folder: str) -> SafeString:
    if found["href"]:
        return link(found["label"], found["href"], folder)
    if found["code"]:
        return format_html("<code>{}</code>", found["code"])
    if found["strong"]:
        return format_html("<strong>{}</strong>", inline(found["strong"], folder))
    return format_html("<em>{}</em>", inline(found["em"], folder))


def link(label: str, href: str, folder: str) -> SafeString:
    """Link what the site serves; of a file in the repository say where it lies."""
    if href.startswith(f"{SITE}/"):
        return format_html('<a href="{}">{}</a>', href.removeprefix(SITE), inline(label, folder))
    path = posixpath.normpath(posixpath.join(folder, href))
    for name in ("/README.md", "/__init__.py"):
        path = path.removesuffix(name)
    return format_html('<code class="path">{}</code>', path)
