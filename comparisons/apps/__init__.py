"""The candidates' own files, as their documentation would write them. Each has an environment of its own."""
