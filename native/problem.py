"""What goes wrong in a way that its user can put right."""

__all__ = ["Problem", "not_healthy"]


class Problem(Exception):  # noqa: N818  it is not the program's error
    """One clear sentence that says what to do. ``commands`` prints it and leaves with status 1."""


def not_healthy(*names: str) -> str:
    """The last line when the stack does not come up; what these have logged stands above it."""
    return f"not healthy: {', '.join(names)}; mend what stands above, and `make up` again"
