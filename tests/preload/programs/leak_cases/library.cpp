// SPDX-License-Identifier: MIT
// What plugin.cpp loads.
namespace {
void *data;
thread_local void *of_thread;
}  // namespace

extern "C" void hold(void *by_data, void *by_thread) {
  if (by_data != nullptr) data = by_data;
  of_thread = by_thread;
  asm volatile("" : : "r"(&data), "r"(&of_thread) : "memory");
}
