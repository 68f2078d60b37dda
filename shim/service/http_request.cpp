// SPDX-License-Identifier: MIT
#include "service/http_request.h"

#include <string.h>

#include <heapmeter/protocol.h>

namespace heapmeter::http {
namespace {

Request refuse(int status, const char *error) noexcept { return {.status = status, .error = error}; }

bool is_token_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

bool is_target_char(char c) noexcept { return c > 0x20 && c < 0x7f; }

size_t span(const char *at, const char *end, bool (*accepts)(char)) noexcept {
  const char *start = at;
  while (at < end && accepts(*at)) ++at;
  return static_cast<size_t>(at - start);
}

// The end of the header block, past its empty line; nullptr when it has not come.
const char *headers_end(const char *text, size_t bytes) noexcept {
  for (size_t i = 0; i + 1 < bytes; ++i) {
    if (text[i] != '\n') continue;
    if (text[i + 1] == '\n') return text + i + 2;
    if (text[i + 1] == '\r' && i + 2 < bytes && text[i + 2] == '\n') return text + i + 3;
  }
  return nullptr;
}

struct Text {
  const char *at = nullptr;
  size_t length = 0;

  bool is(const char *other) const noexcept {
    return strlen(other) == length && memcmp(at, other, length) == 0;
  }
};

// What a request says of itself.
struct Headers {
  bool well_formed = false;
  bool told = false;  // that it is meant for us: no page in a browser can say so
  bool body = false;
  bool keep = false;  // the connection, for more requests
};

// In any case of letters; libc's function for that looks into thread-local storage. `name` is in lower case.
bool is_named(const char *at, size_t length, const char *name) noexcept {
  if (strlen(name) != length) return false;
  for (size_t i = 0; i < length; ++i) {
    const char letter = at[i] >= 'A' && at[i] <= 'Z' ? static_cast<char>(at[i] - 'A' + 'a') : at[i];
    if (letter != name[i]) return false;
  }
  return true;
}

void note(Headers &headers, const char *name, size_t name_length, Text value) noexcept {
  while (value.length > 0 && (*value.at == ' ' || *value.at == '\t')) ++value.at, --value.length;
  while (value.length > 0 && (value.at[value.length - 1] == ' ' || value.at[value.length - 1] == '\t')) {
    --value.length;
  }
  if (is_named(name, name_length, "heapmeter")) headers.told = value.is("1");
  if (is_named(name, name_length, "content-length")) headers.body |= !value.is("0");
  if (is_named(name, name_length, "transfer-encoding")) headers.body = true;
  if (is_named(name, name_length, "connection"))
    headers.keep = is_named(value.at, value.length, "keep-alive");
}

// Each header line is a token, a colon, anything without control characters.
Headers read_headers(const char *at, const char *end) noexcept {
  Headers headers;
  while (at < end) {
    const auto *line_end = static_cast<const char *>(memchr(at, '\n', static_cast<size_t>(end - at)));
    if (line_end == nullptr) return headers;
    const char *content_end = line_end > at && line_end[-1] == '\r' ? line_end - 1 : line_end;
    if (content_end == at) {
      headers.well_formed = line_end + 1 == end;
      return headers;
    }
    const size_t name = span(at, content_end, is_token_char);
    if (name == 0 || at + name == content_end || at[name] != ':') return headers;
    for (const char *c = at + name; c < content_end; ++c) {
      if (static_cast<unsigned char>(*c) < 0x20 && *c != '\t') return headers;
    }
    const char *value = at + name + 1;
    note(headers, at, name, {value, static_cast<size_t>(content_end - value)});
    at = line_end + 1;
  }
  return headers;
}

// Whether what has come of the first line can still become one that we answer.
bool may_be_request_line(const char *text, size_t bytes) noexcept {
  const size_t method = span(text, text + bytes, is_token_char);
  return method == bytes || (method > 0 && text[method] == ' ');
}

}  // namespace

Request parse(const char *text, size_t bytes, size_t limit) noexcept {
  if (bytes > 0 && !may_be_request_line(text, bytes)) return refuse(400, "this is not an HTTP request");
  const char *end = headers_end(text, bytes);
  if (end == nullptr)
    return bytes >= limit ? refuse(431, "request line and headers are too large") : Request{};

  const auto *line_end = static_cast<const char *>(memchr(text, '\n', bytes));
  const char *first = line_end[-1] == '\r' ? line_end - 1 : line_end;
  const size_t method = span(text, first, is_token_char);
  const char *target = text + method + 1;
  if (method == 0 || target >= first || text[method] != ' ') return refuse(400, "malformed request line");
  const size_t target_length = span(target, first, is_target_char);
  const char *version = target + target_length;
  const auto version_length = static_cast<size_t>(first - version);
  if (target_length == 0 || *target != '/' || version_length != 9 || memcmp(version, " HTTP/1.", 8) != 0 ||
      (version[8] != '0' && version[8] != '1')) {
    return refuse(400, "malformed request line");
  }
  const Headers headers = read_headers(line_end + 1, end);
  if (!headers.well_formed) return refuse(400, "malformed header");

  const auto *mark = static_cast<const char *>(memchr(target, '?', target_length));
  const size_t path_length = mark == nullptr ? target_length : static_cast<size_t>(mark - target);
  const Text name{text, method}, path{target, path_length};
  Request request = {.status = 200, .path = target, .path_length = path_length};
  request.head = name.is("HEAD");
  request.post = name.is("POST") && (path.is(HEAPMETER_PATH_SITES) || path.is(HEAPMETER_PATH_LEAKS) ||
                                     path.is(HEAPMETER_PATH_HOLDERS));
  if (!request.head && !request.post && !name.is("GET")) return refuse(405, "only GET and HEAD are answered");
  if (request.post && !headers.told) return refuse(403, "a change asks for the header Heapmeter: 1");
  if (request.post && headers.body) return refuse(400, "a change has no body");
  // What follows, a body or the next request, is not read: then there is no next one.
  request.keep = headers.keep && !headers.body && end == text + bytes;
  request.query = mark == nullptr ? nullptr : mark + 1;
  request.query_length = mark == nullptr ? 0 : target_length - path_length - 1;
  return request;
}

const char *reason(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 408:
      return "Request Timeout";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    default:
      return "Error";
  }
}

}  // namespace heapmeter::http
