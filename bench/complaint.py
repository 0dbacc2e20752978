"""What goes wrong in a way that whoever started the bench can put right."""

__all__ = ["Complaint"]


class Complaint(Exception):  # noqa: N818 - it is not the program's error
    """One clear sentence that says what to do."""
