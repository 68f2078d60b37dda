// SPDX-License-Identifier: MIT
//
// One HTTP/1.1 request from bytes, by Beast's parser, without keeping the fields: only what this server needs
// of them. What Beast leaves to its user is decided here: Host, Expect, transfer codings, versions, the
// limits, and which status each mistake deserves (RFC 9112).
//
// Allocates nothing but the growth of the two strings it was given, which outlive it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "server/http_message.h"

namespace demo {

struct RequestLimits {
  std::size_t header_bytes;
  std::size_t body_bytes;
};

// What the client did wrong; the connection cannot go on after it.
struct RequestError {
  http::status status;
  std::string_view text;
};

class RequestParser : private http::basic_parser<true> {
 public:
  enum class State { kNeedMore, kDone, kFailed };

  RequestParser(const RequestLimits &limits, std::string &path, std::string &body);

  // Takes bytes from the front of `input` and says how many; call again with the rest and more while
  // kNeedMore.
  State feed(std::string_view input, std::size_t &taken);

  // Of a request that is done.
  Request request() const;

  // The input is as large as it gets, and still holds no whole line of the request.
  void fail_for_length();

  // After kFailed, and after fail_for_length.
  const RequestError &error() const { return error_; }

  // Whether any byte of the request was taken.
  bool has_begun() const { return taken_bytes_ != 0; }

  // True once, when the client waits for "100 Continue" before it sends the body.
  bool take_continue();

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(http::verb method, string_view name, string_view target, int version,
                       error_code &error) override;
  void on_response_impl(int, string_view, int, error_code &) override {}
  void on_field_impl(http::field field, string_view name, string_view value, error_code &error) override;
  void on_header_impl(error_code &error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t> &length, error_code &error) override;
  std::size_t on_body_impl(string_view piece, error_code &error) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code &) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remaining, string_view piece, error_code &error) override;
  void on_finish_impl(error_code &) override {}

  void fail(http::status status, std::string_view text, error_code &error);
  void note(const error_code &error, std::string_view input);
  void count_header(std::size_t bytes, error_code &error);
  void host(std::string_view value, error_code &error);
  void transfer_encoding(std::string_view value, error_code &error);

  const RequestLimits &limits_;
  std::string &path_;
  std::string &body_;
  RequestError error_{};
  http::verb method_ = http::verb::unknown;
  int version_ = 11;
  std::size_t taken_bytes_ = 0;
  std::size_t header_bytes_ = 0;  // of the header's lines so far, without the blanks around values
  bool has_host_ = false;
  bool has_transfer_encoding_ = false;
  bool expects_continue_ = false;
};

}  // namespace demo
