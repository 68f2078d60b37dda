// SPDX-License-Identifier: MIT
// Held by a word in memory of every kind that can be mapped.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "leak_case.h"

namespace leak_case {
namespace {

constexpr size_t kBytes = 1 << 20;

void **map(size_t bytes, int flags, int file = -1) {
  void *mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<void **>(mapped);
}
void **anonymous(int flags = MAP_PRIVATE) { return map(kBytes, flags | MAP_ANONYMOUS); }

void hold_in_files() {
  const int memory = memfd_create("leak_cases", MFD_CLOEXEC);
  if (ftruncate(memory, 8192) != 0) return;
  map(kBytes, MAP_SHARED, memory)[100] = make(5201);  // longer than its file
  expect("memfd_shared", 5201, "held");
  map(8192, MAP_PRIVATE, memory)[200] = make(5203);
  expect("memfd_private", 5203, "held");
  const int segment = shmget(IPC_PRIVATE, kBytes, IPC_CREAT | 0600);
  if (segment < 0) return;
  static_cast<void **>(shmat(segment, nullptr, 0))[300] = make(5205);
  shmctl(segment, IPC_RMID, nullptr);
  expect("system_v_segment", 5205, "held");
}

int file_on_disk() {
  char name[] = "/var/tmp/heapmeter-leak-cases-XXXXXX";
  const int file = mkstemp(name);
  if (file >= 0) unlink(name);
  return file >= 0 && ftruncate(file, 8192) == 0 ? file : -1;
}

void hold_in_files_on_disk() {
  const int file = file_on_disk();
  if (file < 0) return;
  map(8192, MAP_SHARED, file)[300] = make(5251);
  expect("file_on_disk_shared", 5251, "held");
  map(8192, MAP_PRIVATE, file)[310] = make(5253);
  expect("file_on_disk_private", 5253, "held");
  void **later = map(4096, MAP_SHARED, file_on_disk());
  later[5] = make(5255);
  munmap(later, 4096);
  expect("in_a_file_that_is_not_mapped", 5255, "hidden", 1, 0);
}

// What is closed to writing now was written before.
void hold_where_nothing_is_written_now() {
  void **closed = anonymous();
  closed[5] = make(5215);
  mprotect(closed, kBytes, PROT_NONE);
  expect("closed", 5215, "held");
  void **read_only = anonymous();
  read_only[5] = make(5217);
  mprotect(read_only, kBytes, PROT_READ);
  expect("read_only", 5217, "held");
  const int sizes[] = {5261, 5263};
  for (const int protection : {PROT_READ, PROT_NONE}) {
    const char *names[] = {"hidden_and_read_only", "hidden_and_closed", "shared_and_read_only",
                           "shared_and_closed"};
    const int which = protection == PROT_NONE ? 1 : 0;
    void **hidden = anonymous();
    madvise(hidden, kBytes, MADV_DONTFORK);
    hidden[5] = make(sizes[which]);
    mprotect(hidden, kBytes, protection);
    expect(names[which], sizes[which], "held");
    void **shared = anonymous(MAP_SHARED);
    shared[5] = make(sizes[which] + 4);
    mprotect(shared, kBytes, protection);
    expect(names[2 + which], sizes[which] + 4, "held");
  }
  if (const int file = file_on_disk(); file >= 0) {
    void **copy = map(8192, MAP_PRIVATE, file);
    copy[310] = make(5269);
    mprotect(copy, 8192, PROT_READ);
    expect("file_on_disk_private_and_read_only", 5269, "held");
  }
}

void hold_as_advised() {
  void **hidden = anonymous();
  madvise(hidden, kBytes, MADV_DONTFORK);
  hidden[5] = make(5211);
  expect("dontfork", 5211, "held");
  void **wiped = anonymous();
  madvise(wiped, kBytes, MADV_WIPEONFORK);
  wiped[5] = make(5213);
  expect("wipeonfork", 5213, "hidden", 1, 0);
  void **cold = anonymous();
  cold[5] = make(5219);
  madvise(cold, kBytes, MADV_PAGEOUT);
  expect("paged_out", 5219, "held");
  void **huge = map(4 << 20, MAP_PRIVATE | MAP_ANONYMOUS);
  madvise(huge, 4 << 20, MADV_HUGEPAGE);
  huge[300'000] = make(5221);
  expect("transparent_huge_page", 5221, "held");
  void **locked = anonymous();
  locked[5] = make(5223);
  mlock(locked, 4096);
  expect("locked", 5223, "held");
  // Of no pages, and no mapping's end: since Linux 6.13.
  void **guarded = anonymous();
  constexpr int kInstallGuard = 102;
  madvise(guarded, 4096, kInstallGuard);
  guarded[1000] = make(5225);
  expect("behind_a_guard", 5225, "held");
}

// As just-in-time compilers do: an instruction that loads it, wherever that begins.
void load_by_code(unsigned char *code, int bytes) {
  constexpr unsigned char kMoveToRax[] = {0x48, 0xb8};
  void *const block = make(bytes);
  code[0] = kMoveToRax[0], code[1] = kMoveToRax[1];
  memcpy(code + 2, &block, sizeof block);
}
void hold_in_code() {
  for (const int protection : {PROT_READ | PROT_WRITE | PROT_EXEC, PROT_READ | PROT_EXEC}) {
    const bool closed = (protection & PROT_WRITE) == 0;
    const int bytes = closed ? 5273 : 5271;
    auto *code = reinterpret_cast<unsigned char *>(anonymous()) + 4096 + (closed ? 4093 : 0);
    load_by_code(code, bytes);
    mprotect(reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(code) & -uintptr_t{4096}), 8192,
             protection);
    expect(closed ? "in_code_that_is_closed_to_writing" : "in_code", bytes, "held");
  }
  // Where stacks may be executed, such memory may be a stack's, too.
  auto *const guard = reinterpret_cast<unsigned char *>(anonymous());
  mprotect(guard, kBytes, PROT_READ | PROT_WRITE | PROT_EXEC);
  mprotect(guard, 4096, PROT_NONE);
  load_by_code(guard + 8192, 5275);
  expect("in_code_above_a_guard", 5275, "held");
}

}  // namespace

void hold_in_mappings() {
  hold_in_code();
  anonymous()[70'000] = make(5231);
  expect("private_mapping", 5231, "held");
  anonymous(MAP_SHARED)[70'000] = make(5233);
  expect("shared_mapping", 5233, "held");
  map(size_t{1} << 40, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)[size_t{1} << 30] = make(5235);
  expect("in_a_tebibyte", 5235, "held");
  map(kBytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN)[70'000] = make(5237);
  expect("growing_downwards", 5237, "held");
  if (void **huge = map(2 << 20, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB)) {
    huge[5] = make(5239);
    expect("huge_page", 5239, "held");
  }
  hold_in_files();
  hold_in_files_on_disk();
  hold_as_advised();
  hold_where_nothing_is_written_now();
  *static_cast<void **>(sbrk(4096)) = make(5241);
  expect("program_break", 5241, "held");
  static void **large;
  large = static_cast<void **>(malloc(300 << 20));
  large[(200 << 20) / sizeof *large] = make(5243);
  keep(large);
  expect("in_a_large_block", 5243, "held");
  static void **page;
  page = static_cast<void **>(aligned_alloc(4096, 8192));
  *page = make(5245);
  mprotect(page, 4096, PROT_NONE);
  keep(page);
  expect("in_a_closed_page_of_a_block", 5245, "held");
}

}  // namespace leak_case
