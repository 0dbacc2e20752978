"""``python3 -m native COMMAND``. Old Pythons must be able to read this file, to say that they are old."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  the very check that makes this sentence reach its reader
        sys.exit(
            "Python {}.{} is too old: Layercake needs 3.11 or newer. Name one, as in "
            "`make up PYTHON=python3.12`, or use containers, which bring their own: "
            "`docker compose up --build`.".format(*sys.version_info[:2])
        )
    from native.commands import main

    sys.exit(main(sys.argv[1:]))
