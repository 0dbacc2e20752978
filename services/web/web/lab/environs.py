"""Several servers' environs of one request, row by row: what is the same, what differs, and who says why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from web.lab.server import Note

__all__ = ["GROUPS", "Group", "Row", "compare"]


@dataclass(frozen=True)
class Meaning:
    """What a variable is; and where a standard speaks of it, if not where PEP 3333 lists them all."""

    says: str
    section: str = ""


INPUT = "PEP 3333, Input and Error Streams"
EXTENSION = "PEP 3333, Server Extension APIs"

#: Not a variable, but what came of one.
READ = "wsgi.input.read()"

MEANINGS = {
    "REQUEST_METHOD": Meaning("The first word of the request-line."),
    "SCRIPT_NAME": Meaning("The part of the path under which the application is mounted; empty at the root."),
    "PATH_INFO": Meaning(
        "The rest of the path, its percent-encoding undone, each byte as one character of Latin-1: é, "
        "two bytes in UTF-8, is two characters here. What was %2F can no longer be told from a slash.",
        "PEP 3333, Unicode Issues",
    ),
    "QUERY_STRING": Meaning("What follows the question mark, as it came."),
    "CONTENT_TYPE": Meaning("The field of this name; CGI gives it no HTTP_. Some servers fill in a default."),
    "CONTENT_LENGTH": Meaning(
        "How much may be read. Chunks have no length: then it is missing, or empty, which is the same."
    ),
    "SERVER_NAME": Meaning("The server's own name, or its address. What the visitor typed is HTTP_HOST."),
    "SERVER_PORT": Meaning("As text. It differs because each of the four listens on a port of its own."),
    "SERVER_PROTOCOL": Meaning("The version in the request-line, not the one that the server answers with."),
    "REMOTE_ADDR": Meaning(
        "Who is at the other end of the connection: here this site, loopback.", "RFC 3875, 4.1.8"
    ),
    "REMOTE_HOST": Meaning(
        "The peer's name, where a server looks it up, or has a field for it at all.", "RFC 3875, 4.1.9"
    ),
    "REMOTE_PORT": Meaning("Not in CGI, but useful: which of the peer's connections this is.", EXTENSION),
    "GATEWAY_INTERFACE": Meaning("CGI's own version, a habit from its time.", "RFC 3875, 4.1.4"),
    "SERVER_SOFTWARE": Meaning("Who serves.", "RFC 3875, 4.1.17"),
    "HTTP_HOST": Meaning(
        "What the visitor typed. Where the target is absolute, its host counts instead.", "RFC 9112, 3.2.2"
    ),
    "HTTP_COOKIE": Meaning(
        "Two of them are joined by a semicolon; a comma makes one wrong cookie of two.", "RFC 9113, 8.2.3"
    ),
    "wsgi.version": Meaning("The contract's version. There has been one."),
    "wsgi.url_scheme": Meaning(
        "http or https. A proxy's X-Forwarded-Proto changes it only where the server trusts who sends it: "
        "Gunicorn trusts loopback unless it is told otherwise.",
        "PEP 3333, URL Reconstruction",
    ),
    "wsgi.input": Meaning(
        "An object with read(): the content. What sort of object is the server's business.", INPUT
    ),
    READ: Meaning(
        "What our application could read: all of it where that is safe, else what CONTENT_LENGTH says.",
        INPUT,
    ),
    "wsgi.errors": Meaning("Where an application writes what went wrong.", INPUT),
    "wsgi.multithread": Meaning(
        "May this application be called by two threads of this process at once?", "PEP 3333, Thread Support"
    ),
    "wsgi.multiprocess": Meaning(
        "May another process call the same application at the same time?", "PEP 3333, Thread Support"
    ),
    "wsgi.run_once": Meaning("True where a process serves one request and ends, as in CGI."),
    "wsgi.file_wrapper": Meaning(
        "Hands a file to the server, which can send it without reading it.",
        "PEP 3333, Optional Platform-Specific File Handling",
    ),
    "wsgi.input_terminated": Meaning(
        "Reading to the end is safe: an extension that makes chunks usable. Without it a length is needed.",
        EXTENSION,
    ),
}

#: What the rest of a group is, whose single names say it all.
PLAIN = Meaning("", "")

#: In place of the value of a variable of a process.
NOT_SHOWN = "(not shown)"


@dataclass(frozen=True)
class Row:
    """One variable: each server's name and its value there, None where it is missing."""

    name: str
    cells: list[tuple[str, str | None]]
    meaning: Meaning

    @property
    def differs(self) -> bool:
        """Whether the servers disagree."""
        return len({value for _, value in self.cells}) > 1


@dataclass(frozen=True)
class Group:
    """Variables of one kind, and what they have in common."""

    title: str
    meaning: Meaning
    rows: list[Row]


GROUPS = {
    "The request": Meaning("The names are CGI's.", "PEP 3333, environ Variables; RFC 3875, 4.1"),
    "Field lines": Meaning(
        "Upper case, each hyphen an underscore, HTTP_ before it. Two of a name are joined by a comma.",
        "PEP 3333, environ Variables; RFC 3875, 4.1.18",
    ),
    "The contract": Meaning("What a server promises to every application.", "PEP 3333, environ Variables"),
    "The servers' own": Meaning("Under names that no other server uses by accident.", EXTENSION),
    "Their processes'": Meaning(
        "What the server's process was started with, in one dictionary with what a stranger sent.",
        "PEP 3333, environ Variables",
    ),
}


def compare(notes: Mapping[str, Note]) -> list[Group]:
    """Put the notes of several servers side by side, by the servers' names."""
    environs = {server: {**note.environ, READ: repr(note.content)[1:]} for server, note in notes.items()}
    process = frozenset().union(*(note.process for note in notes.values()))
    *_, processes = GROUPS
    groups: dict[str, list[Row]] = {title: [] for title in GROUPS}
    for name in names(environs.values()):
        title, meaning = kind(name, process)
        cells = [(server, environ.get(name)) for server, environ in environs.items()]
        if title == processes:
            # What such a variable holds is nobody's business here: that it is there is the point.
            cells = [(server, value and NOT_SHOWN) for server, value in cells]
        groups[title].append(Row(name, cells, meaning))
    return [Group(title, GROUPS[title], rows) for title, rows in groups.items() if rows]


def names(environs: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Return every name once: those with a meaning in its order, then the others by alphabet."""
    every = {name for environ in environs for name in environ}
    yield from (name for name in MEANINGS if name in every)
    yield from sorted(every.difference(MEANINGS))


def kind(name: str, process: frozenset[str]) -> tuple[str, Meaning]:
    """Return the group that a variable belongs to, and what it means."""
    request, fields, contract, own, processes = GROUPS
    if name.startswith("HTTP_"):
        return fields, MEANINGS.get(name, PLAIN)
    if name in MEANINGS:
        return (contract if name.startswith("wsgi.") else request), MEANINGS[name]
    return (processes if name in process else own), PLAIN
