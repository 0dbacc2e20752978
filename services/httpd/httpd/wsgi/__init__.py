"""PEP 3333 on top: the request as an environ, the response as an application makes it, the call between."""
