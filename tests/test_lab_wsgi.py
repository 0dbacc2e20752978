"""The WSGI lab in a real browser, against the services themselves."""

from wire.lab import press


class TestWSGI:
    def test_ones_own_request_under_four_servers(self, open_lab):
        page = open_lab("/lab/wsgi/", "Ask all four", "#result table")
        table = page.get_by_role("table")
        names = table.get_by_role("columnheader").all_inner_texts()
        assert [name.split()[0] for name in names] == ["variable", "wsgiref", "Werkzeug", "httpd", "Gunicorn"]
        agent = page.evaluate("navigator.userAgent")
        assert agent in table.get_by_role("row").filter(has_text="HTTP_USER_AGENT").inner_text()
        assert table.locator(".differs").count() >= 10
        assert page.locator(".outcome .taken").all_inner_texts() == ["200"] * 4
        same = table.get_by_role("row").filter(has_text="REQUEST_METHOD")
        page.get_by_label("show only what differs").check()
        assert not same.is_visible()

    def test_one_after_another(self, open_lab):
        """Each of them is a new four, and nothing of the old is in the way."""
        page = open_lab("/lab/wsgi/?show=proxy")
        for _ in range(3):
            press(page, "Ask all four", "#result table")
            row = page.get_by_role("row").filter(has_text="wsgi.url_scheme")
            assert row.get_by_role("cell").all_inner_texts()[-1].endswith("'https'")

    def test_who_refuses(self, open_lab):
        page = open_lab("/lab/wsgi/?show=refused", "Ask all four", "#result table")
        assert page.locator(".outcome .refused").all_inner_texts() == ["400", "400"]
        assert page.get_by_role("columnheader").count() == 3


#: What each conversation on the shelf comes to: the beginning of the verdict after the handshake.
