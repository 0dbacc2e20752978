"""Locust users, and clients that are fast enough for their figures to be about the servers."""
