"""The lessons' pages."""

import pytest
from django.test import Client
from web.lessons.shelf import lessons
from web.lessons.transcript import Line, lines

SLUGS = [lesson.slug for lesson in lessons()]


def test_each_program_of_the_tutorials_has_one():
    assert SLUGS == [
        "greet", "one-visitor", "message-received", "http-by-hand", "get-and-post", "bytes-and-str",
        "wsgiref", "werkzeug", "two-halves", "django-hello", "start-tcp-server", "websocket-views",
        "polling-and-comet",
    ]  # fmt: skip


def test_the_list_leads_to_each():
    page = Client().get("/lessons/")
    assert page.status_code == 200
    for lesson in lessons():
        assert f'href="/lessons/{lesson.slug}/"' in page.content.decode()
        assert lesson.idea in page.content.decode()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lesson_is_whole(slug):
    lesson = next(lesson for lesson in lessons() if lesson.slug == slug)
    page = Client().get(f"/lessons/{slug}/").content.decode()
    assert lesson.idea.endswith(".")
    assert len(lesson.idea) > 15
    assert lesson.programs
    assert lesson.capture
    assert all(program.source in page for program in lesson.programs)
    for part in (lesson.introduction, lesson.run, lesson.wrong, lesson.here):
        assert part in page
        # No mark of the text's own is left: the pages know all of Markdown that the lessons use.
        assert not any(mark in part.replace("&quot;*&quot;", "") for mark in ("**", "](", "\n#", "~~"))
    assert "<strong>" in lesson.wrong
    assert 'class="path"' in lesson.here


def test_the_greeting_is_the_originals():
    assert "欢迎使用Layercake系统" in Client().get("/lessons/greet/").content.decode()


def test_they_lead_from_one_to_the_next():
    first, second, *_, last = (Client().get(f"/lessons/{slug}/").content.decode() for slug in SLUGS)
    assert 'rel="prev"' not in first
    assert f'rel="next" href="/lessons/{SLUGS[1]}/"' in first
    assert f'rel="prev" href="/lessons/{SLUGS[0]}/"' in second
    assert 'rel="next"' not in last


def test_one_that_is_not_there():
    assert Client().get("/lessons/nothing/").status_code == 404


def test_without_the_folder_the_page_says_what_is_missing(settings, tmp_path):
    settings.LESSONS_DIR = tmp_path
    lessons.cache_clear()
    try:
        assert "LESSONS_DIR" in Client().get("/lessons/").content.decode()
    finally:
        lessons.cache_clear()


def test_who_says_what_in_a_capture():
    text = "$ python x.py\nanna connects\n# a remark\nValueError: no\nanna is here\n(the program has ended)"
    assert lines(text) == [
        Line("command", "$ python x.py"),
        Line("visitor", "connects", "anna"),
        Line("remark", "a remark"),
        Line("fault", "ValueError: no"),
        Line("printed", "anna is here"),
        Line("remark", "(the program has ended)"),
    ]
