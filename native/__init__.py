"""The stack as local processes, and every command of the Makefile: ``python3 -m native COMMAND``.

Needs nothing but the standard library: it runs before anything is installed. README.md leads
through the files.
"""
