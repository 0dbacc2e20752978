"""The site as the stack has it: with its static files in place, without which it can't draw its error pages.

``python -m comparisons.apps.web_collected COMMAND...`` collects them and becomes that command.
"""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
    execute_from_command_line(["web", "collectstatic", "--no-input", "--verbosity", "0"])
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the words of the table, and no shell
