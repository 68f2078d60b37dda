// SPDX-License-Identifier: MIT
// Held by a library that was loaded late: by its data, and by its thread-local storage.
#include <dlfcn.h>
#include <pthread.h>

#include "leak_case.h"

namespace leak_case {
namespace {

void (*hold)(void *by_data, void *by_thread);

void *hold_in_another(void *) {
  hold(nullptr, make(5605));
  expect("plugins_thread_local_of_another", 5605, "held");
  holds();
  sleep_for_good();
  return nullptr;
}

__attribute__((noinline)) void lose_with_plugin(const char *path) {
  void *plugin = dlopen(path, RTLD_NOW);
  if (plugin == nullptr) return;
  reinterpret_cast<decltype(hold)>(dlsym(plugin, "hold"))(make(5607), nullptr);
  dlclose(plugin);
  expect("plugins_data_that_was_unloaded", 5607, "lost", 1, 0);
}

}  // namespace

void hold_in_plugin(const char *path) {
  lose_with_plugin(path);
  scrub();
  void *plugin = dlopen(path, RTLD_NOW);
  if (plugin == nullptr) return;
  hold = reinterpret_cast<decltype(hold)>(dlsym(plugin, "hold"));
  hold(make(5601), make(5603));
  expect("plugins_data", 5601, "held");
  expect("plugins_thread_local", 5603, "held");
  start_thread(hold_in_another);
}

}  // namespace leak_case
