"""The template rule of nginx/README.md, in as few lines as it has."""

import re
import shutil
from pathlib import Path

__all__ = ["SOURCE", "VARIABLE", "fill", "templates"]

SOURCE = Path(__file__).resolve().parents[2]

VARIABLE = re.compile(r"\$\{(\w+)\}")


def templates():
    """Every template, in the order in which nginx will read them."""
    return sorted(SOURCE.glob("*.d/*.template"))


def fill(folder, values, module, *, keep_folders):
    """Make `folder` look like /etc/nginx. Returns the path of its nginx.conf.

    `keep_folders`: conf.d/http.d/x.conf, as the official image writes it; otherwise conf.d/x.conf.
    """
    shutil.copytree(SOURCE / "snippets", folder / "snippets")
    shutil.copy(SOURCE / "nginx.conf", folder)
    (folder / "modules-enabled").mkdir()
    if module:
        (folder / "modules-enabled" / "stream.conf").write_text(f"load_module {module};\n")
    for template in templates():
        where = folder / "conf.d" / (template.parent.name if keep_folders else "")
        where.mkdir(parents=True, exist_ok=True)
        text = VARIABLE.sub(lambda match: values[match[1]], template.read_text())
        (where / template.stem).write_text(text)
    return folder / "nginx.conf"
