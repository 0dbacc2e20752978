"""The tables of attacks, as a person reads them."""

from reliability.grid import figures, grid
from reliability.guests import Visits
from reliability.trial import Outcome

RUN = {"run": "today"}


def outcome(seconds=(0.012,) * 20, failures=(), **more):
    found = {"growth": 6_100_000, "recovery": 0.02, "idle": 0.0, "traceback": ""} | more
    return Outcome(Visits(list(seconds), list(failures)), 1.0, **found)


def test_attacks_go_down_and_victims_across():
    well, slow = figures(outcome()) | RUN, figures(outcome([0.0004] * 20, growth=10, recovery=0.01)) | RUN
    text = grid({"tcp": {"resets": well}, "httpd": {"resets": slow, "slow heads": well}})
    assert text == (
        "**On their own ports, with 2,048 descriptors**\n\n"
        "| attack | tcp | httpd |\n|---|---|---|\n"
        "| resets | 100 %, 12 ms | 100 %, 1 ms |\n"
        "| slow heads |  | 100 %, 12 ms |\n"
        "| *largest growth* | 6 MB | 6 MB |\n"
        "| *well again after, at most* | 0.02 s | 0.02 s |\n\n"
        "today."
    )


def test_what_did_not_stand_is_bold_and_the_reason_is_below():
    bad = figures(outcome([2.5] * 19, ["TimeoutError: "], growth=70_000_000)) | RUN
    none = figures(outcome([], ["TimeoutError: "] * 20, growth=-5, recovery=float("inf"))) | RUN
    text = grid({"nginx/web": {"resets": bad}, "gunicorn-sync": {"garbage": none}})
    through, others = text.split("\n\n**Other servers")
    assert through.startswith("**Through nginx**\n\n| attack | web |")
    assert "| resets | **95 %, 2,500 ms** |" in through
    assert "* `nginx/web`, resets: only 95.0% of the visits went well (TimeoutError: ); it grew" in through
    assert "| garbage | **0 %** |" in others
    assert "| *well again after, at most* | never |" in others
    assert "| *largest growth* | 0 MB |" in others
    assert others.count("well again") == 2  # the row, and one reason


def test_less_than_all_is_never_called_all():
    assert figures(outcome([0.01] * 9999, ["x"]))["share"] == 0.9999
    text = grid({"tcp": {"resets": figures(outcome([0.01] * 9999, ["x"])) | RUN}})
    assert "| 99.9 %, 10 ms |" in text


def test_what_is_not_an_attack_any_more_is_not_shown():
    text = grid({"tcp": {"resets": figures(outcome()) | RUN, "rumours": figures(outcome()) | RUN}})
    assert "rumours" not in text
