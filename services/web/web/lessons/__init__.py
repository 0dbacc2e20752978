"""The lessons of docs/lessons, as pages."""
