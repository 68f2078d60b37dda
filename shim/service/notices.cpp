// SPDX-License-Identifier: MIT
#include "service/notices.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/options.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "base/text_buffer.h"
#include "service/pages/snapshot.h"

namespace heapmeter::notices {
namespace {

constexpr size_t kDirectoryRoom = 1024, kNameRoom = 256;
constexpr size_t kMostOfProgram = 120;
constexpr const char *kBecomes = "exec", *kForked = "forked";

constinit int told_by = 0;

using Path = char[kDirectoryRoom + kNameRoom];

const char *directory() noexcept { return options::get().run; }

const char *file_name(const char *path) noexcept {
  const char *slash = strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

bool name(Path &out, int pid, uint64_t when_ns, const char *word, const char *program) noexcept {
  TextBuffer text(out, sizeof out - 1);
  text.add(directory());
  text.add("/");
  text.add(static_cast<uint64_t>(pid));
  text.add("-");
  text.add(when_ns);
  text.add("-");
  text.add(word);
  text.add("-");
  const char *last = file_name(program);
  text.add(last, strnlen(last, kMostOfProgram));
  out[text.size()] = '\0';
  return !text.overflowed();
}

// The calls are some of those that a report makes, and made where one may be: whoever asks who this is, or
// when, asks this first.
bool may_tell() noexcept { return directory() != nullptr && sandbox::lets_report(); }

// Not on the stack: exec may be called on a small one. One at a time has it; another tells without.
constinit char counts_room[8 * 1024];
constinit bool counts_taken = false;

void write_counts(int fd) noexcept {
  if (__atomic_exchange_n(&counts_taken, true, __ATOMIC_ACQUIRE)) return;
  TextBuffer counts(counts_room, sizeof counts_room);
  counts.add("", 1);
  pages::write_snapshot(counts);
  if (!counts.overflowed()) sys::write_all(fd, counts.data(), counts.size());
  __atomic_store_n(&counts_taken, false, __ATOMIC_RELEASE);
}

void leave(int pid, uint64_t when_ns, const char *word, const char *program, const char *text,
           bool with_counts = false) noexcept {
  Path path;
  if (!name(path, pid, when_ns, word, program)) return;
  const long fd = sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path),
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (sys::failed(fd)) return;
  if (text != nullptr) sys::write_all(static_cast<int>(fd), text, strlen(text));
  if (with_counts) write_counts(static_cast<int>(fd));
  sys::call(SYS_close, fd);
}

void tell(const char *word) noexcept {
  if (!may_tell()) return;
  told_by = sys::pid();
  leave(told_by, sys::monotonic_ns(), word, options::program_name(), nullptr);
}

}  // namespace

bool wanted() noexcept { return options::get().follow && may_tell(); }

void begun(Begun how) noexcept {
  tell(how == Begun::kCounted ? "counted" : how == Begun::kPassedThrough ? "passed" : "off");
}

void forked() noexcept {
  counts_taken = false;  // of a thread that is not here
  tell(kForked);
}

void unwritten(long error) noexcept {
  char digits[24];
  TextBuffer text(digits, sizeof digits - 1);
  text.add(static_cast<uint64_t>(-error));
  digits[text.size()] = '\0';
  if (may_tell()) leave(sys::pid(), sys::monotonic_ns(), "unwritten", digits, nullptr);
}

bool of_this_process() noexcept { return told_by != 0 && may_tell() && told_by == sys::pid(); }

Becoming::Becoming(const char *path) noexcept : path_(path) {
  // What the kernel would refuse is not read.
  if (!wanted() || !sys::is_mapped(path)) return;
  const int saved_errno = errno;
  pid_ = sys::pid();
  when_ns_ = sys::monotonic_ns();
  // A vfork child's calls are its parent's, in whose books they are.
  leave(pid_, when_ns_, kBecomes, path, path, told_by == pid_);
  errno = saved_errno;
}

void Becoming::failed() noexcept {
  Path path;
  if (pid_ == 0 || !sandbox::lets_clean_up() || !name(path, pid_, when_ns_, kBecomes, path_)) return;
  sys::call(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(path), 0);
}

// 0: nothing is told, by those below either.
uint64_t now() noexcept { return wanted() ? sys::monotonic_ns() : 0; }

void started(int pid, uint64_t before_ns, const char *path) noexcept {
  if (before_ns != 0 && path != nullptr) leave(pid, before_ns, kBecomes, path, path);
}

void copied(int pid, uint64_t before_ns) noexcept {
  if (before_ns != 0) leave(pid, before_ns, kForked, options::program_name(), nullptr);
}

}  // namespace heapmeter::notices
