// SPDX-License-Identifier: MIT
#include "readings/marked_process.h"

#include <filesystem>

#include <fmt/format.h>

#include "system/process.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr const char *kAdvice = "compare with a process or another mark: heapmeter diff MARK OTHER";

[[noreturn]] void throw_gone(const Mark &mark, const std::string &why) {
  throw UserError(fmt::format("{}, of which the mark '{}' was taken, {}; {}", printable(mark.process()),
                              printable(mark.name), why, kAdvice));
}

}  // namespace

Mark mark_living(const Target &target, const std::string &name) {
  constexpr std::chrono::milliseconds kPatience{2000};
  return read_living(target, [&] { return take_mark(target, name, kPatience); });
}

Target marked_process(const Mark &mark) {
  if (mark.at_exit) {
    const char *how = mark.is_last_reading() ? "is how {} was last read" : "is what {} reported at its exit";
    throw UserError(fmt::format("{} {}: it has ended; {}", printable(mark.name),
                                fmt::format(fmt::runtime(how), printable(mark.process())), kAdvice));
  }
  if (mark.boot_id != this_boot()) {
    throw_gone(mark, fmt::format("ran on {} before it was booted anew, or on another machine",
                                 printable(mark.host)));
  }
  // One that nobody sees by its pid is known by its socket.
  if (mark.local_pid == 0) {
    if (!std::filesystem::exists(mark.socket)) throw_gone(mark, "has ended");
    return resolve_target(mark.socket);
  }
  const auto status = process::status(mark.local_pid);
  if (!status || status->state == 'Z') throw_gone(mark, "has ended");
  // A process that cannot see /proc does not know when it started.
  if (mark.reading.start_time != 0 && status->start_time != mark.reading.start_time) {
    throw_gone(
        mark, fmt::format("has ended, and {} is another process", printable(process::label(mark.local_pid))));
  }
  return resolve_target(std::to_string(mark.local_pid));
}

int living_pid(const Mark &mark) {
  if (mark.at_exit || mark.local_pid == 0 || mark.boot_id != this_boot()) return 0;
  const auto status = process::status(mark.local_pid);
  const bool lives = status && status->state != 'Z' && status->start_time == mark.reading.start_time;
  return lives ? mark.local_pid : 0;
}

}  // namespace heapmeter::cli
