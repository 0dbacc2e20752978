"""The corpus: raw requests in files, each with what is expected of them.

A file has comments, the octets with escapes (a new line in the file is none on the wire), a line ``---``,
and what is expected: for each request its method, its target and its content, with ``closes`` if its answer
ends the connection; below a request, fields of it that matter; at the end, for an invalid one, the status
of the refusal.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


@dataclass
class Expected:
    method: str
    target: str
    content: bytes
    closes: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Case:
    name: str
    octets: bytes
    requests: list[Expected]
    refusal: int | None

    def __str__(self) -> str:
        return self.name


def read_bytes(literal: str) -> bytes:
    return ast.literal_eval("b" + literal)


def read_case(path: Path) -> Case:
    lines = path.read_text().split("\n")
    end = lines.index("---")
    octets = "".join(line for line in lines[:end] if not line.startswith("# "))
    case = Case(
        f"{path.parent.name}/{path.stem}",
        octets.encode().decode("unicode_escape").encode("latin-1"),
        [],
        None,
    )
    for line in filter(None, lines[end + 1 :]):
        if line.isdigit():
            case.refusal = int(line)
        elif line.startswith("field "):
            _, name, value = line.split(" ", 2)
            case.requests[-1].fields[name] = read_bytes(value).decode("latin-1")
        else:
            method, target, rest = line.split(" ", 2)
            closes = rest.endswith(" closes")
            content = read_bytes(rest.removesuffix(" closes"))
            target = target.encode().decode("unicode_escape")
            case.requests.append(Expected(method, target, content, closes))
    return case


def cases(kind: str) -> list[Case]:
    return [read_case(path) for path in sorted((FOLDER / kind).glob("*.txt"))]


VALID = cases("valid")
INVALID = cases("invalid")
