// SPDX-License-Identifier: MIT
//
// Whether a look may be taken: one at a time in a process, none but the last by one that ends, and none while
// the process becomes another program, which would inherit the image as a child it never made.
#pragma once

#include <stdint.h>

namespace heapmeter::leaks::permit {

// All of it is by the number of the process: a child that was forked meanwhile, however it was made, has
// nothing under way.
enum class Answer { kYours, kTaken, kLeaving };
Answer take() noexcept;
void give_back() noexcept;
bool is_taken() noexcept;
// Where the kernel notes the image as it is born, for whoever has it: nobody knows of it later.
int *image_place() noexcept;
// That image, for whoever asks first: he has to end it and wait for it, with signals blocked. 0: another has.
int claim_image() noexcept;

// From now on only the last one, of whoever ends the process.
void note_ending() noexcept;
bool is_ending() noexcept;

bool is_leaving() noexcept;
// Looks may be asked for here, or no longer: what does not serve readers makes no call before exec.
void open() noexcept;
void close() noexcept;
// A child that shares this memory has set up a sandbox, in which not even getpid may be called.
void note_borrowed_sandbox() noexcept;

// Around a call of the exec family. Until one that is under way has been broken off, and its image is no
// more, if need be by this thread; after a call that failed there may be looks again. May be entered from a
// signal handler, amid a look, and in a vfork child, whose exec is none of the process.
class Leaving {
 public:
  Leaving() noexcept;
  ~Leaving();
  Leaving(const Leaving &) = delete;
  Leaving &operator=(const Leaving &) = delete;

 private:
  int process_ = 0;  // 0: nothing was noted
};

}  // namespace heapmeter::leaks::permit
