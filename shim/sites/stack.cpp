#include "sites/stack.h"
#include "sites/standin_cfi.h"
#include <pthread.h>
namespace heapmeter::sites {
namespace {
uint64_t mix(uint64_t h, uint64_t ra) { h ^= ra; h *= 0x9FB21C651E98DF25ull; return h ^ h >> 29; }
}
bool step_out(Registers &r) noexcept {
  const cfi::Rule rule = cfi::rule_for(r.ip - 1);
  uintptr_t cfa;
  if (rule.kind == cfi::kRsp) cfa = r.sp + rule.cfa;
  else if (rule.kind == cfi::kRbp) cfa = r.bp + rule.cfa;
  else return false;
  if (cfa <= r.sp || (cfa & 7)) return false;
  if (cfa - r.sp > (1 << 20)) return false;
  if (rule.rbp) r.bp = *(uintptr_t *)(cfa + rule.rbp);
  r.ip = *(uintptr_t *)(cfa - 8);
  r.sp = cfa;
  return r.ip != 0;
}
Captured capture(Stack &stack, const Registers &from) noexcept {
  Registers r = from;
  size_t n = 0;
  stack.frames[n++] = r.ip;
  while (n < 256 && step_out(r)) stack.frames[n++] = r.ip;
  stack.depth = n;
  uint64_t h = 0;
  for (size_t i = n; i-- > 0;) h = mix(h, stack.frames[i]);
  return {h, 0, false};
}
size_t depth(const Stack &stack) noexcept { return stack.depth; }
uintptr_t frame(const Stack &stack, size_t i) noexcept { return stack.frames[stack.depth - 1 - i]; }
void remember_site(Stack &, uint32_t) noexcept {}
void invalidate() noexcept {}
}  // namespace heapmeter::sites
