"""The candidates' own files, as their documentation would write them. Each runs in an environment of its own."""
