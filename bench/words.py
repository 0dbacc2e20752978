"""How times are said on the command line."""

__all__ = ["seconds"]


def seconds(value: float) -> str:
    """Seconds, or that it was at once."""
    return f"{value:.2f} s" if value >= 0.01 else "no time at all"
