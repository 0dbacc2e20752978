"""Static files: types, validators, ranges, and no way out of the folder."""

import os
from email.utils import formatdate
from pathlib import Path

import pytest
from httpd.request import Request
from httpd.site.files import SMALL, Files
from httpd.site.router import Router
from memory import Answered, connect, read_answers

DIGITS = b"0123456789"
MODIFIED = 784111777


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    (folder / "sub").mkdir(parents=True)
    (folder / "digits.txt").write_bytes(DIGITS)
    (folder / "large.bin").write_bytes(DIGITS * SMALL)
    (folder / "sub" / "page.html").write_text("<p>hi")
    (folder / "empty").write_bytes(b"")
    (folder / "caf\u00e9.css").write_text("a{}")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "in").symlink_to(folder / "digits.txt")
    (folder / "around").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "public-not").mkdir()
    (tmp_path / "public-not" / "secret").write_text("secret")
    os.utime(folder / "digits.txt", (MODIFIED, MODIFIED))
    return folder


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def ask(folder: Path, name: str, *fields: str, method: str = "GET") -> Answered:
    router = Router()
    files = Files(folder)

    @router.get("/{name:path}")
    def serve(request: Request):
        return files(request, request.parameters["name"])

    lines = "".join(line + "\r\n" for line in (f"{method} /{name} HTTP/1.1", "Host: a", *fields))
    before = descriptors()
    memory = connect(router).receive(lines.encode() + b"\r\n")
    memory.close()
    assert descriptors() == before
    (answer,) = read_answers(memory.sent, [method])
    return answer


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("digits.txt", "text/plain; charset=utf-8", DIGITS),
        ("sub/page.html", "text/html; charset=utf-8", b"<p>hi"),
        ("caf%C3%A9.css", "text/css; charset=utf-8", b"a{}"),
        ("large.bin", "application/octet-stream", DIGITS * SMALL),
        ("empty", "application/octet-stream", b""),
    ],
)
def test_what_there_is(folder: Path, name: str, kind: str, content: bytes) -> None:
    answer = ask(folder, name)
    assert (answer.status, answer.fields["content-type"], answer.content) == (200, kind, content)
    assert answer.fields["accept-ranges"] == "bytes"
    answer = ask(folder, name, method="HEAD")
    assert (answer.status, answer.fields["content-length"], answer.content) == (200, str(len(content)), b"")


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "sub",
        "sub/",
        "",
        "digits.txt/",
        "../secret",
        "sub/../../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "out",
        "in",
        "around/digits.txt",
        "pipe",
        "digits.txt%00",
        "%00",
        "/etc/passwd",
        "%2Fetc/passwd",
        "../public-not/secret",
        "a" * 300,
        "..\\secret",
        "....//secret",
    ],
)
def test_what_there_is_not(folder: Path, name: str) -> None:
    answer = ask(folder, name)
    assert answer.status == 404
    assert b"secret" not in answer.content


class TestConditions:
    @pytest.fixture
    def tag(self, folder: Path) -> str:
        return ask(folder, "digits.txt").fields["etag"]

    DATE = formatdate(MODIFIED, usegmt=True)
    EARLIER = formatdate(MODIFIED - 1, usegmt=True)

    def test_validators(self, folder: Path, tag: str) -> None:
        assert tag.startswith('"')
        assert ask(folder, "digits.txt").fields["last-modified"] == self.DATE
        os.utime(folder / "digits.txt", (MODIFIED + 1, MODIFIED + 1))
        assert ask(folder, "digits.txt").fields["etag"] != tag

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            (["If-None-Match: TAG"], 304),
            (["If-None-Match: *"], 304),
            (["If-None-Match: W/TAG"], 304),
            (['If-None-Match: "x", TAG'], 304),
            (['If-None-Match: "x"'], 200),
            (["If-Modified-Since: DATE"], 304),
            (["If-Modified-Since: EARLIER"], 200),
            (["If-Modified-Since: yesterday"], 200),
            (['If-None-Match: "x"', "If-Modified-Since: DATE"], 200),
            (["If-Match: TAG"], 200),
            (["If-Match: *"], 200),
            (['If-Match: "x"'], 412),
            (["If-Match: W/TAG"], 412),
            (["If-Unmodified-Since: DATE"], 200),
            (["If-Unmodified-Since: EARLIER"], 412),
            (["If-Match: TAG", "If-None-Match: TAG"], 304),
        ],
    )
    def test_preconditions(self, folder: Path, tag: str, fields: list[str], status: int) -> None:
        said = [
            field.replace("TAG", tag).replace("DATE", self.DATE).replace("EARLIER", self.EARLIER)
            for field in fields
        ]
        answer = ask(folder, "digits.txt", *said)
        assert answer.status == status
        if status == 304:
            assert answer.fields["etag"] == tag
            assert "content-length" not in answer.fields

    @pytest.mark.parametrize(
        ("wanted", "status", "part", "content"),
        [
            ("bytes=0-3", 206, "bytes 0-3/10", b"0123"),
            ("BYTES=0-3", 206, "bytes 0-3/10", b"0123"),
            ("bytes=7-", 206, "bytes 7-9/10", b"789"),
            ("bytes=-3", 206, "bytes 7-9/10", b"789"),
            ("bytes=-99", 206, "bytes 0-9/10", DIGITS),
            ("bytes=5-99", 206, "bytes 5-9/10", b"56789"),
            ("bytes=9-9", 206, "bytes 9-9/10", b"9"),
            ("bytes=10-", 416, "bytes */10", b""),
            ("bytes=-0", 416, "bytes */10", b""),
            ("bytes=3-2", 200, None, DIGITS),
            ("bytes=0-1,3-4", 200, None, DIGITS),
            ("bytes=", 200, None, DIGITS),
            ("lines=0-1", 200, None, DIGITS),
            ("bytes=a-b", 200, None, DIGITS),
        ],
    )
    def test_ranges(self, folder: Path, wanted: str, status: int, part: str | None, content: bytes) -> None:
        answer = ask(folder, "digits.txt", f"Range: {wanted}")
        assert (answer.status, answer.fields.get("content-range"), answer.content) == (status, part, content)

    def test_a_range_of_a_file_that_the_kernel_sends(self, folder: Path) -> None:
        answer = ask(folder, "large.bin", f"Range: bytes=5-{SMALL + 24}")
        assert (answer.status, answer.content) == (206, (DIGITS * SMALL)[5 : SMALL + 25])

    def test_a_range_is_for_get(self, folder: Path) -> None:
        assert ask(folder, "digits.txt", "Range: bytes=0-3", method="HEAD").status == 200

    @pytest.mark.parametrize(
        ("condition", "status"), [("TAG", 206), ('"x"', 200), ("W/TAG", 200), ("DATE", 206), ("EARLIER", 200)]
    )
    def test_if_range(self, folder: Path, tag: str, condition: str, status: int) -> None:
        said = condition.replace("TAG", tag).replace("DATE", self.DATE).replace("EARLIER", self.EARLIER)
        assert ask(folder, "digits.txt", "Range: bytes=0-3", f"If-Range: {said}").status == status
