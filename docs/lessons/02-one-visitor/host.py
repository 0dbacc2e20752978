import socket
import sys

host = socket.socket()
host.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
host.bind(("127.0.0.1", int(sys.argv[1])))
host.listen()
print("Waiting for a visitor.")

visitor, address = host.accept()
print("The visitor says:", visitor.recv(1024).decode())
visitor.send(b"Connected. Bye.")
visitor.close()
host.close()
