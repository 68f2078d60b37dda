// SPDX-License-Identifier: MIT
//
// What `heapmeter run` is told of each process, so that it misses none: files in the directory of
// HEAPMETER_RUN whose names, PID-MONOTONIC_NS-WORD-PROGRAM, say all but a path, and what a program counted
// that becomes another one, behind it and a null, as /v1/snapshot has it. Two system calls beside those that
// ask who and when; without the variable, none.
//
// A process that has begun and leaves no report was killed, or left by the bare system call. One that was to
// become another program, and of which that says nothing, runs without the meter.
#pragma once

#include <stdint.h>

namespace heapmeter::notices {

enum class Begun { kCounted, kPassedThrough, kLeftOut };
void begun(Begun how) noexcept;
void forked() noexcept;
// The error stands in the program's place: where files may not grow, a name is all there can be.
void unwritten(long error) noexcept;

// Whether the process that calls is one that has told of its beginning: a vfork child has not, though all of
// this memory is its own.
bool of_this_process() noexcept;

// Around a call by which the calling process becomes another program; a vfork child may do so.
class Becoming {
 public:
  explicit Becoming(const char *path) noexcept;
  // It did not.
  void failed() noexcept;

 private:
  int pid_ = 0;
  uint64_t when_ns_ = 0;
  const char *path_;
};

// Whether any of what follows here would be told.
bool wanted() noexcept;
// Before a call by which another process begins; after it, which process that is: one that becomes another
// program, or one that goes on as a copy of this, and of which no handler of a fork could tell.
uint64_t now() noexcept;
void started(int pid, uint64_t before_ns, const char *path) noexcept;
void copied(int pid, uint64_t before_ns) noexcept;

}  // namespace heapmeter::notices
