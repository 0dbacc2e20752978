"""HTTP/1.1 and WSGI by hand, with the standard library only.

The order to read it in: ``grammar`` (what a message may look like), ``head`` (octets become a request),
``framing`` (where its content ends), ``content`` (that content, piece by piece), ``response`` and ``writer``
(the way back), ``sender`` and ``connection`` (one peer's requests, in order); then ``wsgi`` (PEP 3333 on
top of it), or ``site`` (what a framework is, and a site made with it).
"""
