import socket
import sys

server = socket.socket()
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("Waiting for visitors.")

while True:
    visitor, address = server.accept()
    print("Somebody came from", address)
    visitor.send("欢迎使用Layercake系统".encode())
    visitor.close()
