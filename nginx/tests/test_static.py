"""Static files: served by nginx itself, and kept by browsers as long as their name allows."""

import gzip

import pytest
from door.client import ask

STYLE = b"body { color: black }\n" * 100
HASHED = "style.0123456789ab.css"


@pytest.fixture(autouse=True, scope="module")
def collected(door):
    """What `web` collects: each file under two names, and a compressed copy of both."""
    for name in ("style.css", HASHED):
        (door.static / "site").mkdir(exist_ok=True)
        (door.static / "site" / name).write_bytes(STYLE)
        (door.static / "site" / f"{name}.gz").write_bytes(gzip.compress(STYLE, mtime=0))


def test_a_name_with_a_hash_is_kept_for_a_year(get):
    answer = get(f"/static/site/{HASHED}")
    assert (answer.status, answer.content) == (200, STYLE)
    assert answer.fields("Cache-Control") == ["public, max-age=31536000, immutable"]
    assert answer.fields("Content-Type") == ["text/css; charset=utf-8"]


def test_a_plain_name_is_asked_for_again(get):
    answer = get("/static/site/style.css")
    assert answer.fields("Cache-Control") == ["no-cache"]
    (tag,) = answer.fields("ETag")
    assert get("/static/site/style.css", If_None_Match=tag).status == 304


def test_the_compressed_copy_for_those_who_ask(get):
    answer = get(f"/static/site/{HASHED}", Accept_Encoding="gzip")
    assert answer.fields("Content-Encoding") == ["gzip"]
    assert answer.fields("Vary") == ["Accept-Encoding"]
    assert gzip.decompress(answer.content) == STYLE
    assert get(f"/static/site/{HASHED}").fields("Vary") == ["Accept-Encoding"]


def test_a_missing_file_is_not_kept(get):
    answer = get("/static/site/gone.0123456789ab.css")
    assert answer.status == 404
    assert answer.fields("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    "target",
    [
        *(
            "/static/",
            "/static/site",
            "/static/../log",
            "/static/%2e%2e/log",
            "/static/..%2flog",
            "/static../log",
        ),
        *(
            "/static/%2e%2e%2flog",
            "/static/.%2e/log",
            "/static/site/../../log",
            "/static/site/%2e%2e/%2e%2e/log",
        ),
        *(
            "/static/..%5clog",
            "/static/..%c0%aflog",
            "/static/%252e%252e/log",
            "/static/..;/log",
            "/static//../log",
        ),
        *(
            "/static/%00",
            "/static/..%00/log",
            "/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/static//etc/passwd",
        ),
        *("/static/./../log", "/static/%u002e%u002e/log", "/static/....//log", "/static/..%2e/log"),
    ],
)
def test_nothing_but_files_and_nothing_outside(door, target):
    assert door.log.stat().st_size  # what lies one above: it is there to be found
    answer = ask(door.port(), "GET", target)
    if answer.status == 200:  # what is left of such a path, normalised, is the site's
        assert answer.said["service"] == "web"
    else:
        assert answer.status in {301, 400, 403, 404}


def test_no_list_of_files(get):
    for target in ("/static/", "/static/site/"):
        answer = get(target)
        assert answer.status in {403, 404}
        assert b"style.css" not in answer.content


def test_files_are_read_only(door):
    assert ask(door.port(), "POST", f"/static/site/{HASHED}", b"x").status == 405
    assert ask(door.port(), "PUT", f"/static/site/{HASHED}", b"x").status == 405
