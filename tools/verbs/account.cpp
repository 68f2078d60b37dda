// SPDX-License-Identifier: MIT
//
// heapmeter account: where the memory of one process is, from requested bytes to resident ones.
#include <unistd.h>

#include <fmt/format.h>

#include "readings/take_account.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/account.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::int64_t kMostTries = 1000;

}  // namespace

int cmd_account(const Arguments &arguments) {
  std::string name;
  bool json = false;
  std::int64_t tries = kUsualTries;
  Units units;
  Parser parser("account", "[OPTIONS] TARGET",
                "Where the memory of a metered process is: what it asked for, what the allocator holds for "
                "it, what is resident, and the rest of its resident memory.",
                "  heapmeter account python3\n"
                "  heapmeter account 4711 --json | jq .remainder_bytes");
  parser.target(name);
  parser.option("--tries", tries, "N", "of a process that moves the best of so many readings (4)");
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (tries < 1 || tries > kMostTries)
    throw UserError(fmt::format("--tries is the number of readings; give 1 to {}", kMostTries), kUsage);
  const Target target = resolve_target(name);
  const Account account =
      read_living(target, [&] { return take_account(target, kPatience, static_cast<int>(tries)); });
  output::write(json ? json_text(to_json(account)) + "\n"
                     : account_text(account, target.label(), units, Paint::for_fd(STDOUT_FILENO),
                                    speaks_utf8(), terminal_columns(STDOUT_FILENO)));
  return kOk;
}

}  // namespace heapmeter::cli
