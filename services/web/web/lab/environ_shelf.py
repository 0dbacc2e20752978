"""The WSGI lab's shelf: requests in which servers keep to the same contract and still differ."""

from web.lab.shelf import Sample

__all__ = ["ENVIRON_SHELF", "SAMPLES"]

#: Stands for the field lines of the visitor's own request.
OWN = "yours"

SAMPLES = [
    Sample(
        OWN,
        "Your own request",
        "The field lines that your browser has sent with this page, once more.",
        target="/hello?from=you",
    ),
    Sample(
        "path",
        "An encoded path",
        "Percent-encoding is undone before the application sees it, and each byte becomes one character.",
        target="/caf%C3%A9/a%2Fb?tea=%C3%A9",
    ),
    Sample(
        "content",
        "Content with a length",
        "The server promises that wsgi.input holds this much, and the application must not ask for more.",
        method="POST",
        target="/form",
        fields="Host: {host}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}",
        content="name=Ada+Lovelace",
    ),
    Sample(
        "chunked",
        "Content in chunks",
        "The contract knows lengths only. Who undoes the chunks, and who hands over nothing?",
        method="POST",
        target="/echo",
        fields="Host: {host}\nTransfer-Encoding: chunked",
        content="6\nHello,\n7\n chunks\n0\n\n",
    ),
    Sample(
        "twice",
        "A field twice",
        "A dictionary holds one value for a name. Joined, or the last one wins?",
        fields="Host: {host}\nX-Note: one\nX-Note: two\nCookie: a=1\nCookie: b=2",
    ),
    Sample(
        "underscore",
        "An underscore in a name",
        "X-User and X_User become one variable. A proxy that removes the first has not seen the second.",
        fields="Host: {host}\nX-User: as the proxy says\nX_User: as anybody says",
    ),
    Sample(
        "proxy",
        "A word from a proxy",
        "Anybody can say that they came over TLS, and from where. Who believes it?",
        fields="Host: {host}\nX-Forwarded-Proto: https\nX-Forwarded-For: 192.0.2.7",
    ),
    Sample(
        "absolute",
        "An absolute target",
        "The form for proxies, which every server must take: what becomes of the path, and of Host?",
        target="http://layercake.example/hello?a=b",
    ),
    Sample(
        "head",
        "HEAD",
        "The application is asked as for GET, and its content is dropped. By whom?",
        method="HEAD",
    ),
    Sample(
        "old",
        "HTTP/1.0, no Host",
        "As it was asked in 1996. There is no HTTP_HOST, and nobody may rely on it.",
        version="HTTP/1.0",
        fields="",
    ),
    Sample(
        "refused",
        "No colon",
        "Not every request becomes an environ. Who refuses it, and who lets it pass?",
        fields="Host: {host}\nthis is no field line",
    ),
]

ENVIRON_SHELF = {sample.slug: sample for sample in SAMPLES}
