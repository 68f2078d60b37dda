// SPDX-License-Identifier: MIT
#include "readings/take_account.h"

#include <cstdlib>

#include <sys/resource.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "system/elf_file.h"
#include "system/file_text.h"
#include "system/page_map.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

std::string read(int pid, int thread, const char *name) {
  if (const auto text = file_text(fmt::format("/proc/{}/{}", thread, name)); text && !text->empty())
    return *text;
  if (process::ended(pid)) throw ProcessEnded{};
  throw UserError(fmt::format("/proc/{}/{} may not be read: {} has other rights than this user; try as root",
                              pid, name, process::label(pid)));
}

// A line of /proc/PID/status that is an amount of memory; 0 when it is not there.
std::uint64_t status_bytes(const std::string &status, const std::string &key) {
  const std::string start = "\n" + key + ":";
  const std::size_t at = status.find(start);
  return at == std::string::npos ? 0 : 1024 * std::strtoull(status.c_str() + at + start.size(), nullptr, 10);
}

AccountInput read_once(const Target &target, std::chrono::milliseconds patience, int thread,
                       const PageMap &pages) {
  AccountInput input;
  input.heap = ask_target(target, HEAPMETER_PATH_ACCOUNT, patience, parse_heap_map);
  input.mappings = parse_smaps(read(target.local_pid, thread, "smaps"));
  const std::string status = read(target.local_pid, thread, "status");
  input.resident_bytes = status_bytes(status, "VmRSS");
  input.swap_bytes = status_bytes(status, "VmSwap");
  input.data_end = [thread](const Mapping &file) {
    return data_end(ForeignFile::mapped(thread, file.start, file.end, file.name), file.offset, file.start);
  };
  rlimit stack{};
  const bool known = prlimit(target.local_pid, RLIMIT_STACK, nullptr, &stack) == 0;
  if (known && stack.rlim_cur != RLIM_INFINITY) input.stack_limit = stack.rlim_cur;
  input.resident_in = [&pages](Range range) { return pages.resident(range.start, range.end); };
  return input;
}

}  // namespace

Account take_account(const Target &target, std::chrono::milliseconds patience, int tries) {
  if (target.local_pid == 0) {
    throw UserError(fmt::format(
        "{} lives in a pid namespace that is not seen from here, nor is its /proc; ask from the host",
        target.label()));
  }
  const int thread = process::living_thread(target.local_pid);
  const PageMap pages(thread);
  std::optional<Account> best;
  for (int done = 0; done < tries && (!best || best->moved()); ++done) {
    Account account = make_account(read_once(target, patience, thread, pages));
    if (!best || account.disagreement_bytes() < best->disagreement_bytes()) best = std::move(account);
  }
  best->cgroup = cgroup_of(target.local_pid);
  return *best;
}

}  // namespace heapmeter::cli
