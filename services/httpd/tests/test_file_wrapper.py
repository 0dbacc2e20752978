"""wsgi.file_wrapper: what the kernel can send, it sends."""

import io
from pathlib import Path
from wsgiref.validate import validator

import pytest
from wsgi import GET, TYPE, first


class TestFileWrapper:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "file"
        path.write_bytes(b"0123456789" * 5000)
        return path

    @pytest.mark.parametrize(
        ("skip", "headers", "size"),
        [(0, [], 50000), (7, [], 49993), (0, [("Content-Length", "100")], 100), (50000, [], 0)],
    )
    def test_a_file(self, serve, path: Path, skip: int, headers, size: int) -> None:
        files = []

        def application(environ, start_response):
            file = path.open("rb")
            files.append(file)
            file.seek(skip)
            start_response("200 OK", [TYPE, *headers])
            return environ["wsgi.file_wrapper"](file, 1024)

        answer = first(serve(application, GET))
        assert answer.content == path.read_bytes()[skip : skip + size]
        assert answer.fields["content-length"] == str(size)
        assert files[0].closed

    def test_something_in_memory(self, serve) -> None:
        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 5000), 1024)

        answer = first(serve(validator(application), GET))
        assert (len(answer.content), answer.fields["transfer-encoding"]) == (5000, "chunked")

    def test_something_that_can_not_be_closed(self, serve) -> None:
        class Source:
            pieces = iter([b"one", b"two", b""])

            def read(self, size: int) -> bytes:  # noqa: ARG002 - as a file's
                return next(self.pieces)

        def application(environ, start_response):
            start_response("200 OK", [TYPE])
            return environ["wsgi.file_wrapper"](Source())

        assert first(serve(application, GET)).content == b"onetwo"
