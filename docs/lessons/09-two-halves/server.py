import socket
import sys

from application import application


def serve(port, application):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    print("Serving an application.")
    while True:
        visitor, address = server.accept()
        method, path, version = visitor.recv(1024).decode().split("\r\n")[0].split(" ")
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path}

        def start_response(status, headers):
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            visitor.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

        for piece in application(environ, start_response):
            visitor.sendall(piece)
        visitor.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]), application)
