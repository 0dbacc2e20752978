"""Static files (RFC 9110 sections 8.8, 13 and 14): their type, their validators, parts of them.

The rule of this file: what is answered lies in the folder. A name that leads out of it, by ``..``, by a
link or by an odd character, names nothing.
"""

import mimetypes
import os
import re
import stat
from email.utils import formatdate, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path

from httpd.request import Request
from httpd.response import File, Response
from httpd.site.router import Problem

__all__ = ["Files"]

#: Up to here a file is read and sent with its head, in one go; a larger one goes to the kernel.
SMALL = 16 * 1024

#: The types that Python itself knows, and none that the machine adds: the same answer everywhere.
TYPES = mimetypes.MimeTypes()

# RFC 9110 section 14.1.2:  int-range = first-pos "-" [ last-pos ];  suffix-range = "-" suffix-length. One
# range only: a server "MAY ignore" the others, and many small ones are an attack (section 14.2).
RANGE = re.compile(r"(?i:bytes)=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")

ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


#: A link is not followed, wherever it leads: so there is no way out, and no moment in which one could be
#: made. A pipe that somebody put there does not keep us waiting.
FOLDER_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY
FILE_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

#: Segments of a path that name no file.
NO_NAMES = frozenset({"", ".", ".."})


class Files:
    """The files of one folder and those below it."""

    def __init__(self, folder: Path, max_age: int = 3600) -> None:
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # for as long as we live
        self._cache = f"max-age={max_age}"

    def __call__(self, request: Request, name: str) -> Response:
        """Answer GET or HEAD for the file called ``name``; raise ``Problem`` where there is none."""
        descriptor = self._open(name)
        close = partial(os.close, descriptor)
        try:
            status = os.fstat(descriptor)
            return self._answer(request, name, File(descriptor, 0, status.st_size, close), status)
        except BaseException:
            close()
            raise

    def _open(self, name: str) -> int:
        """Open a file of the folder, a step at a time and never through a link; the caller closes it."""
        *folders, last = name.split("/")
        if "\0" in name or not NO_NAMES.isdisjoint((*folders, last)):
            raise no_such_file()
        above = self._folder
        try:
            for folder in folders:
                below = os.open(folder, FOLDER_FLAGS, dir_fd=above)
                if above != self._folder:
                    os.close(above)
                above = below
            return os.open(last, FILE_FLAGS, dir_fd=above)
        except OSError as error:
            raise no_such_file() from error
        finally:
            if above != self._folder:
                os.close(above)

    def _answer(self, request: Request, name: str, file: File, status: os.stat_result) -> Response:
        if not stat.S_ISREG(status.st_mode):
            raise no_such_file()
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        modified = int(status.st_mtime)
        kind = TYPES.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        code = evaluate(request, tag, modified)
        if code is None:
            part = self._part(request, tag, modified, file.size)
            if part is None:
                response = send(file, 200, kind)
            elif part:
                size = file.size
                file.offset, file.size = part[0], part[1] - part[0] + 1
                response = send(file, HTTPStatus.PARTIAL_CONTENT, kind)
                response.add("Content-Range", f"bytes {part[0]}-{part[1]}/{size}")
            else:
                file.close()
                response = Response(b"", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "")
                return response.add("Content-Range", f"bytes */{file.size}")
        else:
            file.close()
            response = Response(b"", code, "")
        response.add("ETag", tag).add("Last-Modified", formatdate(modified, usegmt=True))
        response.add("Cache-Control", self._cache)
        return response.add("Accept-Ranges", "bytes")

    def _part(self, request: Request, tag: str, modified: int, size: int) -> tuple[int, ...] | None:
        """The octets that Range asks for, first and last;

        None for all of them, () for none that there are.
        """
        match = RANGE.fullmatch(request.field("range"))
        if match is None or request.method != "GET":
            return None
        condition = request.field("if-range")
        # RFC 9110 section 13.1.5: the strong comparison, and a date must be the very same.
        if condition and condition != tag and read_date(condition) != modified:
            return None
        first, last, suffix = match.groups()
        if suffix is not None:
            return (max(size - int(suffix), 0), size - 1) if int(suffix) and size else ()
        if int(first) >= size:
            return ()
        if last is not None and int(last) < int(first):
            return None  # section 14.1.1: such a range is invalid, and the field is ignored
        return int(first), min(int(last), size - 1) if last is not None else size - 1


def evaluate(request: Request, tag: str, modified: int) -> HTTPStatus | None:
    """Evaluate the preconditions, in the order of RFC 9110 section 13.2.2; None is "go on"."""
    must_match, since = request.field("if-match"), request.field("if-unmodified-since")
    if must_match:
        if must_match != "*" and tag not in re.findall(r'(?<!W/)("[^"]*")', must_match):
            return HTTPStatus.PRECONDITION_FAILED
    elif since and (date := read_date(since)) is not None and modified > date:
        return HTTPStatus.PRECONDITION_FAILED
    must_differ, since = request.field("if-none-match"), request.field("if-modified-since")
    if must_differ:
        if must_differ == "*" or tag in ENTITY_TAG.findall(must_differ):
            return HTTPStatus.NOT_MODIFIED
    elif since and (date := read_date(since)) is not None and modified <= date:
        return HTTPStatus.NOT_MODIFIED
    return None


def send(file: File, status: int, kind: str) -> Response:
    """Answer with a file: a small one at once."""
    if file.size > SMALL:
        return Response.send_file(file, status, kind)
    content = os.pread(file.descriptor, file.size, file.offset)
    file.close()
    return Response(content, status, kind)


def read_date(text: str) -> int | None:
    """Read an HTTP-date as seconds; None for anything else, which is then ignored."""
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError):
        return None


def no_such_file() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "There is no such file here.")
