"""The site: Django's pages, the ladder's fourth rung, and polling, served by Gunicorn."""
