"""Against h11 and httptools: where we differ it is known why; and where both take a message, both read the same one.

For smuggling it is enough that two readers in a row understand one message differently. So the differences are a
table, each with its reason, and a new one fails the test.
"""

import pytest
from corpus import INVALID, VALID
from differential import Reading, read_h11, read_httptools, read_ours
from hypothesis import given
from hypothesis import strategies as st
from test_head import fields

#: Reason, and the cases of the corpus in which h11 (first) and httptools (second) differ from us for it.
DIFFERENCES: list[tuple[str, str, str]] = [
    # --- they are stricter
    ("RFC 9110 lets any token be a method; llhttp knows a list of them", "", "any-token-is-a-method lower-case-method"),
    ("RFC 9110 section 2.5: a minor version that is higher is read as the highest one knows", "", "http-1.9"),
    (
        "RFC 9112 section 6.3 lets equal lengths be merged, and 1*DIGIT lets zeros lead",
        "content-length-leading-zeros content-length-repeated",
        "content-length-repeated",
    ),
    ("RFC 9112 section 2.2: empty lines in front are skipped", "empty-lines-first four-empty-lines", ""),
    ("h11 does not keep HTTP/1.0 connections alive", "http-1.0-keep-alive", ""),
    ("after Connection: close we read no more; llhttp reads, and refuses what comes", "", "nothing-after-close"),
    ("a framing field as a trailer is dropped with the other trailers; llhttp refuses it", "", "trailers"),
    # --- they take what the standard lets a reader take, and we do not
    ("RFC 9112 section 2.2: a lone LF may end a line", "bare-lf bare-lf-in-fields lf-cr chunk-end-lf chunk-trailer-lf", ""),
    ("RFC 9112 section 5.2: a folded line may be unfolded", "obs-fold obs-fold-with-tab chunk-trailer-fold", ""),
    (
        "RFC 9112 section 6.3 rule 3: Transfer-Encoding may override Content-Length",
        "content-length-and-transfer-encoding transfer-encoding-and-content-length",
        "",
    ),
    ("RFC 9112 section 5.6.1 of 9110: empty elements of a list may be ignored", "", "transfer-encoding-empty-element"),
    # --- they take what the standard refuses
    ("control characters in a value", "control-in-value delete-in-value", ""),
    ("two spaces in a request-line", "", "two-spaces"),
    ("HTTP/0.9 is answered by llhttp", "", "http-0.9"),
    ("other versions than 1.x", "http-0.8 http-2.0 http-2-preface after-a-good-one", "http-2.0"),
    ("Transfer-Encoding in HTTP/1.0 is faulty framing", "transfer-encoding-in-1.0", "transfer-encoding-in-1.0"),
    ("chunked is not the last coding: the end can't be known", "", "transfer-encoding-gzip"),
    ("Host: they leave to the application whether it is there, once",
     "", "host-missing host-missing-with-absolute-form host-twice host-twice-the-same host-twice-in-1.0"),
    ("Host: they leave to the application what is in it",
     "host-bad-percent host-half-a-bracket host-list host-octets-above-127 host-port-no-number host-with-path host-with-user",
     "host-bad-percent host-half-a-bracket host-list host-octets-above-127 host-port-no-number host-with-path host-with-user"),
    ("request-target: they leave its four forms to the application",
     "target-asterisk-with-get target-authority-with-get target-other-scheme target-with-fragment target-with-user"
     " target-without-host target-without-slash",
     "target-asterisk-with-get target-other-scheme target-with-fragment target-with-user target-without-host"),
    ("CONNECT makes both of them stop reading HTTP", "", "connect-with-path connect-without-port"),
    ("the expectation is left to the application", "expectation-unknown", "expectation-unknown"),
    ("chunk extensions: h11 does not look at them, llhttp only a little",
     "chunk-extension-cr chunk-extension-empty chunk-extension-no-value chunk-extension-nul chunk-extension-quote-open",
     "chunk-extension-no-value"),
    ("white space after a chunk's size, which old servers wrote", "chunk-size-space-after", ""),
    # --- limits of ours
    ("limits: theirs are others, or none",
     "chunk-extension-never-ends chunk-extension-too-long chunk-size-of-a-machine-word chunk-size-too-many-digits"
     " chunk-too-large content-length-overflow content-length-too-large fields-too-many method-never-ends"
     " request-line-never-ends request-line-too-long",
     "chunk-extension-never-ends chunk-extension-too-long chunk-size-of-a-machine-word chunk-size-too-many-digits"
     " chunk-too-large content-length-too-large empty-lines-too-many fields-too-many request-line-never-ends"
     " request-line-too-long"),
    ("h11 refuses a line when it is complete, we as soon as it can't become one", "only-a-word chunk-size-lf", ""),
]  # fmt: skip


@pytest.mark.parametrize(("read", "column"), [(read_h11, 1), (read_httptools, 2)], ids=["h11", "httptools"])
def test_the_differences_are_known(read, column: int) -> None:
    found = {
        case.name.partition("/")[2]
        for case in [*VALID, *INVALID]
        if b"CONNECT" not in case.octets or read is read_httptools
        if read(case.octets) != read_ours(case.octets)
    }
    explained = [name for row in DIFFERENCES for name in row[column].split()]
    assert len(explained) == len(set(explained))
    assert found == set(explained)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A request whose framing all three have to understand, and what may come after it."""
    lines = [
        f"{draw(st.sampled_from(['GET', 'POST']))} /{draw(st.text('ab?=%', max_size=4))} HTTP/1.1",
        "Host: a",
    ]
    extra = draw(st.lists(fields, max_size=3))
    lines += [
        f"{name}: {value}" for name, value in extra if name.lower() not in ("host", "connection", "expect")
    ]
    if draw(st.booleans()):
        lines.append(
            draw(st.sampled_from(["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 0"]))
        )
    content = draw(
        st.sampled_from(
            [
                b"",
                b"hello",
                b"5\r\nhello\r\n0\r\n\r\n",
                b"5;a=b\r\nhello\r\n0\r\nX: 1\r\n\r\n",
                b"0\r\n\r\n",
                b"5\r\nhel",
            ]
        )
    )
    after = draw(
        st.sampled_from([b"", b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n", b"nonsense", b"0\r\n\r\n"])
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content + after


@pytest.mark.parametrize("read", [read_h11, read_httptools], ids=["h11", "httptools"])
@given(octets=messages())
def test_never_two_readings_of_one_message(read, octets: bytes) -> None:
    ours, theirs = read_ours(octets), read(octets)
    # A request that both have is the same to both. Where one refuses and the other does not, nothing is misread:
    # we end the connection, and they never see more than we.
    both = min(len(ours.requests), len(theirs.requests))
    assert ours.requests[:both] == theirs.requests[:both]
    if not ours.refused and not theirs.refused:
        assert ours.requests == theirs.requests


def test_the_other_readers_do_read() -> None:
    octets = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    expected = Reading([(b"POST", b"/x", b"hi"), (b"GET", b"/", b"")])
    assert read_ours(octets) == read_h11(octets) == read_httptools(octets) == expected
