/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded: writes each attempt to reach the network into the file $XPURT_TRAFFIC_RECORD, and lets
 * none out but to this machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static void record(const char* what, const char* of) {
  const char* path = getenv("XPURT_TRAFFIC_RECORD");
  if (path == NULL) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file < 0) return;
  char line[256] = {0};
  strncat(line, what, 100);
  strncat(line, " ", 2);
  strncat(line, of != NULL ? of : "?", 100);
  strncat(line, "\n", 2);
  if (write(file, line, strlen(line)) < 0) abort();
  close(file);
}

static int is_network(int family) { return family == AF_INET || family == AF_INET6; }

SHOWN int socket(int family, int type, int protocol) {
  if (is_network(family)) record("socket", "");
  int (*next)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
  return next(family, type, protocol);
}

static int is_loopback(const struct sockaddr* address) {
  return address->sa_family == AF_INET &&
         ntohl(((const struct sockaddr_in*)address)->sin_addr.s_addr) == INADDR_LOOPBACK;
}

SHOWN int connect(int handle, const struct sockaddr* address, socklen_t size) {
  if (is_network(address->sa_family)) {
    record("connect", is_loopback(address) ? "loopback" : "network");
    if (!is_loopback(address)) {
      errno = ENETUNREACH;
      return -1;
    }
  }
  int (*next)(int, const struct sockaddr*, socklen_t) =
      (int (*)(int, const struct sockaddr*, socklen_t))dlsym(RTLD_NEXT, "connect");
  return next(handle, address, size);
}

SHOWN int getaddrinfo(const char* host, const char* service, const struct addrinfo* hints,
                      struct addrinfo** result) {
  (void)service;
  (void)hints;
  (void)result;
  record("getaddrinfo", host);
  return EAI_FAIL;
}
