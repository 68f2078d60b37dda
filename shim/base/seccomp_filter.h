// SPDX-License-Identifier: MIT
//
// What a seccomp filter says to a system call, computed as the kernel does: a sandbox that kills for a call
// cannot be asked by making it. Pure; no allocation, no call. Source: seccomp(2), and the kernel's own list
// of the instructions it accepts.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

namespace heapmeter::seccomp_filter {

// The filter's answer (SECCOMP_RET_…, with its data). A program that the kernel would refuse is answered
// with SECCOMP_RET_KILL_PROCESS.
uint32_t run(const sock_filter *code, size_t length, const seccomp_data &call) noexcept;

// Whether the process gets past the call, be it made or refused with an error.
bool lets_live(const sock_filter *code, size_t length, const seccomp_data &call) noexcept;

}  // namespace heapmeter::seccomp_filter
