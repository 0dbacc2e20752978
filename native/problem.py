"""What goes wrong in a way that its user can put right."""

__all__ = ["Problem"]


class Problem(Exception):  # noqa: N818  it is not the program's error
    """One clear sentence that says what to do. ``commands`` prints it and leaves with status 1."""
