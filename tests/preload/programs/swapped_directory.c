/* SPDX-License-Identifier: MIT
 * swapped_directory LIBRARY DIRECTORY OTHER PROGRAM [ARGUMENT...]: runs the program metered, with its socket
 * in DIRECTORY; at the moment its service binds the socket, after all checks, OTHER takes the directory's
 * name, and DIRECTORY is DIRECTORY.moved. Prints "swapped", and lives as long as the program. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

union control {
  char room[CMSG_SPACE(sizeof(int))];
  struct cmsghdr align;
};

static struct msghdr message(union control *control, struct iovec *text) {
  struct msghdr header = {.msg_iov = text, .msg_iovlen = 1};
  header.msg_control = control;
  header.msg_controllen = sizeof *control;
  return header;
}

static int send_descriptor(int to, int fd) {
  char letter = 'x';
  struct iovec text = {&letter, 1};
  union control control = {{0}};
  struct msghdr header = message(&control, &text);
  struct cmsghdr *first = CMSG_FIRSTHDR(&header);
  first->cmsg_level = SOL_SOCKET;
  first->cmsg_type = SCM_RIGHTS;
  first->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(first), &fd, sizeof fd);
  return sendmsg(to, &header, 0) == 1;
}

static int receive_descriptor(int from) {
  char letter;
  int fd = -1;
  struct iovec text = {&letter, 1};
  union control control = {{0}};
  struct msghdr header = message(&control, &text);
  if (recvmsg(from, &header, 0) == 1 && CMSG_FIRSTHDR(&header) != NULL)
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof fd);
  return fd;
}

static int run(char **argv, int parent) {
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  const long listener =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0 || !send_descriptor(parent, (int)listener)) return 3;
  close((int)listener);
  close(parent);
  setenv("LD_PRELOAD", argv[1], 1);
  setenv("HEAPMETER_DIR", argv[2], 1);
  execv(argv[4], argv + 4);
  return 127;
}

static int swap(char **argv) {
  char moved[4096];
  snprintf(moved, sizeof moved, "%s.moved", argv[2]);
  if (rename(argv[2], moved) != 0 || rename(argv[3], argv[2]) != 0) return 0;
  puts("swapped");
  fflush(stdout);
  return 1;
}

int main(int argc, char **argv) {
  int pair[2], swapped = 0;
  if (argc < 5 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return 2;
  const pid_t child = fork();
  if (child == 0) _exit(run(argv, pair[0]));
  close(pair[0]);
  const int listener = receive_descriptor(pair[1]);
  if (listener < 0) return 3;
  struct seccomp_notif asked;
  struct seccomp_notif_resp answer;
  while (memset(&asked, 0, sizeof asked), ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0) {
    /* A socket's: the service's, not the attempt made in advance. */
    if (!swapped && (int)asked.data.args[0] >= 0 && !(swapped = swap(argv))) return 4;
    memset(&answer, 0, sizeof answer);
    answer.id = asked.id;
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  return waitpid(child, NULL, 0) != child;
}
