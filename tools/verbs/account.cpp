// SPDX-License-Identifier: MIT
//
// heapmeter account: where the memory of one process is, from requested bytes to resident ones.
#include <unistd.h>

#include "readings/take_account.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/account.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};

}  // namespace

int cmd_account(const Arguments &arguments) {
  std::string name;
  bool json = false;
  Units units;
  Parser parser("account", "[OPTIONS] TARGET",
                "Where the memory of a metered process is: what it asked for, what the allocator holds for "
                "it, what is resident, and the rest of its resident memory.",
                "  heapmeter account python3\n"
                "  heapmeter account 4711 --json | jq .remainder_bytes");
  parser.target(name);
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  const Target target = resolve_target(name);
  const Account account = read_living(target, [&] { return take_account(target, kPatience); });
  output::write(json ? json_text(to_json(account)) + "\n"
                     : account_text(account, target.label(), units, Paint::for_fd(STDOUT_FILENO),
                                    speaks_utf8(), terminal_columns(STDOUT_FILENO)));
  return kOk;
}

}  // namespace heapmeter::cli
