/* The yardstick: an echo server in C, one thread, level-triggered epoll, nothing that a careful author would not write.
 *
 *   echo HOST PORT
 *
 * Prints "listening on HOST:PORT" on standard error. What the peer does not take at once is kept, at most one buffer
 * a connection, and nothing more is read from that peer until it has: the same rules as our own drivers.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, BUFFER = 256 * 1024, CONNECTIONS = 65536 };

/* What a peer has not taken yet; NULL when it has taken everything. */
static struct pending {
    char *bytes;
    size_t from, to;
} pending[CONNECTIONS];

static char buffer[BUFFER];
static int poller;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(int operation, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event) < 0)
        die("epoll_ctl");
}

static void finish(int fd)
{
    free(pending[fd].bytes);
    pending[fd].bytes = NULL;
    close(fd);
}

static void readable(int fd)
{
    ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            finish(fd);
        return;
    }
    ssize_t sent = send(fd, buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent == got)
        return;
    if (sent < 0) {
        if (errno != EAGAIN) {
            finish(fd);
            return;
        }
        sent = 0;
    }
    struct pending *rest = &pending[fd];
    rest->from = 0;
    rest->to = (size_t)(got - sent);
    rest->bytes = malloc(rest->to);
    if (rest->bytes == NULL)
        die("malloc");
    memcpy(rest->bytes, buffer + sent, rest->to);
    watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

static void writable(int fd)
{
    struct pending *rest = &pending[fd];
    ssize_t sent = send(fd, rest->bytes + rest->from, rest->to - rest->from, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN)
            finish(fd);
        return;
    }
    rest->from += (size_t)sent;
    if (rest->from == rest->to) {
        free(rest->bytes);
        rest->bytes = NULL;
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

static void acceptable(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNECTIONS)
            close(fd);
        else
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: echo HOST PORT\n");
        return 2;
    }
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2]))};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* inherited by what it accepts */
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1 || bind(listener, (void *)&address, size) < 0 ||
        listen(listener, 4096) < 0 || getsockname(listener, (void *)&address, &size) < 0)
        die(argv[1]);
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0)
        die("epoll_create1");
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    fprintf(stderr, "listening on %s:%d\n", argv[1], ntohs(address.sin_port));

    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                acceptable(fd);
            else if (pending[fd].bytes != NULL)
                writable(fd);
            else
                readable(fd);
        }
    }
}
