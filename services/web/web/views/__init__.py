"""What the site answers, one module a subject."""
