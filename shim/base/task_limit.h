// SPDX-License-Identifier: MIT
//
// How many processes and threads the kernel lets there be beside each other: of a user (RLIMIT_NPROC), of a
// container or a service of systemd (pids.max). Ours count like any. Where it is few, one more for each
// process of the program could be the one that it lacks.
#pragma once

namespace heapmeter::task_limit {

// By the limit of the user, and those of the control groups that the process is in: reads some small files.
bool few() noexcept;
// The same for who starts a thread: one system call, unless few() was true before, here or in a parent.
bool few_at_start() noexcept;

}  // namespace heapmeter::task_limit
