"""The programs' colours: every character stays where it was."""

import html
import re

import pytest
from web.lessons.colours import coloured
from web.lessons.shelf import lessons
from web.settings import LESSONS_DIR

PROGRAMS = [
    (lesson, program, LESSONS_DIR / lesson.folder.rpartition("/")[2] / program.path)
    for lesson in lessons()
    for program in lesson.programs
]


@pytest.mark.parametrize(("program", "path"), [(program, path) for _, program, path in PROGRAMS])
def test_nothing_is_lost(program, path):
    assert html.unescape(re.sub(r"</?span[^>]*>", "", program.source)) == path.read_text("utf-8")


def test_the_kinds():
    source = 'for x in "a<b":  # so\n    print(1, f"{x}!")\n'
    assert coloured(source).startswith(
        '<span class="t-keyword">for</span> x <span class="t-keyword">in</span> '
        '<span class="t-string">&quot;a&lt;b&quot;</span>:  <span class="t-comment"># so</span>\n'
    )
    assert '<span class="t-number">1</span>' in coloured(source)
    assert 't-string">f&quot;' in coloured(source)
