"""``python -m web start_tcp_server``."""
