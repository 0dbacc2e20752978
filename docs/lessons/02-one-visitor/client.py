import socket
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
client.send(b"Hello, host!")
print("The host says:", client.recv(1024).decode())
client.close()
