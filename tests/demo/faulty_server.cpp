// SPDX-License-Identifier: MIT
//
// The user server with workers that misbehave on demand, through POST /sum: the first number 1 leaks one
// byte, 13 kills the worker. So the tests can show that they would notice.
#include <stdexcept>

#include "server/user_server.h"
#include "workers/worker_pool.h"

namespace {

// So that the compiler does not leave the allocation out.
void keep(void *pointer) { asm volatile("" : : "r"(pointer) : "memory"); }

std::uint64_t faulty_sum(std::span<const std::uint32_t> numbers) {
  if (!numbers.empty() && numbers.front() == 13) throw std::runtime_error("13");
  if (!numbers.empty() && numbers.front() == 1) keep(::operator new(1));
  return demo::sum_of(numbers);
}

}  // namespace

int main(int argc, char **argv) {
  return demo::run_program(
      argc, argv,
      {.name = "faulty_server",
       .summary = "The user server with workers that misbehave on demand.",
       .argument = "CONFIG",
       .argument_help = "the configuration",
       .run = [](const auto &file) { return demo::run_user_server_with(file, faulty_sum); }});
}
