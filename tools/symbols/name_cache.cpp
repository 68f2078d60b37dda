// SPDX-License-Identifier: MIT
#include "symbols/name_cache.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <string>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "symbols/wire.h"

namespace heapmeter::cli::symbols {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "heapmeter names 4\n";
constexpr std::uint64_t kMostBytesOfFile = 16u << 20, kMostBytes = 128u << 20;
constexpr std::size_t kMostFiles = 1024;
constexpr std::size_t kPiece = 1u << 20;

bool belongs_to_us(const fs::path &directory) {
  struct stat status;
  return stat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

// Only ours to write.
bool is_ours(const fs::path &directory) {
  struct stat status;
  return lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
         (status.st_mode & 022) == 0;
}

std::optional<std::string> own_text(const fs::path &path) {
  const ForeignFile file = ForeignFile::found(path);
  if (!file || file.owner() != geteuid()) return std::nullopt;
  return file.text(kMostBytesOfFile);
}

// Whole, or not at all; `fresh_only` leaves what is there already.
bool write_whole(const fs::path &path, std::string_view text, bool fresh_only) {
  std::string beside = (path.parent_path() / ".new-XXXXXX").string();
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return false;
  bool well = true;
  while (well && !text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    well = written > 0 || (written < 0 && errno == EINTR);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  close(fd);
  if (well && !fresh_only) well = rename(beside.c_str(), path.c_str()) == 0;
  if (well && fresh_only) well = link(beside.c_str(), path.c_str()) == 0;
  unlink(beside.c_str());
  return well;
}

std::optional<KeyedHash::Secret> read_secret(const fs::path &path) {
  KeyedHash::Secret secret;
  const auto text = own_text(path);
  if (!text || text->size() != sizeof secret) return std::nullopt;
  memcpy(secret.data(), text->data(), sizeof secret);
  return secret;
}

std::optional<KeyedHash::Secret> secret_in(const fs::path &directory) {
  const fs::path path = directory / "secret";
  if (const auto known = read_secret(path)) return known;
  char fresh[sizeof(KeyedHash::Secret)];
  if (getrandom(fresh, sizeof fresh, 0) != static_cast<ssize_t>(sizeof fresh)) return std::nullopt;
  // A broken one is replaced; of two who make one at once, the first one's holds.
  struct stat status;
  if (lstat(path.c_str(), &status) == 0) unlink(path.c_str());
  write_whole(path, {fresh, sizeof fresh}, true);
  return read_secret(path);
}

bool add_content(KeyedHash &hash, const ForeignFile &file) {
  std::string piece(kPiece, '\0');
  off_t at = 0;
  for (;;) {
    // Pieces are whole words until the last one.
    std::size_t length = 0;
    while (length < piece.size()) {
      const ssize_t got = pread(file.fd(), piece.data() + length, piece.size() - length, at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      length += static_cast<std::size_t>(got);
      at += got;
    }
    hash.add({piece.data(), length});
    if (length < piece.size()) return true;
  }
}

// Each text once: of templates there are few, long, and everywhere.
std::string body_of(const NamesByAddress &names) {
  std::unordered_map<std::string_view, std::uint64_t> numbers;
  std::string texts, rest;
  const auto number_of = [&](std::string_view text) {
    const auto [at, fresh] = numbers.try_emplace(text, numbers.size());
    if (fresh) put_text(texts, text);
    return at->second;
  };
  for (const auto &[address, frames] : names) {
    put_number(rest, address);
    put_number(rest, frames.size());
    for (const Frame &frame : frames) {
      put_number(rest, number_of(frame.function));
      put_number(rest, number_of(frame.linkage));
      put_number(rest, number_of(frame.file));
      put_number(rest, static_cast<std::uint64_t>(frame.line) << 1 | (frame.inlined ? 1 : 0));
      put_number(rest, frame.begin);
    }
  }
  std::string body;
  put_number(body, numbers.size());
  return body + texts + rest;
}

std::optional<std::vector<Frame>> frames_from(WireReader &reader, const std::vector<std::string> &texts) {
  const auto count = reader.number();
  if (!count || *count > kMostInlined) return std::nullopt;
  std::vector<Frame> frames(*count);
  for (Frame &frame : frames) {
    const auto function = reader.number(), linkage = reader.number(), file = reader.number(),
               line = reader.number(), begin = reader.number();
    if (!begin || *function >= texts.size() || *linkage >= texts.size() || *file >= texts.size() ||
        *line >> 1 > INT_MAX)
      return std::nullopt;
    frame.function = texts[*function];
    frame.linkage = texts[*linkage];
    frame.file = texts[*file];
    frame.line = static_cast<int>(*line >> 1);
    frame.inlined = (*line & 1) != 0;
    frame.begin = *begin;
  }
  return frames;
}

NamesByAddress names_from(std::string_view body) {
  NamesByAddress names;
  WireReader reader(body);
  std::vector<std::string> texts;
  for (std::uint64_t left = reader.number().value_or(0); left > 0; --left) {
    auto text = reader.text();
    if (!text) return names;
    texts.push_back(*std::move(text));
  }
  while (const auto address = reader.number()) {
    auto frames = frames_from(reader, texts);
    if (!frames) break;
    names[*address] = *std::move(frames);
  }
  return names;
}

}  // namespace

fs::path NameCache::of_user() {
  const char *cache = getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return fs::path(cache) / "heapmeter";
  const char *home = getenv("HOME");
  return home != nullptr && *home == '/' ? fs::path(home) / ".cache/heapmeter" : fs::path();
}

NameCache::NameCache(fs::path directory) : directory_(std::move(directory)) {
  if (directory_.empty()) return;
  // A home that is not there is not made, and under sudo nothing of root's is left in a user's.
  const fs::path caches = directory_.parent_path();
  if (belongs_to_us(caches.parent_path())) mkdir(caches.c_str(), 0700);
  if (belongs_to_us(caches)) mkdir(directory_.c_str(), 0700);
  if (is_ours(directory_)) secret_ = secret_in(directory_);
}

std::optional<std::uint64_t> NameCache::key(const ForeignFile &whole, const ForeignFile *separate) const {
  if (!secret_) return std::nullopt;
  KeyedHash both(*secret_);
  for (const ForeignFile *file : {&whole, separate}) {
    if (file == nullptr) continue;
    KeyedHash one(*secret_);
    if (!add_content(one, *file)) return std::nullopt;
    std::string value;
    put_number(value, one.value());
    put_number(value, file->size());
    both.add(value);
  }
  return both.value();
}

fs::path NameCache::path_of(std::uint64_t key) const {
  return directory_ / fmt::format("names-{:016x}", key);
}

NamesByAddress NameCache::load(std::uint64_t key) const {
  const auto text = secret_ ? own_text(path_of(key)) : std::nullopt;
  if (!text || !text->starts_with(kMagic)) return {};
  WireReader reader(std::string_view(*text).substr(kMagic.size()));
  const auto sum = reader.number();
  if (!sum) return {};
  const std::string_view body = std::string_view(*text).substr(kMagic.size() + sizeof *sum);
  KeyedHash hash(*secret_);
  hash.add(body);
  return hash.value() == *sum ? names_from(body) : NamesByAddress();
}

void NameCache::save(std::uint64_t key, const NamesByAddress &names) const {
  if (!secret_) return;
  const std::string body = body_of(names);
  KeyedHash hash(*secret_);
  hash.add(body);
  std::string text(kMagic);
  put_number(text, hash.value());
  text += body;
  if (text.size() > kMostBytesOfFile) return;
  write_whole(path_of(key), text, false);
  keep_small();
}

// The oldest go first.
void NameCache::keep_small() const {
  std::vector<std::tuple<fs::file_time_type, std::uint64_t, fs::path>> files;
  std::uint64_t bytes = 0;
  std::error_code failed;
  for (fs::directory_iterator at(directory_, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    if (!at->path().filename().string().starts_with("names-")) continue;
    const auto size = at->file_size(gone);
    if (gone) continue;
    files.emplace_back(at->last_write_time(gone), size, at->path());
    bytes += size;
  }
  std::sort(files.begin(), files.end());
  std::size_t left = files.size();
  for (const auto &[time, size, path] : files) {
    if (bytes <= kMostBytes && left <= kMostFiles) return;
    unlink(path.c_str());
    bytes -= size;
    --left;
  }
}

}  // namespace heapmeter::cli::symbols
