import socket
import sys

PAGE = "欢迎使用Layercake系统"

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("Open the page in a browser.")

while True:
    visitor, address = server.accept()
    request = visitor.recv(1024).decode()
    print(request.split("\r\n")[0])
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    )
    visitor.sendall((head + PAGE).encode())
    visitor.close()
