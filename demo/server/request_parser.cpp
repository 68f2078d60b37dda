// SPDX-License-Identifier: MIT
#include "server/request_parser.h"

#include <algorithm>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "server/target.h"

namespace demo {
namespace {

using boost::beast::iequals;

// Whether this would be a request line in a version of HTTP that is not spoken here.
bool has_other_version(std::string_view input) {
  const auto line = input.substr(0, input.find('\r'));
  const auto version = line.substr(line.rfind(' ') + 1);
  const auto is_digit = [](char character) { return character >= '0' && character <= '9'; };
  return std::ranges::count(line, ' ') == 2 && version.size() == 8 && version.starts_with("HTTP/") &&
         is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

// Beast waits for an empty line that such a client never sends.
bool has_bare_line_feed(std::string_view input) {
  for (auto at = input.find('\n'); at != std::string_view::npos; at = input.find('\n', at + 1))
    if (at == 0 || input[at - 1] != '\r') return true;
  return false;
}

}  // namespace

RequestParser::RequestParser(const RequestLimits &limits, std::string &path, std::string &body)
    : limits_(limits), path_(path), body_(body) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  body_limit(limits.body_bytes);
  eager(true);
  path_.clear();
  body_.clear();
}

RequestParser::State RequestParser::feed(std::string_view input, std::size_t &taken) {
  taken = 0;
  // An empty line before a request is ignored, RFC 9112, section 2.2; has_begun stays false for it.
  if (!has_begun())
    while (input.substr(taken).starts_with("\r\n")) taken += 2;
  const auto rest = input.substr(taken);
  if (rest.empty() || (!has_begun() && rest == "\r")) return State::kNeedMore;

  error_code error;
  const std::size_t used = put({rest.data(), rest.size()}, error);
  taken += used;
  taken_bytes_ += used;
  if (is_done() && !error) return State::kDone;
  if (error == http::error::need_more && !is_header_done()) {
    if (has_bare_line_feed(rest.substr(used))) error = http::error::bad_line_ending;
    // Beast takes field after field; without this, blanks around values would be free.
    if (taken_bytes_ + rest.size() - used > limits_.header_bytes) error = http::error::header_limit;
  }
  if (!error || error == http::error::need_more) return State::kNeedMore;
  note(error, rest);
  return State::kFailed;
}

Request RequestParser::request() const {
  return {.method = method_,
          .path = path_,
          .body = body_,
          .keep_alive = keep_alive(),
          .is_http_1_0 = version_ == 10};
}

bool RequestParser::take_continue() {
  return is_header_done() && !is_done() && std::exchange(expects_continue_, false);
}

void RequestParser::on_request_impl(http::verb method, string_view name, string_view target, int version,
                                    error_code &error) {
  count_header(name.size() + target.size() + std::string_view("  HTTP/1.1\r\n").size(), error);
  if (error) return;
  method_ = method;
  version_ = version;
  if (!decode_target(target, path_)) fail(http::status::bad_request, "Invalid request target", error);
}

void RequestParser::on_field_impl(http::field field, string_view name, string_view value, error_code &error) {
  if (is_header_done()) return;  // trailers
  count_header(name.size() + value.size() + std::string_view(":\r\n").size(), error);
  if (error) return;
  if (field == http::field::host) return host(value, error);
  if (field == http::field::transfer_encoding) return transfer_encoding(value, error);
  if (field != http::field::expect) return;
  if (!iequals(value, "100-continue"))
    return fail(http::status::expectation_failed, "The only expectation met is 100-continue", error);
  expects_continue_ = version_ == 11;
}

// Beast limits the request line and the fields each, this server both together.
void RequestParser::count_header(std::size_t bytes, error_code &error) {
  header_bytes_ += bytes;
  if (header_bytes_ > limits_.header_bytes) error = http::error::header_limit;
}

void RequestParser::fail_for_length() {
  error_code error = http::error::header_limit;
  note(error, {});
}

void RequestParser::host(std::string_view value, error_code &error) {
  if (has_host_) return fail(http::status::bad_request, "More than one Host field", error);
  if (!is_host(value)) return fail(http::status::bad_request, "Invalid Host field", error);
  has_host_ = true;
}

// Beast takes any list of codings and, when it does not end in chunked, reads no body: the way to smuggle a
// request.
void RequestParser::transfer_encoding(std::string_view value, error_code &error) {
  if (has_transfer_encoding_)
    return fail(http::status::bad_request, "More than one Transfer-Encoding", error);
  has_transfer_encoding_ = true;
  if (iequals(value, "chunked")) return;
  if (chunked())
    return fail(http::status::not_implemented, "The only transfer coding known is chunked", error);
  fail(http::status::bad_request, "The last transfer coding must be chunked", error);
}

void RequestParser::on_header_impl(error_code &error) {
  if (version_ == 11 && !has_host_) return fail(http::status::bad_request, "No Host field", error);
  if (version_ == 10 && has_transfer_encoding_)
    return fail(http::status::bad_request, "HTTP/1.0 has no Transfer-Encoding", error);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t> &length, error_code &) {
  // No more at once than an honest small request needs; a large body grows as it really arrives.
  if (length) body_.reserve(std::min<std::size_t>(*length, 65'536));
}

std::size_t RequestParser::on_body_impl(string_view piece, error_code &) {
  body_.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view piece, error_code &error) {
  return on_body_impl(piece, error);
}

void RequestParser::fail(http::status status, std::string_view text, error_code &error) {
  error_ = {status, text};
  error = http::error::bad_value;
}

void RequestParser::note(const error_code &error, std::string_view input) {
  if (!error_.text.empty()) return;
  if (error == http::error::header_limit) {
    error_ = {http::status::request_header_fields_too_large, "Request line and headers are too large"};
  } else if (error == http::error::body_limit) {
    error_ = {http::status::payload_too_large, "The body is too large"};
  } else if (error == http::error::bad_version && has_other_version(input)) {
    error_ = {http::status::http_version_not_supported, "HTTP/1.1 is spoken here"};
  } else if (error == http::error::bad_method || error == http::error::bad_target ||
             error == http::error::bad_version) {
    error_ = {http::status::bad_request, "Malformed request line"};
  } else {
    error_ = {http::status::bad_request, "Malformed request"};
  }
}

}  // namespace demo
