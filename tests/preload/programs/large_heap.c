/* A heap of some hundred MiB, in one of the ways that huge pages are good or bad for; prints what the kernel
 * has of it. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kBlocks = 600000, kMost = 700000 };
static char *blocks[kMost];
static int count;

/* Of 200 bytes, each written. */
static void grow(int many) {
  for (int i = 0; i < many; ++i) memset(blocks[count++] = malloc(200), 1, 200);
}

/* KiB resident, of them shared with nobody, and of huge pages; and how many mappings the kernel is told to
   give these to: `told` of those at the addresses where the allocator has its segments, `all_told` with the
   ledger's. */
static void print_memory(const char *when) {
  char line[512];
  long resident = 0, own = 0, huge = 0, told = 0, all_told = 0, kib;
  uintptr_t from, to, start = 0;
  FILE *maps = fopen("/proc/self/smaps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) start = from;
    if (sscanf(line, "Rss: %ld", &kib) == 1) resident += kib;
    if (sscanf(line, "Private_Dirty: %ld", &kib) == 1) own += kib;
    if (sscanf(line, "AnonHugePages: %ld", &kib) == 1) huge += kib;
    if (strncmp(line, "VmFlags:", 8) != 0 || strstr(line, " hg") == NULL) continue;
    all_told += 1;
    told += start >= (uintptr_t)2 << 40 && start < (uintptr_t)30 << 40;
  }
  if (maps) fclose(maps);
  printf("%s resident %ld own %ld huge %ld told %ld all_told %ld\n", when, resident, own, huge, told,
         all_told);
  fflush(stdout);
}

/* Children that write here and there of what they share with their parent, and have a little of their own. */
static void children(int many) {
  for (int child = 0; child < many; ++child) {
    if (fork() == 0) {
      print_memory("born");
      for (int i = 0; i < count; i += count / 50) blocks[i][0] = 2;
      grow(count / 100);
      print_memory("child");
      _exit(0);
    }
    wait(NULL);
  }
}

static int without_huge_pages(const char *how) {
  if (!strcmp(how, "disabled")) return prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  const char *enabled = "/sys/kernel/mm/transparent_hugepage/enabled";
  return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
         mount(how, enabled, NULL, MS_BIND, NULL);
}

int main(int argc, char **argv) {
  const char *what = argv[1];
  if (argc > 2 && without_huge_pages(argv[2])) return puts("not to be had"), 77;
  if (argc > 2) return execl(argv[0], argv[0], what, NULL);
  grow(kBlocks);
  print_memory("grown");
  if (!strcmp(what, "buffers")) {
    for (int i = 0; i < 200; ++i) memset(malloc(4 << 20), 1, 64 << 10);
    for (int i = 0; i < 2000; ++i) memset(malloc(100 << 10), 1, 4 << 10);
  } else if (!strcmp(what, "fall")) {
    for (int i = 0; i < count; ++i) i % 50000 ? free(blocks[i]) : (void)0;
    print_memory("fallen");
    count = 0;
    grow(kBlocks / 2);
  } else if (!strcmp(what, "children")) {
    children(20);
  }
  print_memory("end");
  return 0;
}
