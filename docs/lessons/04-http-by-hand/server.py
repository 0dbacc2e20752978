import socket
import sys

PAGE = b"""HTTP/1.1 200 OK\r
Content-Type: text/html\r
\r
<!doctype html><title>Hello</title>
<h1>It works</h1><img src="/test.jpg" alt="A picture">
"""
with open("../../../services/httpd/httpd/site/static/test.jpg", "rb") as file:
    IMAGE = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + file.read()

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("Open the page in a browser.")

while True:
    visitor, address = server.accept()
    request = visitor.recv(1024).decode()
    if "/test.jpg" in request:
        visitor.sendall(IMAGE)
    else:
        visitor.sendall(PAGE)
    visitor.close()
