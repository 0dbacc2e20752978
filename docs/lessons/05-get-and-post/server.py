import socket
import sys

FORM = '<form method="post"><input name="name"><button>Send</button></form>'


def parse(text):
    return dict(pair.split("=") for pair in text.split("&"))


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
print("Open the form in a browser.")

while True:
    visitor, address = server.accept()
    head, content = visitor.recv(1024).decode().split("\r\n\r\n")
    method, target, version = head.split("\r\n")[0].split(" ")
    if method == "POST":
        page = "Hello, " + parse(content)["name"] + "!"
    elif "?" in target:
        page = "Hello, " + parse(target.split("?")[1])["name"] + "!"
    else:
        page = FORM
    visitor.sendall(("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page).encode())
    visitor.close()
