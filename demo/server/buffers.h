// SPDX-License-Identifier: MIT
//
// The memory one busy connection needs, kept in a pool per I/O thread; an idle connection holds none. All
// strings keep their capacity from one request to the next, which is why a warm server answers without
// allocating.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace demo {

class Buffers {
 public:
  // The part of the input that is received and not yet taken.
  std::string_view unread() const { return std::string_view(input_).substr(begin_, end_ - begin_); }
  bool is_full() const { return begin_ == 0 && end_ == input_.size(); }
  void take(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room for more input behind the unread part, which moves to the front for it.
  char *room(std::size_t &size) {
    if (begin_ != 0) std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    size = input_.size() - end_;
    return input_.data() + end_;
  }
  void received(std::size_t count) { end_ += count; }

  // Ready for a new connection; memory that one unusual request made large is given back.
  void reset(std::size_t input_size) {
    if (input_.size() != input_size) input_.resize(input_size);
    begin_ = end_ = 0;
    for (std::string *text : {&path, &body, &answer, &output}) {
      text->clear();
      if (text->capacity() > kKeptCapacity) text->shrink_to_fit();
    }
  }

  std::string path;    // of the request
  std::string body;    // of the request
  std::string answer;  // body of the response
  std::string output;  // responses to be written

 private:
  static constexpr std::size_t kKeptCapacity = 256 * 1024;

  std::string input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace demo
