"""The lessons' Markdown: what it becomes, and that nothing else gets through."""

from web.lessons.prose import blocks, inline, sections

FOLDER = "docs/lessons/01-greet"


def test_a_document_in_its_parts():
    text = "# A title\n\nIt begins.\n\n## One\n\nfirst\n\n## Two\n\nsecond\n"
    assert sections(text) == ("A title", "It begins.", {"One": "first", "Two": "second"})


def test_blocks():
    html = blocks("Two\nlines.\n\n- one\n  goes on\n- two\n\n```\n$ a < b\n\n```", FOLDER)
    assert html.split("\n", 2)[:2] == ["<p>Two lines.</p>", "<ul><li>one goes on</li><li>two</li></ul>"]
    assert '<pre class="code"><code>$ a &lt; b' in html


def test_emphasis_and_code():
    assert inline("**bold with `code`**, *so*", FOLDER) == (
        "<strong>bold with <code>code</code></strong>, <em>so</em>"
    )
    assert inline('`ALLOWED_HOSTS = ["*"]` and *x*', FOLDER) == (
        "<code>ALLOWED_HOSTS = [&quot;*&quot;]</code> and <em>x</em>"
    )


def test_a_link_into_the_site_and_one_into_the_repository():
    assert inline("[the lab](http://127.0.0.1:8080/lab/tcp/)", FOLDER) == '<a href="/lab/tcp/">the lab</a>'
    assert inline("[this](../../../services/tcp/tcp/protocols.py)", FOLDER) == (
        '<code class="path">services/tcp/tcp/protocols.py</code>'
    )
    assert "services/serving<" in inline("[x](../../../services/serving/README.md)", FOLDER)
    # Nobody else is linked, whatever the text looks like.
    assert "<a" not in inline("[x](http://127.0.0.1:8080.example/)", FOLDER)


def test_everything_else_is_text():
    assert inline("<b>&", FOLDER) == "&lt;b&gt;&amp;"
    assert inline("<b> `x` <i>", FOLDER) == "&lt;b&gt; <code>x</code> &lt;i&gt;"
    assert inline("`<b>`", FOLDER) == "<code>&lt;b&gt;</code>"
    assert "<script" not in inline('[<script>](http://127.0.0.1:8080/"><script>)', FOLDER)
