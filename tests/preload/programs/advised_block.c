/* SPDX-License-Identifier: MIT
 * A large block of which a part was advised, locked, bound or protected, so that the kernel keeps it as
 * several mappings, grows, shrinks and goes as any other. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kLock = 1000, kLockOnFault, kProtect, kBind, kFaults, kKey };
static const int kinds[] = {MADV_HUGEPAGE,  MADV_NOHUGEPAGE,    MADV_DONTFORK,   MADV_DONTDUMP,
                            MADV_MERGEABLE, MADV_SEQUENTIAL,    MADV_RANDOM,     MADV_WILLNEED,
                            MADV_COLD,      MADV_PAGEOUT,       MADV_WIPEONFORK, kLock,
                            kLockOnFault,   kProtect,           kBind,           kFaults,
                            kKey,           MADV_POPULATE_WRITE};
static const size_t sizes[] = {150000, 1 << 20, 17 << 20};
enum { kKinds = sizeof kinds / sizeof *kinds, kSizes = sizeof sizes / sizeof *sizes };
static int faults = -1, key = -1;

/* What this kernel or user may not do leaves the block as it was. */
static void split(char *part, size_t bytes, int kind) {
  const unsigned long node = 1;
  struct uffdio_register registration = {.range = {(size_t)part, bytes},
                                         .mode = UFFDIO_REGISTER_MODE_MISSING};
  if (kind < kLock) madvise(part, bytes, kind);
  if (kind == kLock) mlock(part, bytes);
  if (kind == kLockOnFault) syscall(SYS_mlock2, part, bytes, MLOCK_ONFAULT);
  if (kind == kProtect) mprotect(part, bytes, PROT_READ);
  if (kind == kBind) syscall(SYS_mbind, part, bytes, 2 /* MPOL_BIND */, &node, 64, 0);
  if (kind == kKey && key >= 0) pkey_mprotect(part, bytes, PROT_READ | PROT_WRITE, key);
  if (kind == kFaults) ioctl(faults, UFFDIO_REGISTER, &registration);
}

static int right(const unsigned char *block, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 509)
    if (block[i] != (unsigned char)(i % 251)) return 0;
  return 1;
}

/* The exit code of a child, which may lack a part of the block, and releases it all the same. */
static int of_child(void *block) {
  const pid_t child = fork();
  if (child == 0) {
    free(block);
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

/* The part is two pages from `quarter` quarters on, at the end for 4. */
static int survives(size_t bytes, int kind, int quarter, size_t to, int aligned) {
  unsigned char *block = aligned ? memalign(65536, bytes) : malloc(bytes);
  for (size_t i = 0; i < bytes; i += 509) block[i] = (unsigned char)(i % 251);
  const size_t from = ((size_t)block + (bytes - 8192) * quarter / 4) & -(size_t)4096;
  split((char *)(from < (size_t)block ? from + 4096 : from), 8192, kind);
  int good = malloc_usable_size(block) >= bytes && right(block, bytes);
  unsigned char *now = realloc(block, to);
  good = good && now != NULL && right(now, to < bytes ? to : bytes) && malloc_usable_size(now) >= to;
  return good && of_child(now) == 0 && (free(now), 1);
}

int main(void) {
  const struct uffdio_api wanted = {.api = UFFD_API};
  struct uffdio_api api = wanted;
  faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
  if (faults >= 0) ioctl(faults, UFFDIO_API, &api);
  key = pkey_alloc(0, 0);
  for (int kind = 0; kind < kKinds; ++kind) {
    int good = 0, all = 0;
    for (int size = 0; size < kSizes; ++size) {
      const size_t bytes = sizes[size], to[] = {bytes + 5000, bytes * 2, bytes * 3 / 4, 70000, 1000};
      for (int i = 0; i < 5; ++i, ++all) {
        /* Each in a process of its own: allocators keep the next block of a size that was released among
           others, where a part must not be left protected. */
        const pid_t child = fork();
        if (child == 0) _exit(survives(bytes, kinds[kind], all % 5, to[i], all % 2) ? 0 : 1);
        int status = -1;
        waitpid(child, &status, 0);
        good += status == 0;
      }
    }
    printf("kind %d: %s\n", kinds[kind], good == all ? "kept" : "lost");
  }
  return 0;
}
