"""Two readers, one truth:

What the quick one accepts the other one reads the same; any octets give requests or one refusal.
"""

import pytest
from corpus import INVALID, VALID
from httpd.errors import Refusal
from httpd.head import HeadReader, read_quickly
from httpd.limits import Limits
from httpd.request import Request
from hypothesis import given
from hypothesis import strategies as st
from memory import Recorder, connect, read_answers

LIMITS = Limits()


def facts(request: Request) -> tuple[object, ...]:
    return (
        request.method,
        request.target,
        request.path,
        request.query,
        request.minor,
        request.authority,
        request.length,
        request.keep_alive,
        request.expects_continue,
        request.asterisk,
        request.fields,
        request.head,
    )


def read_slowly(octets: bytes, limits: Limits = LIMITS) -> tuple[Request, bytes] | None:
    found = HeadReader(limits).read(octets)
    return None if found is None else (found[0], octets[found[1] :])


# --- a request as many a client and many an attacker would write it --------------------------

tokens = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8)
spaces = st.sampled_from(["", " ", " ", " ", "\t", "  ", " \t "])
values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=12)
clean = st.text(st.sampled_from('abc123 ,;="/\t\xe9'), max_size=12)
special = st.sampled_from(
    [
        ("Host", "a"),
        ("host", "b:80"),
        ("HOST", "[::1]"),
        ("Content-Length", "0"),
        ("content-length", "3"),
        ("Content-Length", "3, 3"),
        ("Content-Length", "4"),
        ("Transfer-Encoding", "chunked"),
        ("Transfer-Encoding", "gzip, chunked"),
        ("Connection", "close"),
        ("Connection", "keep-alive, X"),
        ("Expect", "100-continue"),
        ("Expect", "x"),
        ("Host", "a/b"),
        ("Host", ""),
    ]
)
fields = st.one_of(special, st.tuples(tokens, clean), st.tuples(tokens, values), st.tuples(values, values))
methods = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "CONNECT", "get", "G\u00e9T", ""])
targets = st.one_of(
    st.sampled_from(
        ["/", "*", "/a?b", "/?", "a:80", "http://a/b?c", "http://", "/#", "/%41", "//x", "https://b"]
    ),
    st.text("/ab?%#:@[]|", min_size=1, max_size=10),
)
versions = st.sampled_from(
    ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.3", "HTTP/2.0", "http/1.1", ""]
)
ends = st.sampled_from(["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n ", ""])


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """A head that is right, or nearly."""
    lines = [" ".join((draw(methods), draw(targets), draw(versions)))]
    if draw(st.booleans()):
        lines.append("Host: a")
    lines += [
        f"{name}:{draw(spaces)}{value}{draw(spaces)}" for name, value in draw(st.lists(fields, max_size=5))
    ]
    text = "".join(line + draw(ends) for line in lines) + draw(ends)
    return text.encode("latin-1")


def agree(octets: bytes) -> None:
    try:
        quick = read_quickly(octets.decode("latin-1"), LIMITS)
    except Refusal as refusal:
        status = refusal.status
        with pytest.raises(Refusal) as other:
            read_slowly(octets)
        assert other.value.status == status
        return
    if quick is not None:
        request, end = quick
        slow = read_slowly(octets)
        assert slow is not None
        assert facts(request) == facts(slow[0])
        assert octets[end:] == slow[1]


@given(heads())
def test_the_quick_reader_and_the_other_agree(octets: bytes) -> None:
    agree(octets)


@pytest.mark.parametrize("case", [*VALID, *INVALID], ids=str)
def test_the_readers_agree_on_the_corpus(case) -> None:
    agree(case.octets)


@given(heads(), st.data())
def test_a_head_is_read_the_same_however_it_is_cut(octets: bytes, data: st.DataObject) -> None:
    def outcome(*pieces: bytes) -> object:
        reader, read = HeadReader(LIMITS), None
        try:
            for number, piece in enumerate(pieces):
                if piece and (read := reader.read(piece)):
                    return facts(read[0]), piece[read[1] :] + b"".join(pieces[number + 1 :])
        except Refusal as refusal:
            return refusal.status
        return None

    first, second = sorted((data.draw(st.integers(0, len(octets))), data.draw(st.integers(0, len(octets)))))
    assert outcome(octets) == outcome(octets[:first], octets[first:second], octets[second:])


@given(
    st.lists(
        st.one_of(heads(), st.binary(max_size=40), st.sampled_from([b"0\r\n\r\n", b"3\r\nabc\r\n"])),
        max_size=4,
    )
)
def test_any_octets_give_requests_or_one_refusal(pieces: list[bytes]) -> None:
    recorder = Recorder()
    memory = connect(recorder).receive(*filter(None, pieces))
    answers = read_answers(memory.sent, [one.method for one in recorder.seen])
    final = [answer for answer in answers if answer.status != 100]
    refusals = [answer for answer in final if answer.status != 200]
    assert len(final) - len(refusals) == len(recorder.seen)
    assert len(refusals) <= 1
    if refusals:
        assert final[-1] is refusals[0]
        assert refusals[0].status in (400, 408, 413, 414, 417, 431, 501, 505)
        assert memory.ended


@pytest.mark.parametrize("host", ["Host: a", "host:a:80 ", "HOST:\t[::1]"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_host_may_stand_anywhere(host: str, place: int) -> None:
    lines = ["Content-Length: 3", "Hostess: b"]
    lines.insert(place, host)
    octets = b"\r\n".join(line.encode() for line in ["POST / HTTP/1.1", *lines, "", "abc"])
    found = read_quickly(octets.decode(), LIMITS)
    assert found is not None
    assert found[0].length == 3
    agree(octets)
    for twice in (["host: b", *lines], [*lines, "host: b"]):
        text = "\r\n".join(["POST / HTTP/1.1", *twice, "", "abc"])
        assert read_quickly(text, LIMITS) is None
        with pytest.raises(Refusal):
            read_slowly(text.encode())


def test_limits_are_settable() -> None:
    octets = b"GET /aaaa HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"
    assert read_quickly(octets.decode(), Limits()) is not None
    for limits, status in (
        (Limits(request_line=10), 414),
        (Limits(field_lines=10), 431),
        (Limits(field_count=1), 431),
    ):
        assert read_quickly(octets.decode(), limits) is None
        with pytest.raises(Refusal) as refusal:
            read_slowly(octets, limits)
        assert refusal.value.status == status


def test_field_lines_may_be_long_together_and_not_longer() -> None:
    head = "GET / HTTP/1.1\r\nHost: a\r\n" + "".join(f"X{n}: {'v' * 8000}\r\n" for n in range(8)) + "\r\n"
    found = read_slowly(head.encode())
    assert found is not None
    assert len(found[0].fields) == 9
    for octets in (
        head.replace("X7: ", "X7: " + "v" * 2000).encode(),
        head.encode()[:-2] + b"Y: " + b"v" * 2000,
    ):
        with pytest.raises(Refusal) as refusal:
            read_slowly(octets)
        assert refusal.value.status == 431


def test_a_long_head_in_single_octets_takes_time_in_proportion() -> None:
    # 64 KiB of one field line: what was looked at once is not looked at again. Quadratic work would be
    # seconds.
    reader = HeadReader(LIMITS)
    reader.read(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
    for _ in range(LIMITS.field_lines - len("Host: aX: ")):
        reader.read(b"v")
    with pytest.raises(Refusal) as refusal:
        reader.read(b"v")
    assert refusal.value.status == 431


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b" folded", "white space"),
        (b"no colon", "without a colon"),
        (b"Name : x", "between"),
        (b"Na(me: x", "character"),
    ],
)
def test_a_refused_field_line_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_slowly(b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n")
    assert reason in refusal.value.reason or reason in str(refusal.value)


@pytest.mark.parametrize("limits", [Limits(request_line=12), Limits(field_lines=12)])
def test_lower_limits_come_first_in_both_readers(limits: Limits) -> None:
    octets = b"GET / HTTP/1.1\r\nHost: a\r\nExpect: what?\r\n\r\n"
    assert read_quickly(octets.decode(), limits) is None
    with pytest.raises(Refusal) as refused:
        HeadReader(limits).read(octets)
    assert refused.value.status in (414, 431)
