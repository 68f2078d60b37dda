// SPDX-License-Identifier: MIT
#include "service/answer.h"

#include "service/change.h"
#include "service/pages.h"
#include "service/pages/sites.h"

namespace heapmeter::answer {
namespace {

// Content-Length stands before the body and is known after it: room for the largest, padded with blanks.
constexpr size_t kLengthDigits = 10;

void pad(TextBuffer &text, size_t count) noexcept {
  while (count-- > 0) text.add(" ");
}

size_t digits_of(uint64_t number) noexcept {
  size_t digits = 1;
  while (number >= 10) {
    number /= 10;
    ++digits;
  }
  return digits;
}

void write_head(TextBuffer &text, int status, const char *type, size_t body) noexcept {
  text.add("HTTP/1.1 ");
  text.add(static_cast<uint64_t>(status));
  text.add(" ");
  text.add(http::reason(status));
  text.add("\r\nContent-Type: ");
  text.add(type);
  text.add("\r\nConnection: close\r\nCache-Control: no-store\r\n");
  if (status == 405) text.add("Allow: GET, HEAD\r\n");
  text.add("Content-Length: ");
  pad(text, kLengthDigits - digits_of(body));
  text.add(body);
  text.add("\r\n\r\n");
}

void write_page(TextBuffer &text, const pages::Page &page, bool head) noexcept {
  // Twice the head, the first one for its length: it is the same for every body.
  write_head(text, 200, page.content_type, 0);
  const size_t head_bytes = text.size();
  page.write(text);
  if (text.overflowed()) return;
  const size_t body = text.size() - head_bytes;
  TextBuffer again(const_cast<char *>(text.data()), head_bytes);
  write_head(again, 200, page.content_type, body);
  if (head) text.shorten(head_bytes);
}

}  // namespace

void write(TextBuffer &text, const http::Request &request) noexcept {
  text.clear();
  if (request.status != 200) {
    write_error(text, request.status, request.error, false);
    return;
  }
  if (request.post) {
    const change::Verdict verdict = change::make(request.query, request.query_length);
    if (verdict.status != 200) return write_error(text, verdict.status, verdict.error, false);
    return write_page(text, {request.path, "application/json", pages::write_sites_head}, false);
  }
  const pages::Page *page = pages::find(request.path, request.path_length);
  if (page == nullptr) {
    write_error(text, 404, "no such page; see / for what there is", request.head);
    return;
  }
  write_page(text, *page, request.head);
  if (text.overflowed()) write_error(text, 500, "the answer is too large", request.head);
}

size_t room_for(const http::Request &request) noexcept {
  if (request.status != 200 || request.post) return 0;
  const pages::Page *page = pages::find(request.path, request.path_length);
  return page == nullptr || page->room == nullptr ? 0 : page->room();
}

void write_error(TextBuffer &text, int status, const char *error, bool head) noexcept {
  char body[256];
  TextBuffer json(body, sizeof body);
  json.open("{");
  json.field("error", error);
  json.close("}");
  text.clear();
  write_head(text, status, "application/json", json.size());
  if (!head) text.add(json.data(), json.size());
}

}  // namespace heapmeter::answer
