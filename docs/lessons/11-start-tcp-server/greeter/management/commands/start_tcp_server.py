import socket

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Starts the TCP server."

    def add_arguments(self, parser):
        parser.add_argument("port", type=int)

    def handle(self, *args, **options):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", options["port"]))
        server.listen()
        self.stdout.write(f"TCP server at port {options['port']}.")
        try:
            while True:
                visitor, address = server.accept()
                visitor.sendall(settings.GREETING.encode())
                visitor.recv(1024)
                visitor.close()
        except KeyboardInterrupt:
            self.stdout.write("Server shut down.")
