"""Protocols on a raw TCP connection: bytes, with nothing above them."""
