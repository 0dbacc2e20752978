import socket
import sys

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("Waiting for visitors.")

while True:
    visitor, address = server.accept()
    while message := visitor.recv(1024):
        print("A message of", len(message), "bytes")
        visitor.send(b"Message received!")
    visitor.close()
