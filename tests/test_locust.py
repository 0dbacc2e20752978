"""Locust through nginx: its page below a prefix, and every user class at work without a failure."""

import pytest
from wire.http import fetch
from wire.locust import Locust
from wire.wait import wait_for


@pytest.fixture
def locust(site):
    """A Locust that is idle before a test and after it."""
    master = Locust(site)
    master.stop()
    yield master
    master.stop()


def requests_of(stats):
    """Return how many requests each task made, without the line that sums them up."""
    return {row["name"]: row["num_requests"] for row in stats["stats"] if row["name"] != "Aggregated"}


class TestPage:
    def test_without_a_slash_at_the_end(self, site):
        response = fetch(site, "/locust")
        assert response.status in {301, 308}
        assert response.headers["Location"] in {"/locust/", f"{site.origin}/locust/"}

    def test_a_rung_a_class(self, locust):
        offered = " ".join(locust.user_classes()).lower()
        for rung in ("tcp", "httpd", "web", "realtime"):
            assert rung in offered

    def test_a_worker_is_there_to_do_the_work(self, locust):
        workers = locust.stats()["workers"]
        assert workers
        assert {worker["state"] for worker in workers} <= {"ready", "stopped"}


class TestLoad:
    def test_every_class_works_without_a_failure(self, locust, subtests):
        """One after the other, each for as long as its first figures take to arrive from the workers."""
        for user_class in locust.user_classes():
            with subtests.test(user_class):
                locust.start([user_class], users=2)
                wait_for("the first requests", lambda: sum(requests_of(locust.stats()).values()))
                stats = locust.stop()
                assert stats["errors"] == []
                assert stats["fail_ratio"] == 0
                assert sum(requests_of(stats).values()) >= 2

    def test_nothing_is_sent_after_stop(self, locust):
        locust.start(locust.user_classes()[:1], users=1)
        wait_for("the first requests", lambda: requests_of(locust.stats()))
        before = locust.stop()
        assert before["user_count"] == 0
        assert requests_of(locust.stats()) == requests_of(before)
