"""What Locust's page needs from us: classes in the order of the ladder, health, and a refusal in words.

Locust 2.47 sorts the names of the classes; a person reads the ladder from the bottom. It starts whatever its
form says; a payload of minus one should be answered before anything starts. And it has no health check of its
own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, jsonify, request
from locust.runners import STATE_CLEANUP, STATE_STOPPING, MasterRunner

from loadtests.options import OptionError, Settings
from loadtests.panel import routes
from loadtests.tally import LEDGER
from loadtests.users.ladder import LADDER
from loadtests.users.rooms import ROOMS

if TYPE_CHECKING:
    from flask import Flask, Response
    from flask.json.provider import DefaultJSONProvider
    from locust.env import Environment
    from locust.web import WebUI

    from loadtests.door import Door
    from loadtests.users.exchange import ExchangeUser
    from loadtests.users.room import RoomUser

__all__ = ["prepare"]

BAR = (
    '<link rel="stylesheet" href="layercake/link.css"><nav class="layercake" aria-label="Layercake">'
    '<a href="/">Layercake</a><a href="layercake/">This test in microseconds, and who is the limit</a></nav>'
)

LIVE = ("ready", "spawning", "running")
"""States of a worker that its master hears from."""


def prepare(environment: Environment, web_ui: WebUI, door: Door) -> None:
    """Add to the page before it is served. `door` says who may use it."""
    options = environment.parsed_options
    app = cast("Flask", web_ui.app)
    order_classes(app, web_ui)
    app.before_request(lambda: door.refusal(request) or refusal(environment))
    beside = extras(environment)
    beside.register_blueprint(routes(environment))
    app.register_blueprint(beside, url_prefix=options.web_base_path if options else None)
    app.after_request(link)


def link(response: Response) -> Response:
    """Locust's page is one for all its users; ours has a bar on top, with the way to the finer figures."""
    if response.mimetype == "text/html" and request.method == "GET" and not response.direct_passthrough:
        text = response.get_data(as_text=True)
        response.set_data(text.replace('<div id="root">', f'{BAR}<div id="root">', 1))
    return response


def order_classes(app: Flask, web_ui: WebUI) -> None:
    """List the classes as the ladder goes. Locust fills in its template each time the page is asked for."""
    fill_in = web_ui.update_template_args
    ladder = [user.__name__ for user in (*LADDER, *ROOMS)]

    def fill_in_and_order() -> None:
        fill_in()  # type: ignore[no-untyped-call]
        values = web_ui.template_args
        for name in ("users", "available_user_tasks"):
            values[name] = dict(sorted((values[name] or {}).items(), key=lambda item: ladder.index(item[0])))
        values["available_user_classes"] = list(values["users"])
        values["missing_host_warning"] = False  # each class knows its address

    web_ui.update_template_args = fill_in_and_order  # type: ignore[method-assign]
    # The page lists keys as they come; Flask and Jinja would sort them on the way there.
    cast("DefaultJSONProvider", app.json).sort_keys = False
    app.jinja_env.policies["json.dumps_kwargs"] = {}


def refusal(environment: Environment) -> Response | None:
    """An answer to a form that can't be run, in the shape that the page knows; None lets the form through."""
    if request.method != "POST" or not request.path.endswith("/swarm"):
        return None
    if sentence := not_yet(environment):
        return jsonify({"success": False, "message": sentence, "host": environment.host})
    defaults: dict[str, Any] = vars(environment.parsed_options) if environment.parsed_options else {}
    form = request.form
    chosen = form.getlist("user_classes")
    users: tuple[type[ExchangeUser | RoomUser], ...] = (*LADDER, *ROOMS)
    services = {user.service for user in users if user.__name__ in chosen or not chosen}
    services = services or {
        user.service for user in users
    }  # names that nobody has: the host is looked at all the same
    try:
        Settings.of(defaults | form.to_dict(), form.get("host", environment.host)).check(services)
    except OptionError as error:
        return jsonify({"success": False, "message": str(error), "host": environment.host})
    return None


def not_yet(environment: Environment) -> str:
    """Why nothing can be started now. Locust would say that it has, and then run nobody."""
    runner = environment.runner
    if runner is not None and runner.state in (STATE_STOPPING, STATE_CLEANUP):
        return "The last test is still stopping: press Start again in a second."
    if connected(environment) == []:
        return "No Locust worker is connected; after a test they take a second. Press Start again then."
    return ""


def extras(environment: Environment) -> Blueprint:
    """Beside Locust's own: `/livez`, the page is served; `/healthz`, a test could be started, as a worker is
    there; `/microseconds`, the times of the test that runs or ran last, finer than Locust's table can show
    them.
    """
    blueprint = Blueprint("layercake", __name__)

    @blueprint.route("/livez")
    def livez() -> tuple[dict[str, Any], int]:
        return {"status": "ok"}, 200

    @blueprint.route("/healthz")
    def healthz() -> tuple[dict[str, Any], int]:
        workers = connected(environment)
        if workers == []:
            return {"status": "unavailable", "reason": "no Locust worker is connected", "workers": []}, 503
        return {"status": "ok", "workers": workers}, 200

    @blueprint.route("/microseconds")
    def microseconds() -> list[dict[str, Any]]:
        LEDGER.pour()
        return LEDGER.summary()

    return blueprint


def connected(environment: Environment) -> list[str] | None:
    """The workers that the master hears from; None where Locust is a single process and needs none."""
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        return None
    return [worker.id for worker in runner.clients.values() if worker.state in LIVE]
