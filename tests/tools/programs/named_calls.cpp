// SPDX-License-Identifier: MIT
//
// Calls from every kind of function. Of each it says where the call returns to, in which file of its memory,
// and the line of the source. Then it waits.
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace {

struct Search {
  unsigned long address;
  unsigned long bias, start, end;
  const char *name;
};

int holds(dl_phdr_info *info, size_t, void *out) {
  Search &search = *static_cast<Search *>(out);
  unsigned long start = ~0ul, end = 0;
  for (int each = 0; each < info->dlpi_phnum; ++each) {
    const ElfW(Phdr) &header = info->dlpi_phdr[each];
    if (header.p_type != PT_LOAD) continue;
    if (info->dlpi_addr + header.p_vaddr < start) start = info->dlpi_addr + header.p_vaddr;
    if (info->dlpi_addr + header.p_vaddr + header.p_memsz > end)
      end = info->dlpi_addr + header.p_vaddr + header.p_memsz;
  }
  if (search.address < start || search.address >= end) return 0;
  search.bias = info->dlpi_addr;
  search.start = start;
  search.end = end;
  search.name = info->dlpi_name;
  return 1;
}

}  // namespace

namespace {

void tell(const char *label, int line, void *address) {
  Search search{reinterpret_cast<unsigned long>(address), 0, 0, 0, ""};
  dl_iterate_phdr(holds, &search);
  char path[4096] = "";
  // In a root directory without /proc it is what it was started as.
  if (*search.name == '\0' && readlink("/proc/self/exe", path, sizeof path - 1) < 0)
    snprintf(path, sizeof path, "%s", program_invocation_name);
  printf("%s\t%s\t%lu\t%lu\t%lu\t%lu\t%d\n", label, *search.name == '\0' ? path : search.name, search.bias,
         search.start, search.end, search.address - search.bias, line);
}

jmp_buf back;

}  // namespace

extern "C" __attribute__((noinline)) void here(const char *label, int line) {
  tell(label, line, __builtin_return_address(0));
}

__attribute__((noinline, noreturn)) void here_for_good(const char *label, int line) {
  tell(label, line, __builtin_return_address(0));
  longjmp(back, 1);
}

namespace shop {

struct Cart {
  __attribute__((noinline)) void add(int count);
  std::vector<std::string> names;
};

static inline __attribute__((always_inline)) void step() {
  here("inlined", __LINE__);
  asm volatile("");
}

template <typename Kind>
inline __attribute__((always_inline)) void grow(Kind) {
  step();
}

void Cart::add(int count) {
  grow(count);
  asm volatile("");
}

template <typename Container>
__attribute__((noinline)) void fill(Container &) {
  here("template", __LINE__);
  asm volatile("");
}

}  // namespace shop

namespace {

__attribute__((noinline)) void hidden(int) {
  here("anonymous", __LINE__);
  asm volatile("");
}

}  // namespace

static __attribute__((noinline)) void of_this_file() {
  here("static", __LINE__);
  asm volatile("");
}

template <typename Callable>
__attribute__((noinline)) void call_it(Callable callable) {
  callable();
  asm volatile("");
}

// Its last instruction is a call: what it would return to is another function.
extern "C" __attribute__((noinline)) void ends_with_call() { here_for_good("last", __LINE__); }

extern "C" void called_in_c(void);

int main([[maybe_unused]] int count, [[maybe_unused]] char **arguments) {
  shop::Cart cart;
  cart.add(1);
  shop::fill(cart.names);
  hidden(1);
  of_this_file();
  called_in_c();
  [](int) __attribute__((noinline)) {
    here("lambda", __LINE__);
    asm volatile("");
  }
  (1);
  call_it([]() __attribute__((always_inline)) {
    here("inlined lambda", __LINE__);
    asm volatile("");
  });
  if (setjmp(back) == 0) ends_with_call();
#ifndef WITHOUT_PLUGIN
  if (count > 1 && *arguments[1] != '\0') {
    void *plugin = dlopen(arguments[1], RTLD_NOW);
    if (plugin == nullptr) return fprintf(stderr, "%s\n", dlerror()), 1;
    reinterpret_cast<void (*)(void (*)(const char *, int))>(dlsym(plugin, "plugin_call"))(here);
  }
#endif
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
