"""The command line where Django's users look for it; the same as ``python -m web``."""

from web.__main__ import main

if __name__ == "__main__":
    main()
