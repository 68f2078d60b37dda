// SPDX-License-Identifier: MIT
#include "service/answer.h"

#include <string.h>

#include <heapmeter/protocol.h>

#include "service/change.h"
#include "service/pages.h"
#include "service/pages/look.h"
#include "service/pages/sites.h"

namespace heapmeter {
namespace answer {
namespace {

// Content-Length stands before the body and is known after it: room for the largest, padded with blanks.
constexpr size_t kLengthDigits = 10;
constexpr const char *kJson = "application/json";

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

void write_head(TextBuffer &text, int status, const char *type, size_t body, bool keep) noexcept {
  text.add("HTTP/1.1 ");
  text.add(static_cast<uint64_t>(status));
  text.add(" ");
  text.add(http::reason(status));
  text.add("\r\nContent-Type: ");
  text.add(type);
  text.add(keep ? "\r\nConnection: keep-alive" : "\r\nConnection: close");
  text.add("\r\nCache-Control: no-store\r\n");
  if (status == 405) text.add("Allow: GET, HEAD\r\n");
  text.add("Content-Length: ");
  pad(text, kLengthDigits - digits_of(body));
  text.add(body);
  text.add("\r\n\r\n");
}

void write_page(TextBuffer &text, const pages::Page &page, bool head, bool keep) noexcept {
  // Twice the head, the first one for its length: it is the same for every body.
  write_head(text, 200, page.content_type, 0, keep);
  const size_t head_bytes = text.size();
  page.write(text);
  if (text.overflowed()) return;
  const size_t body = text.size() - head_bytes;
  TextBuffer again(const_cast<char *>(text.data()), head_bytes);
  write_head(again, 200, page.content_type, body, keep);
  if (head) text.shorten(head_bytes);
}

bool is_post_to(const http::Request &request, const char *path) noexcept {
  return request.status == 200 && request.post && request.path_length == strlen(path) &&
         memcmp(request.path, path, request.path_length) == 0;
}

// What a POST asked for, and what came of it; whether the connection stays.
bool write_done(TextBuffer &text, const http::Request &request) noexcept {
  const change::Verdict verdict = change::make(request.query, request.query_length);
  if (verdict.status != 200) {
    write_error(text, verdict.status, verdict.error, false);
    return false;
  }
  write_page(text, {request.path, kJson, pages::write_sites_head}, false, request.keep);
  return request.keep;
}

}  // namespace

bool is_look(const http::Request &request) noexcept { return is_post_to(request, HEAPMETER_PATH_LEAKS); }
bool is_about_holders(const http::Request &request) noexcept {
  return is_post_to(request, HEAPMETER_PATH_HOLDERS);
}

void write_look(TextBuffer &text, bool keep) noexcept {
  text.clear();
  write_page(text, {HEAPMETER_PATH_LEAKS, kJson, pages::write_look}, false, keep);
}

bool write(TextBuffer &text, const http::Request &request) noexcept {
  text.clear();
  if (request.status != 200) {
    write_error(text, request.status, request.error, false);
    return false;
  }
  if (request.post) return write_done(text, request);
  const pages::Page *page = pages::find(request.path, request.path_length);
  if (page == nullptr) {
    write_error(text, 404, "no such page; see / for what there is", request.head);
    return false;
  }
  write_page(text, *page, request.head, request.keep);
  if (!text.overflowed()) return request.keep;
  write_error(text, 500, "the answer is too large", request.head);
  return false;
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
  write_head(text, status, kJson, json.size(), false);
  if (!head) text.add(json.data(), json.size());
}

}  // namespace answer

namespace {

constexpr uint64_t kNsPerMs = 1'000'000;
constexpr uint64_t kNewNs = HEAPMETER_SHARED_AGE_MS * kNsPerMs;
constexpr uint64_t kSecondNs = 1000 * kNsPerMs;
constexpr uint64_t kForOneNs = kSecondNs / HEAPMETER_FRESH_A_SECOND;

}  // namespace

// A second's fresh ones may come at once, and no more than that are saved up.
bool Answers::is_new(const pages::Page *page, bool keep, uint64_t now_ns) const noexcept {
  return page != nullptr && page == page_ && keep == keep_ && now_ns - made_ns_ < kNewNs &&
         saved_until_ns_ + kForOneNs > now_ns + kSecondNs;
}

void Answers::take_a_fresh_one(uint64_t now_ns) noexcept {
  saved_until_ns_ = (saved_until_ns_ > now_ns ? saved_until_ns_ : now_ns) + kForOneNs;
  if (saved_until_ns_ > now_ns + kSecondNs) saved_until_ns_ = now_ns + kSecondNs;
}

bool Answers::write(const http::Request &request, uint64_t now_ns) noexcept {
  // A change is made each time, and its answer is no page.
  const bool shared = request.status == 200 && !request.head && !request.post;
  const pages::Page *page = shared ? pages::find(request.path, request.path_length) : nullptr;
  if (is_new(page, request.keep, now_ns)) return keep_;
  take_a_fresh_one(now_ns);
  keep_ = answer::write(text_, request);
  page_ = page;
  made_ns_ = now_ns;
  return keep_;
}

void Answers::write_error(int status, const char *error) noexcept {
  answer::write_error(text_, status, error, false);
  page_ = nullptr;
}

}  // namespace heapmeter
