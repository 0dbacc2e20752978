"""Static files under names that carry their content's hash, with a compressed copy beside each."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

__all__ = ["HashedStorage"]

#: What shrinks. Pictures are compressed already.
COMPRESSIBLE = {".css", ".js", ".svg", ".html", ".json", ".txt"}


class HashedStorage(ManifestStaticFilesStorage):
    """Django's, with imports between ES modules rewritten too, and ``.gz`` files for nginx to send."""

    support_js_module_import_aggregation = True

    def post_process(self, *args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 (Django's signature)
        """Hash as Django does, then compress each file, under both of its names."""
        for original, hashed, processed in super().post_process(*args, **options):
            yield original, hashed, processed
            if processed is True and hashed is not None:
                self.compress(Path(self.path(original)))
                self.compress(Path(self.path(hashed)))

    @staticmethod
    def compress(file: Path) -> None:
        """Write ``file.gz``, reproducibly: nginx sends it to those who accept it."""
        if file.suffix in COMPRESSIBLE:
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
