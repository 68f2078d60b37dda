// SPDX-License-Identifier: MIT
#include "readings/mark_store.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/foreign_file.h"
#include "text/json_text.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char *kEnding = ".json";
constexpr std::size_t kLongestName = 200;
constexpr std::uint64_t kLargest = 16u << 20;  // of pages that have 2 MiB at most

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  operator int() const { return fd_; }

 private:
  int fd_;
};

bool is_path(const std::string &name) { return name.find('/') != name.npos; }

// Why it cannot be a name; "" when it can.
std::string fault_of(const std::string &name) {
  const bool digits = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return "it is taken for a process id, and the name comes first (heapmeter mark NAME TARGET)";
  if (name.starts_with('.')) return "it begins with a dot";
  if (name.size() > kLongestName) return fmt::format("it is longer than {} bytes", kLongestName);
  if (printable(name) != name) return "it has control characters, or is not UTF-8";
  return "";
}

fs::path directory() {
  const char *state = getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return fs::path(state) / "heapmeter/marks";
  const char *home = getenv("HOME");
  if (home != nullptr && *home == '/') return fs::path(home) / ".local/state/heapmeter/marks";
  throw UserError(
      "neither XDG_STATE_HOME nor HOME says where to keep marks; give a path with a slash instead of a name");
}

[[noreturn]] void fail_to(const char *what, const fs::path &path, int error, const char *advice) {
  throw UserError(fmt::format("{} could not be {}: {}; {}", path.string(), what, strerror(error), advice));
}

[[noreturn]] void fail_to_read(const fs::path &path, int error) {
  const bool forbidden = error == EACCES || error == EPERM;
  fail_to("read", path, error,
          forbidden ? "ask whoever made it, or be root" : "give another mark; heapmeter mark lists them");
}

[[noreturn]] void fail_to_write(const char *what, const fs::path &path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  fail_to(what, path, error,
          full ? "make room there, or give a path elsewhere, with a slash, instead of the name"
               : "give a path with a slash that you may write to instead of the name, or set XDG_STATE_HOME");
}

void write_all(int fd, std::string_view text, const fs::path &path) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write("written", path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_regular(const fs::path &path) {
  const ForeignFile file = ForeignFile::named(path);
  if (file.is_no_file() || file.size() > kLargest)
    throw UserError(fmt::format("{} is no mark: it is {}", path.string(),
                                file.is_no_file() ? "not a regular file" : "far too large"));
  if (!file) fail_to_read(path, file.error());
  auto text = file.text(kLargest);
  if (!text) fail_to_read(path, errno);
  return *std::move(text);
}

[[noreturn]] void refuse_no_file(const fs::path &path) {
  std::error_code ignored;
  const bool is_directory = !path.has_filename() || fs::is_directory(path, ignored);
  throw UserError(fmt::format("{} is {}; give the path of a file", path.string(),
                              is_directory ? "a directory" : "no regular file"));
}

void refuse_to_replace_others(const fs::path &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    fail_to_write("written", path, errno);
  }
  if (!S_ISREG(status.st_mode)) refuse_no_file(path);
  if (begins_as_mark(read_regular(path))) return;
  throw UserError(fmt::format("{} exists and is no mark; remove it, or give another path", path.string()));
}

}  // namespace

fs::path mark_path(const std::string &name) {
  if (name.empty()) throw UserError("the mark's name is empty; give a name, or a path with a slash", kUsage);
  if (is_path(name)) return name;
  if (const std::string fault = fault_of(name); !fault.empty()) {
    throw UserError(fmt::format("'{}' cannot be a mark's name: {}; give another, or a path with a slash",
                                printable(name), fault),
                    kUsage);
  }
  return directory() / (name + kEnding);
}

bool mark_exists(const std::string &name, std::error_code &hindrance) {
  return fs::exists(mark_path(name), hindrance);
}

std::string mark_title(const std::string &name) {
  return is_path(name) ? printable(fs::path(name).stem().string()) : name;
}

void save_mark(const Mark &mark, const fs::path &given) {
  if (!given.has_filename()) refuse_no_file(given);
  std::error_code failed;
  // Where a link points to, so that the link stays.
  const fs::path path = fs::weakly_canonical(given, failed);
  if (failed) fail_to_write("written", given, failed.value());
  fs::create_directories(path.parent_path(), failed);
  if (failed) fail_to_write("made", path.parent_path(), failed.value());
  refuse_to_replace_others(path);
  // Beside it, then in its place: whoever reads it meets the old one or the new one, whole.
  std::string fresh = (path.parent_path() / ".mark-XXXXXX").string();
  const File fd(mkostemp(fresh.data(), O_CLOEXEC));
  if (fd < 0) fail_to_write("written", path, errno);
  try {
    write_all(fd, json_text(mark.file) + "\n", path);
    // Some file systems find out only now that there is no room.
    if (fsync(fd) != 0 || rename(fresh.c_str(), path.c_str()) != 0) fail_to_write("written", path, errno);
  } catch (const UserError &) {
    unlink(fresh.c_str());
    throw;
  }
}

Mark load_mark(const std::string &name) {
  const fs::path path = mark_path(name);
  struct stat status;
  if (stat(path.c_str(), &status) != 0 && errno == ENOENT) {
    std::error_code unseen;
    const bool beside = !is_path(name) && fs::is_regular_file(name, unseen);
    throw UserError(fmt::format("there is no mark {}; {}", is_path(name) ? name : "'" + name + "'",
                                beside ? "to read the file, write ./" + name
                                       : "heapmeter mark lists them, heapmeter mark NAME TARGET makes one"));
  }
  Mark mark = parse_mark(read_regular(path), path.string());
  if (mark.at_exit) {
    mark.name = mark_title(name);
    if (mark.time == 0) mark.time = static_cast<double>(status.st_mtime);
  }
  return mark;
}

void remove_mark(const std::string &name) {
  if (is_path(name)) {
    throw UserError(fmt::format("{} is a file of yours; remove it with rm", name), kUsage);
  }
  const fs::path path = mark_path(name);
  if (unlink(path.c_str()) == 0) return;
  if (errno == ENOENT) throw UserError(fmt::format("there is no mark '{}'; heapmeter mark lists them", name));
  fail_to("removed", path, errno, "whoever owns its directory may");
}

std::vector<std::string> kept_marks() {
  std::vector<std::string> names;
  std::error_code failed;
  const fs::path place = directory();
  for (fs::directory_iterator at(place, failed), end; !failed && at != end; at.increment(failed)) {
    const fs::path file = at->path().filename();
    // Files that others put there under what is no name are not ours to show.
    if (file.extension() == kEnding && fault_of(file.stem()).empty()) names.push_back(file.stem());
  }
  if (failed && failed != std::errc::no_such_file_or_directory) fail_to_read(place, failed.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace heapmeter::cli
