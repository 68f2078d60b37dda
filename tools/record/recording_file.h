// SPDX-License-Identifier: MIT
//
// The file that is recorded to: one recorder at a time, at its end, and never more than it may have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heapmeter::cli::record {

class RecordingFile {
 public:
  // Made where there is none; of an earlier recording a torn end goes. Throws UserError for any other file,
  // and where somebody records to it already.
  explicit RecordingFile(const std::string &path);
  ~RecordingFile();
  RecordingFile(const RecordingFile &) = delete;
  RecordingFile &operator=(const RecordingFile &) = delete;

  // 0, or the errno of what went wrong: then nothing of it is there.
  int append(std::string_view payload);
  // Another text in its place, all at once; 0 or an errno, and what was there stays.
  int replace(const std::string &whole_name, int fd);
  // A file beside it that may take its place, locked as it is; or why there is none.
  struct Beside {
    std::string name;
    int fd = -1, error = 0;
  };
  Beside beside() const;

  const std::string &path() const { return path_; }
  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }
  // What it held when it was opened.
  std::uint64_t old_bytes() const { return old_bytes_; }
  std::uint64_t torn_bytes() const { return torn_; }

 private:
  void open_locked();
  void begin();

  std::string path_;
  int fd_ = -1;
  std::uint64_t size_ = 0, old_bytes_ = 0, torn_ = 0;
};

// Whether somebody records to it now.
bool is_being_recorded(int fd);

}  // namespace heapmeter::cli::record
