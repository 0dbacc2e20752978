"""The grammar of a request, as regular expressions. Each stands beneath the production that it spells.

The rule of this file: an expression accepts exactly what its production accepts, or its comment says what
it leaves out. Text is Latin-1, one character an octet, so that a position in the text is a position on the
wire. Possessive quantifiers (``*+``) keep every match linear: nothing here goes back over what it has read.
"""

import re

__all__ = [
    "ABSOLUTE_FORM",
    "AUTHORITY",
    "CHUNK_LINE",
    "FAULTY_OCTET",
    "FIELD_LINE",
    "FIELD_VALUE",
    "HEAD",
    "HOST",
    "HTTP_VERSION",
    "ORIGIN_FORM",
    "REQUEST_LINE",
    "TOKEN",
    "TRAILER_LINE",
]

# RFC 9110 section 5.6.2:  token = 1*tchar
token = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"  # noqa: S105 - the grammar\'s word

# RFC 9110 section 5.5:  field-value = *field-content, of VCHAR, obs-text, SP and HTAB. Every other control
# character "MUST" be refused or replaced; it is refused. A value's surrounding white space is not part of
# it.
field_octets = r"[\t\x20-\x7e\x80-\xff]*+"

# RFC 9112 section 5:  field-line = field-name ":" OWS field-value OWS
# No white space before the colon (5.1) and no line that begins with it, which was obs-fold (5.2): neither
# is a token.
field_line = rf"{token}:{field_octets}"

# RFC 3986 section 3.3 and 3.4 are stricter than what clients send (`|`, `"`, `[` in a query): any VCHAR is
# taken, as most servers do, except for "#", which would begin a fragment and never belongs on the wire.
path_octets = r"[!\"$-~]"  # VCHAR without "#"; "?" is taken out where a path ends
path = r"/[!\"$->@-~]*+"
query = rf"{path_octets}*+"

# RFC 9112 section 3.2.1:  origin-form = absolute-path [ "?" query ]
origin_form = rf"({path})(?:\?({query}))?+"

# RFC 3986 section 3.2.2:  host = IP-literal / IPv4address / reg-name; RFC 9110 section 7.2:  Host =
# uri-host [ ":" port ] reg-name covers an IPv4 address and may be empty. A percent sign is followed by two
# hexadecimal digits.
reg_name = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]++|%[0-9A-Fa-f]{2})*+"
ip_literal = r"\[(?:[0-9A-Fa-f:.]++|[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++)\]"
host = rf"(?:{ip_literal}|{reg_name})(?::[0-9]*+)?+"

TOKEN = re.compile(token)
FIELD_VALUE = re.compile(field_octets)
FIELD_LINE = re.compile(field_line)
HOST = re.compile(host)
ORIGIN_FORM = re.compile(origin_form)

# RFC 9112 section 3.2.2:  absolute-form = absolute-URI. Only the two schemes that an origin server answers
# for. User information in front of an "@" is "likely" an attempt to obscure the host (RFC 9110 section
# 4.2.4) and does not match.
ABSOLUTE_FORM = re.compile(rf"(?i:https?)://({host})({path})?+(?:\?({query}))?+")

# RFC 9112 section 3.2.3:  authority-form = uri-host ":" port
AUTHORITY = re.compile(rf"(?:{ip_literal}|{reg_name}):[0-9]++")

# RFC 9112 section 3:  request-line = method SP request-target SP HTTP-version. One SP each: the leniencies
# of section 3 ("any whitespace-delimited word") are what smugglers use.
REQUEST_LINE = re.compile(rf"({token}) ([!-~]++) (\S++)")

# RFC 9112 section 2.3:  HTTP-version = HTTP-name "/" DIGIT "." DIGIT. The name is case-sensitive.
HTTP_VERSION = re.compile(r"HTTP/([0-9])\.([0-9])")

# The head of nearly every request that is right, in one expression: origin-form, HTTP/1.1, any field lines
# with one Host among them, then the empty line. It only says yes. What it does not match is read line by
# line by ``head.HeadReader``, which knows every other form and every reason to refuse.
HEAD = re.compile(
    rf"(?!CONNECT )({token}) {origin_form} HTTP/1\.1\r\n"
    rf"((?:(?![Hh][Oo][Ss][Tt]:){field_line}\r\n)*+"
    rf"[Hh][Oo][Ss][Tt]:[\t ]*+{host}[\t ]*+(?:\r\n{field_line})*+)\r\n\r\n"
)

# RFC 9112 section 2.2: a bare CR is refused "or replaced", and a lone LF "MAY" end a line; here neither
# may. Section 5.5 of RFC 9110 for the other control characters. A CR at the very end may yet be followed by
# its LF.
FAULTY_OCTET = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")

# RFC 9112 section 7.1:  chunk-size = 1*HEXDIG
# RFC 9112 section 7.1.1:  chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
# "Bad" white space is not taken: no client that is alive sends it, and proxies disagree about it. Sixteen
# digits are 2^64; what is longer is no size.
quoted_string = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*+"'
CHUNK_LINE = re.compile(
    rf"([0-9A-Fa-f]{{1,16}}+)(?:;{token}(?:=(?:{token}|{quoted_string}))?+)*+".encode("latin-1")
)

# RFC 9112 section 7.1.2:  trailer-section = *( field-line CRLF )
TRAILER_LINE = re.compile(field_line.encode("latin-1"))
