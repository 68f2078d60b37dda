// SPDX-License-Identifier: MIT
//
// Used by the build, not installed: prints what is installed beside the tool.
#include <exception>
#include <string_view>

#include <stdio.h>

#include "cli/completion.h"
#include "cli/man_page.h"

int main(int argc, char **argv) try {
  using namespace heapmeter::cli;
  const std::string_view what = argc > 1 ? argv[1] : "";
  const auto print = what == "bash"  ? bash_completion
                     : what == "zsh" ? zsh_completion
                     : what == "man" ? man_page
                                     : nullptr;
  if (print == nullptr) return 2;
  return fputs(print(describe_all()).c_str(), stdout) < 0 ? 1 : 0;
} catch (const std::exception &error) {
  fprintf(stderr, "documents: %s\n", error.what());
  return 1;
}
