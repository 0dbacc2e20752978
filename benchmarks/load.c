/* The load: one thread, no more work for a message than the server has, every byte of every answer checked.
 *
 *   load echo    HOST PORT CONNECTIONS SIZE SECONDS    one message in flight on each connection, all the time
 *   load accept  HOST PORT IN_FLIGHT   SIZE SECONDS    connect, one message and its answer, close; again
 *   load idle    HOST PORT CONNECTIONS                 open them, print "open", hold them until standard input ends
 *   load flood   HOST PORT INSIDE      SIZE OUTSIDE    as many messages as there are outside, one at a time, on the
 *                                                      connections inside: first quietly, then with one more
 *                                                      connection knocking before each message
 *
 * Prints one line: messages (or connections) done, seconds, and the generator's own seconds of processor time;
 * flood: the 99th percentile of a message's time, quietly and in the flood, in seconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOURCES = 100 }; /* addresses to connect from: 28,000 ports each, so that none is met again while it lingers */

static struct sockaddr_in server;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double processor(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static void report(long done, double since)
{
    printf("%ld %.6f %.6f\n", done, seconds() - since, processor());
}

static int dial(void)
{
    static unsigned source;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + source++ % SOURCES)};
    if (fd < 0)
        die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (void *)&local, sizeof local) < 0 || connect(fd, (void *)&server, sizeof server) < 0)
        die("connect");
    return fd;
}

/* One whole message out while its echo comes in: a message may be larger than all the buffers on its way. */
static void exchange(int fd, const char *message, char *answer, size_t size)
{
    size_t sent = 0, got = 0;
    while (got < size) {
        struct pollfd wait = {.fd = fd, .events = POLLIN | (sent < size ? POLLOUT : 0)};
        ssize_t moved;
        if (sent < size) {
            if (poll(&wait, 1, -1) < 0)
                die("poll");
            if (wait.revents & POLLOUT) {
                if ((moved = send(fd, message + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL)) < 0 && errno != EAGAIN)
                    die("send");
                sent += moved > 0 ? (size_t)moved : 0;
            }
            if (!(wait.revents & POLLIN))
                continue;
        }
        if ((moved = recv(fd, answer + got, size - got, 0)) <= 0)
            die("recv");
        got += (size_t)moved;
    }
    if (memcmp(message, answer, size) != 0) {
        fprintf(stderr, "the echo differs\n");
        exit(1);
    }
}

static void put(int fd, const char *message, size_t size)
{
    if (send(fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
        die("send");
}

static void take(int fd, const char *message, char *answer, size_t size)
{
    if (recv(fd, answer, size, MSG_WAITALL) != (ssize_t)size)
        die("recv");
    if (memcmp(message, answer, size) != 0) {
        fprintf(stderr, "the echo differs\n");
        exit(1);
    }
}

/* Begin to connect; the server will close it. */
static int knock(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        die("socket");
    if (connect(fd, (void *)&server, sizeof server) < 0 && errno != EINPROGRESS)
        die("connect");
    return fd;
}

static int later(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

/* The 99th percentile of the times that messages take on connections in turn, each after a knock if outside is not NULL. */
static double slow(int *fds, int count, int *outside, int messages, const char *message, char *answer, size_t size)
{
    double *times = calloc((size_t)messages, sizeof *times);
    if (times == NULL)
        die("calloc");
    for (int i = 0; i < messages; i++) {
        if (outside != NULL)
            outside[i] = knock();
        double since = seconds();
        put(fds[i % count], message, size);
        take(fds[i % count], message, answer, size);
        times[i] = seconds() - since;
    }
    qsort(times, (size_t)messages, sizeof *times, later);
    double percentile = times[messages / 100 * 99];
    free(times);
    return percentile;
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 7) {
        fprintf(stderr, "usage: load echo|accept|idle|flood HOST PORT CONNECTIONS [SIZE SECONDS|OUTSIDE]\n");
        return 2;
    }
    int count = atoi(argv[4]);
    int *fds = calloc((size_t)count, sizeof *fds);
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[3]))};
    if (fds == NULL || inet_pton(AF_INET, argv[2], &server.sin_addr) != 1)
        die(argv[2]);
    for (int i = 0; i < count; i++)
        fds[i] = dial();
    if (strcmp(argv[1], "idle") == 0) {
        printf("open\n");
        fflush(stdout);
        while (getchar() != EOF)
            ;
        return 0;
    }

    size_t size = (size_t)atol(argv[5]);
    double length = atof(argv[6]);
    char *message = malloc(size), *answer = malloc(size);
    if (message == NULL || answer == NULL)
        die("malloc");
    for (size_t i = 0; i < size; i++)
        message[i] = (char)(i * 31 + i / 251);

    if (strcmp(argv[1], "flood") == 0) {
        int messages = atoi(argv[6]), *outside = calloc((size_t)messages, sizeof *outside);
        if (outside == NULL)
            die("calloc");
        slow(fds, count, NULL, count, message, answer, size); /* until everybody is inside */
        double quiet = slow(fds, count, NULL, messages, message, answer, size);
        printf("%.9f %.9f\n", quiet, slow(fds, count, outside, messages, message, answer, size));
        return 0;
    }

    long done = 0;
    double since = seconds();
    if (strcmp(argv[1], "accept") == 0) {
        for (int i = 0; i < count; i++)
            put(fds[i], message, size);
        while (seconds() - since < length)
            for (int i = 0; i < count; i++, done++) {
                take(fds[i], message, answer, size);
                close(fds[i]);
                fds[i] = dial();
                put(fds[i], message, size);
            }
    } else if (count == 1) {
        while (seconds() - since < length) {
            exchange(fds[0], message, answer, size);
            done++;
        }
    } else {
        for (int i = 0; i < count; i++)
            put(fds[i], message, size);
        while (seconds() - since < length)
            for (int i = 0; i < count; i++, done++) {
                take(fds[i], message, answer, size);
                put(fds[i], message, size);
            }
    }
    report(done, since);
    return 0;
}
