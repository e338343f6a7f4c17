/*
 * The physical limit that the bench compares with, and the peer that both sides connect to.
 *
 *   raw listen PORT          accepts on 0.0.0.0:PORT, closes when the client does, prints "ready"
 *   raw connect PORT COUNT   COUNT connects to 127.1.x.y:PORT, one at a time through epoll, then close;
 *                            prints one JSON line with wall and CPU seconds: the floor for any program
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void watch(int poll, int fd, unsigned events) {
  struct epoll_event e = {.events = events, .data.fd = fd};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e) < 0) die("epoll_ctl");
}

static void serve(int port) {
  int on = 1, poll = epoll_create1(0), door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = INADDR_ANY};
  struct epoll_event events[256];
  char sink[4096];
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(door, (struct sockaddr *)&here, sizeof here) < 0) die("bind");
  if (listen(door, 65535) < 0) die("listen");
  watch(poll, door, EPOLLIN);
  puts("ready");
  fflush(stdout);
  for (;;) {
    int n = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd != door) {
        if (read(fd, sink, sizeof sink) <= 0) close(fd);
        continue;
      }
      for (int client; (client = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        watch(poll, client, EPOLLIN | EPOLLRDHUP);
      }
    }
  }
}

/* The i-th of the addresses that the bench uses: 127.1.0.0 upwards, all of them this machine. */
static struct sockaddr_in target(int port, int i) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  a.sin_addr.s_addr = htonl(0x7f010001u + (unsigned)i);
  return a;
}

static void connects(int port, int count) {
  int poll = epoll_create1(0);
  double wall = now(), used = cpu();
  struct epoll_event event;
  for (int i = 0; i < count; i++) {
    struct sockaddr_in there = target(port, i);
    int failed = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof failed;
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&there, sizeof there) < 0 && errno != EINPROGRESS) die("connect");
    watch(poll, fd, EPOLLOUT);
    if (epoll_wait(poll, &event, 1, 5000) != 1) die("epoll_wait");
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
    if (failed) {
      errno = failed;
      die("connect");
    }
    close(fd);
  }
  printf("{\"count\":%d,\"wallSeconds\":%.6f,\"cpuSeconds\":%.6f}\n", count, now() - wall, cpu() - used);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "listen") == 0) serve(atoi(argv[2]));
  if (argc == 4 && strcmp(argv[1], "connect") == 0) {
    connects(atoi(argv[2]), atoi(argv[3]));
    return 0;
  }
  fprintf(stderr, "usage: raw listen PORT | raw connect PORT COUNT\n");
  return 2;
}
