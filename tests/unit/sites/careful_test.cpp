// SPDX-License-Identifier: MIT
//
// Stacks of which call frame information alone does not tell: code without it, signals at any instruction,
// stacks that are not the thread's own.
#include "sites/careful.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sites/eh_frame.h"
#include "unwound.h"
#include "wanderer.h"

using namespace heapmeter;
using heapmeter::testing::Wanderer;
using heapmeter::testing::Witness;

#if defined(__x86_64__)

namespace {

using Visit = void (*)(void *);

// push %rbp; mov %rsp, %rbp; mov %rdi, %rax; mov %rsi, %rdi; mov %rdx, %rsi; call *%rax; pop %rbp; ret
constexpr unsigned char kWithFramePointer[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8, 0x48, 0x89,
                                               0xf7, 0x48, 0x89, 0xd6, 0xff, 0xd0, 0x5d, 0xc3};
// The same with a pointer to data in its place: push %rbp; mov %rdx, %rbp; …
constexpr unsigned char kWithOtherUse[] = {0x55, 0x48, 0x89, 0xd5, 0x48, 0x89, 0xf8, 0x48, 0x89,
                                           0xf7, 0x90, 0x90, 0x90, 0xff, 0xd0, 0x5d, 0xc3};

// Code that was made at run time: no object, and nothing that tells of it.
class MadeCode {
 public:
  template <size_t kBytes>
  explicit MadeCode(const unsigned char (&code)[kBytes])
      : page_(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    std::memcpy(page_, code, kBytes);
    mprotect(page_, 4096, PROT_READ | PROT_EXEC);
  }
  ~MadeCode() { munmap(page_, 4096); }
  MadeCode(const MadeCode &) = delete;
  MadeCode &operator=(const MadeCode &) = delete;

  void call(Visit visit, void *argument, const void *third = nullptr) const {
    reinterpret_cast<void (*)(Visit, void *, const void *)>(page_)(visit, argument, third);
    __asm__ volatile("");  // no tail call
  }
  Visit entry() const { return reinterpret_cast<Visit>(page_); }
  bool holds(uintptr_t ip) const { return ip - reinterpret_cast<uintptr_t>(page_) < 4096; }

 private:
  void *page_;
};

struct Seen {
  Witness witness;
  sites::Captured captured{};
  std::vector<uintptr_t> frames;  // innermost first

  [[gnu::noinline]] static void look(void *self) {
    auto *seen = static_cast<Seen *>(self);
    const auto *bp = static_cast<const uintptr_t *>(__builtin_frame_address(0));
    sites::Stack &stack = seen->witness.stack();
    seen->captured = sites::capture(stack, {bp[1], reinterpret_cast<uintptr_t>(bp + 2), bp[0]});
    seen->frames.clear();
    for (size_t i = sites::depth(stack); i-- > 0;) seen->frames.push_back(sites::frame(stack, i));
  }
};

TEST(CarefulWalk, BelievesAFramePointerThatLeadsBackToCodeThatTells) {
  const MadeCode code(kWithFramePointer);
  Seen seen;
  for (int i = 0; i < 3; ++i) {
    code.call(Seen::look, &seen);
    EXPECT_FALSE(seen.captured.cut_short);
    ASSERT_GE(seen.frames.size(), 4u);
    EXPECT_TRUE(code.holds(seen.frames[0]));
  }
  Witness plain;
  plain.look();
  // From the same function outward both are the same, but for where in it they were called.
  const size_t depth = sites::depth(plain.stack());
  ASSERT_EQ(seen.frames.size(), depth + 1);
  for (size_t i = 2; i <= depth; ++i) {
    EXPECT_EQ(seen.frames[i], sites::frame(plain.stack(), depth - i));
  }
}

Seen *looking = nullptr;
void look_by_it(void *) {
  Seen::look(looking);
  __asm__ volatile("");  // no tail call
}

// As runtimes have it that come with some of their made code.
extern "C" void code_of_the_program_that_says_nothing(void *);
__asm__(
    ".text\n"
    "code_of_the_program_that_says_nothing:\n"
    "push %rbp\nmov %rsp, %rbp\nmov %rdi, %rax\nmov %rsi, %rdi\nmov %rdx, %rsi\n"
    "call *%rax\npop %rbp\nret\n");

TEST(CarefulWalk, FollowsFramePointersThroughCodeThatDoesNotTell) {
  const MadeCode outer(kWithFramePointer), made(kWithFramePointer), inner(kWithFramePointer);
  for (const Visit middle : {made.entry(), &code_of_the_program_that_says_nothing}) {
    Seen seen;
    looking = &seen;
    // Each calls the next one, and the inner one the visit.
    outer.call(middle, reinterpret_cast<void *>(inner.entry()), reinterpret_cast<void *>(&look_by_it));
    EXPECT_FALSE(seen.captured.cut_short);
    Witness plain;
    plain.look();
    const size_t depth = sites::depth(plain.stack());
    ASSERT_EQ(seen.frames.size(), depth + 4);
    EXPECT_TRUE(inner.holds(seen.frames[1]));
    EXPECT_LT(seen.frames[2] - reinterpret_cast<uintptr_t>(middle), 32u);
    EXPECT_TRUE(outer.holds(seen.frames[3]));
    for (size_t i = 1; i < depth; ++i)
      EXPECT_EQ(seen.frames[seen.frames.size() - i], sites::frame(plain.stack(), i - 1));
  }
}

TEST(CarefulWalk, BelievesNoneOfThemWhereTheyDoNotLeadToTheOutermostFrame) {
  const MadeCode outer(kWithOtherUse), inner(kWithFramePointer);
  const uintptr_t other[2] = {reinterpret_cast<uintptr_t>(&other[1]),
                              reinterpret_cast<uintptr_t>(outer.entry())};
  Seen seen;
  looking = &seen;
  outer.call(inner.entry(), reinterpret_cast<void *>(&look_by_it), other);
  EXPECT_TRUE(seen.captured.cut_short);
  ASSERT_EQ(seen.frames.size(), 2u);
  EXPECT_TRUE(inner.holds(seen.frames[1]));
}

TEST(CarefulWalk, IsCutShortWhereTheRegisterHoldsSomethingElse) {
  const MadeCode code(kWithOtherUse);
  const uintptr_t no_code[2] = {0x1234, reinterpret_cast<uintptr_t>(&no_code)};
  const uintptr_t nothing = 8;
  for (const void *other :
       {static_cast<const void *>(no_code), static_cast<const void *>(&code),
        reinterpret_cast<const void *>(nothing), reinterpret_cast<const void *>(~nothing)}) {
    Seen seen;
    code.call(Seen::look, &seen, other);
    EXPECT_TRUE(seen.captured.cut_short);
    EXPECT_EQ(seen.frames.size(), 1u);
  }
}

TEST(CarefulWalk, TakesNoAddressOnTheStackForCode) {
  Witness witness;
  const auto bp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  // The frame pointer leads straight back to code that tells of itself. That the stack reaches further down
  // no variable shows: under gcc 14's AddressSanitizer they live elsewhere.
  const sites::Captured captured = sites::capture(witness.stack(), {bp, bp - sizeof(uintptr_t), bp});
  EXPECT_TRUE(captured.cut_short);
  EXPECT_EQ(sites::depth(witness.stack()), 0u);
}

Witness *of_signals = nullptr;

// Amid these the registers of the frame that catches take the place of their own. No unwinder can tell then
// who called them, and the compiler's own reads wherever that leads.
bool is_amid_throw(const sites::Stack &stack) {
  for (size_t i = 0; i < sites::depth(stack); ++i) {
    const uint64_t function = sites::frame_entry_of(sites::frame(stack, i) - 1).start;
    if (function == reinterpret_cast<uintptr_t>(&_Unwind_RaiseException) ||
        function == reinterpret_cast<uintptr_t>(&_Unwind_Resume))
      return true;
  }
  return false;
}

void at_any_instruction(int) {
  sites::Stack &stack = of_signals->stack();
  const auto *bp = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  sites::capture(stack, {bp[1], reinterpret_cast<uintptr_t>(bp + 2), bp[0]});
  if (!is_amid_throw(stack)) of_signals->look();
}

// As clang ends functions: where bp is is told up to the last instruction, though it was fetched from there.
extern "C" void is_stopped_at_its_last_instruction();
__asm__(
    ".text\n"
    "is_stopped_at_its_last_instruction:\n"
    ".cfi_startproc\n"
    "push %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n"
    "mov %rsp, %rbp\n.cfi_def_cfa_register %rbp\n"
    "pop %rbp\n.cfi_def_cfa %rsp, 8\n"
    "int3\nret\n"
    ".cfi_endproc\n");

TEST(CarefulWalk, KnowsWhatIsBelowTheStackForFetched) {
  Witness in_handler;
  of_signals = &in_handler;
  struct sigaction action {
  }, before{};
  action.sa_handler = at_any_instruction;
  ASSERT_EQ(sigaction(SIGTRAP, &action, &before), 0);
  is_stopped_at_its_last_instruction();
  sigaction(SIGTRAP, &before, nullptr);
  EXPECT_EQ(in_handler.captures(), 1u);
  EXPECT_EQ(in_handler.cut_short(), 0u);
  EXPECT_EQ(in_handler.wrong(), 0u) << in_handler.first_wrong();
}

TEST(CarefulWalk, GoesThroughSignalsAtAnyInstruction) {
  Witness in_handler, beside;
  of_signals = &in_handler;
  struct sigaction action {
  }, before{};
  action.sa_handler = at_any_instruction;
  action.sa_flags = SA_RESTART;
  ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
  const itimerval often{{0, 200}, {0, 200}}, never{};
  setitimer(ITIMER_REAL, &often, nullptr);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (uint32_t seed = 0; in_handler.captures() < 300 && std::chrono::steady_clock::now() < deadline;
       ++seed) {
    Wanderer(beside, seed).wander(10);
  }
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_GE(in_handler.captures(), 300u);
  EXPECT_EQ(in_handler.wrong(), 0u) << in_handler.first_wrong();
  EXPECT_EQ(beside.wrong(), 0u) << beside.first_wrong();
}

void *wander_on_it(void *) {
  Witness witness;
  for (uint32_t seed = 0; seed < 50; ++seed) Wanderer(witness, seed).wander(8);
  EXPECT_EQ(witness.wrong(), 0u) << witness.first_wrong();
  EXPECT_EQ(witness.cut_short(), 0u);
  const uint64_t known = witness.known();
  volatile int times = 3;  // from one place, not unrolled
  for (int left = times; left > 0; --left) witness.look();
  EXPECT_GE(witness.known(), known + 2) << "it is as much a thread's own as one that libc makes";
  return nullptr;
}

TEST(CarefulWalk, IsNotNeededOnAStackThatTheProgramGaveAThread) {
  constexpr size_t kBytes = 1 << 20;
  void *memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, memory, kBytes);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, wander_on_it, nullptr), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  munmap(memory, kBytes);
}

// What it takes to look at memory ends the program there, and nobody has said so.
bool forbid_probing() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof *filter, filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(CarefulWalk, AsksNothingInASandboxThatCameUnseen) {
  Witness before;
  if (sandbox::was_there()) GTEST_SKIP() << "in a sandbox a second one is not seen";
  before.look();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!forbid_probing()) _exit(2);
    Witness after;
    after.look();
    // What was known of the stack stays known.
    before.look();
    _exit(after.cut_short() == 1 && after.wrong() == 0 && before.cut_short() == 0 && before.wrong() == 0 ? 0
                                                                                                         : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A page that cannot be read is the end, wherever the registers point.
TEST(CarefulWalk, ReadsNoPageThatIsNotThere) {
  constexpr size_t kPage = 4096;
  auto *memory = static_cast<char *>(
      mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory + 2 * kPage, kPage, PROT_NONE), 0);
  Witness witness;
  witness.look();
  const uintptr_t ip = sites::frame(witness.stack(), 0);
  const auto end = reinterpret_cast<uintptr_t>(memory + 2 * kPage);
  for (uintptr_t sp = end - 512; sp <= end + 64; sp += 8) {
    for (const uintptr_t bp : {sp, end - 8, end, end + 8, uintptr_t{0}, UINTPTR_MAX - 7}) {
      std::fill_n(reinterpret_cast<uintptr_t *>(end - 512), 64, ip);
      const sites::Captured captured = sites::capture(witness.stack(), {ip, sp, bp});
      EXPECT_TRUE(captured.cut_short || sites::depth(witness.stack()) > 0);
    }
  }
  munmap(memory, 3 * kPage);
}

}  // namespace

#else

TEST(CarefulWalk, IsNotDoneOnThisMachine) { GTEST_SKIP() << "stacks are not walked on this machine"; }

#endif
