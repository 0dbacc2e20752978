"""A listener, and five ways to drive a sans-I/O protocol on it."""
