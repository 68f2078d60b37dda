// SPDX-License-Identifier: MIT
// hostile_names NAME: calls itself, its threads and its tags by that name, and keeps blocks by a function and
// a file whose names stand out so that a test finds them in the executable, to put others there; loses some,
// too.
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <heapmeter/heapmeter.hpp>

extern "C" void function_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789(int place,
                                                                                              size_t bytes);

namespace {

void *volatile kept[1000];
char *name;

void *run(void *) {
  prctl(PR_SET_NAME, name);
  for (int at = 0;; at = (at + 1) % 900) {
    function_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789(at, 700);
    usleep(10'000);
  }
}

}  // namespace

#line 1 "file_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789.cpp"
extern "C" __attribute__((noinline)) void
function_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789(int place, size_t bytes) {
  kept[place] = malloc(bytes);  // what was there is lost the second time
}

int main(int, char **arguments) {
  name = arguments[1];
  prctl(PR_SET_NAME, name);
  const heapmeter::Tag tag(name);
  function_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789(0, 500);
  for (int at = 900; at < 1000; ++at)
    function_to_be_named_by_the_test_as_it_likes_0123456789_0123456789_0123456789(at, 70'001);
  pthread_t thread;
  if (pthread_create(&thread, nullptr, run, nullptr) != 0 || write(1, "ready\n", 6) != 6) return 1;
  run(nullptr);
}
