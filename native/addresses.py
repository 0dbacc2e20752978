"""Who listens where: the variables that services find each other by, and the table that a person reads."""

from native.settings import Settings

__all__ = ["LOOPBACK", "MODELS", "PROTOCOLS", "SERVERS", "join", "published_host", "table", "variables"]

#: What is not published listens here, whatever BIND says.
LOOPBACK = "127.0.0.1"

#: Each service's address variable, and the setting with its port.
SERVICES = {
    "TCP_ECHO_ADDRESS": "TCP_ECHO_DIRECT_PORT",
    "TCP_ACK_ADDRESS": "TCP_ACK_DIRECT_PORT",
    "TCP_GREET_ADDRESS": "TCP_GREET_DIRECT_PORT",
    "TCP_BYE_ADDRESS": "TCP_BYE_DIRECT_PORT",
    "TCP_ROOM_ADDRESS": "TCP_ROOM_DIRECT_PORT",
    "HTTPD_ADDRESS": "HTTPD_DIRECT_PORT",
    "HTTPD_WSGI_ADDRESS": "HTTPD_WSGI_DIRECT_PORT",
    "WEB_ADDRESS": "WEB_DIRECT_PORT",
    "REALTIME_ADDRESS": "REALTIME_DIRECT_PORT",
    "LOCUST_ADDRESS": "LOCUST_DIRECT_PORT",
    "NGINX_STATUS_ADDRESS": "NGINX_STATUS_PORT",
}

#: nginx's own, which listens where BIND says.
PUBLISHED = {
    "NGINX_ADDRESS": "HTTP_PORT",
    "NGINX_TCP_ECHO_ADDRESS": "TCP_ECHO_PORT",
    "NGINX_TCP_ACK_ADDRESS": "TCP_ACK_PORT",
    "NGINX_TCP_GREET_ADDRESS": "TCP_GREET_PORT",
    "NGINX_TCP_BYE_ADDRESS": "TCP_BYE_PORT",
    "NGINX_TCP_ROOM_ADDRESS": "TCP_ROOM_PORT",
}


def join(host: str, port: int) -> str:
    """``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def published_host(settings: Settings) -> str:
    """Where to reach what listens on BIND: 0.0.0.0 is every address, and none to connect to."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(settings["BIND"], settings["BIND"])  # noqa: S104


def variables(settings: Settings) -> dict[str, str]:
    """The address variables of local processes, as docs/design.md lists them."""
    host = published_host(settings)
    return {
        **{name: join(LOOPBACK, settings.number(port)) for name, port in SERVICES.items()},
        **{name: join(host, settings.number(port)) for name, port in PUBLISHED.items()},
        "REDIS_URL": f"redis://{join(LOOPBACK, settings.number('REDIS_PORT'))}/0",
    }


#: The raw TCP protocols, and what their ports' variables begin with.
PROTOCOLS = {
    "echo": "TCP_ECHO",
    "ack": "TCP_ACK",
    "greet": "TCP_GREET",
    "bye": "TCP_BYE",
    "room": "TCP_ROOM",
}

#: The models that MODELS=1 starts beside the default one, as Compose's profile ``models`` does, and where
#: they listen.
MODELS = {
    "iterative": "TCP_ITERATIVE_PORT",
    "threads": "TCP_THREADS_PORT",
    "prefork": "TCP_PREFORK_PORT",
    "asyncio": "TCP_ASYNCIO_PORT",
}

#: The servers of the site that SERVERS=1 starts beside the default one, as the profile ``servers`` does.
SERVERS = {"httpd": "WEB_HTTPD_PORT"}


def table(settings: Settings) -> str:
    """The table of addresses, the same in both modes."""
    host = published_host(settings)
    site = f"http://{join(host, settings.number('HTTP_PORT'))}"
    tcp = " ".join(settings[f"{prefix}_PORT"] for prefix in PROTOCOLS.values())
    direct = " ".join(f":{settings[f'{prefix}_DIRECT_PORT']}" for prefix in PROTOCOLS.values())
    rows = [
        ("", "through nginx", "direct"),
        ("the site, the ladder", f"{site}/", f":{settings['WEB_DIRECT_PORT']}"),
        ("HTTP by hand", f"{site}/httpd/", f":{settings['HTTPD_DIRECT_PORT']}"),
        ("  as a WSGI server", f"{site}/httpd-wsgi/", f":{settings['HTTPD_WSGI_DIRECT_PORT']}"),
        ("WebSocket, rooms", f"{site.replace('http', 'ws', 1)}/ws/", f":{settings['REALTIME_DIRECT_PORT']}"),
        ("Locust", f"{site}/locust/", f":{settings['LOCUST_DIRECT_PORT']}"),
        (f"TCP {', '.join(PROTOCOLS)}", f"{host} {tcp}", direct),
    ]
    if settings["MODELS"]:
        ports = " ".join(f":{settings[name]}" for name in MODELS.values())
        rows.append((f"TCP echo: {', '.join(MODELS)}", "", ports))
    if settings["SERVERS"]:
        ports = " ".join(f":{settings[name]}" for name in SERVERS.values())
        rows.append((f"the site on {', '.join(SERVERS)}", "", ports))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        f"  {what:{widths[0]}}   {through:{widths[1]}}   {ports}".rstrip() for what, through, ports in rows
    )
