"""The report: one HTML file without scripts, made of result.json alone.

Read `page.py` first; `sections.py` has what is said, `charts.py` the pictures, `svg.py` the pen, `words.py`
how numbers are written.
"""
