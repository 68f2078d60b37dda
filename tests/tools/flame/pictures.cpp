// SPDX-License-Identifier: MIT
//
// pictures KIND html|svg: a picture of stacks that need no process, for page_test.py and whoever wants to
// look at one.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <random>

#include "flame/page.h"
#include "flame/svg.h"
#include "tools/flame/stacks_text.h"

namespace heapmeter::cli::flame {
namespace {

constexpr const char *kShop =
    "shop!main@shop.cpp:90;shop!Server::run()@server.cpp:31;shop!Session::answer(Request "
    "const&)@session.cpp:120;"
    "shop!Cache::insert(std::string const&, std::vector<char>&&)@cache.cpp:44 41943040\n"
    "shop!main@shop.cpp:90;shop!Server::run()@server.cpp:31;shop!Session::answer(Request "
    "const&)@session.cpp:120;"
    "shop!Cache::insert(std::string const&, std::vector<char>&&)@cache.cpp:51 6291456\n"
    "shop!main@shop.cpp:90;shop!Server::run()@server.cpp:31;shop!Session::answer(Request "
    "const&)@session.cpp:131;"
    "libssl.so.3!SSL_read;libcrypto.so.3!CRYPTO_zalloc 9437184\n"
    "shop!main@shop.cpp:91;shop!load_catalogue(char const*)@catalogue.cpp:12;libsqlite3.so.0!sqlite3_step;"
    "libsqlite3.so.0!pcache1Alloc 18874368\n"
    "shop!main@shop.cpp:91;shop!load_catalogue(char const*)@catalogue.cpp:19;"
    "shop!Cache::insert(std::string const&, std::vector<char>&&)@cache.cpp:44 3145728\n"
    "libc.so.6!start_thread;shop!worker(void*)@pool.cpp:8;shop!compress(Image "
    "const&)@image.cpp:77;libz.so.1!deflateInit2_ "
    "2097152\n";
// The cache has grown, the catalogue is gone, and threads are as they were.
constexpr const char *kShopBefore =
    "shop!main@shop.cpp:90;shop!Server::run()@server.cpp:31;shop!Session::answer(Request "
    "const&)@session.cpp:120;"
    "shop!Cache::insert(std::string const&, std::vector<char>&&)@cache.cpp:44 10485760\n"
    "shop!main@shop.cpp:90;shop!Server::run()@server.cpp:31;shop!Session::answer(Request "
    "const&)@session.cpp:131;"
    "libssl.so.3!SSL_read;libcrypto.so.3!CRYPTO_zalloc 9437184\n"
    "shop!main@shop.cpp:91;shop!load_catalogue(char const*)@catalogue.cpp:12;libsqlite3.so.0!sqlite3_step;"
    "libsqlite3.so.0!pcache1Alloc 29360128\n"
    "libc.so.6!start_thread;shop!worker(void*)@pool.cpp:8;shop!compress(Image "
    "const&)@image.cpp:77;libz.so.1!deflateInit2_ "
    "2097152\n";

// Two of one template, and code that a runtime made.
constexpr const char *kAlike =
    "shop!main;shop!void hold<1>(int)@hold.h:3 4096\n"
    "shop!main;shop!void hold<2>(int)@hold.h:3 2048\n"
    "shop!main;tick@work.js:3;shop!put(char*) 1024\n";

// By number of its stacks, of which the last was not asked about.
const Holders kShopHolders{{0, 1, 2, 3, 4},
                           {{0, "blocks from Server::run() server.cpp:31 at +24", 1000, {}},
                            {0, "the_cache (shop)", 2, {}},
                            {1, "the_cache (shop)", 3, {}},
                            {2, "blocks from Cache::insert cache.cpp:44 at +8", 12'345, 0},
                            {3, "<img src=x onerror='window.broken = 1'>", 7, {}}}};

// Each would take effect somewhere, were it not text: in a script element, in markup, in a tooltip, as a
// regular expression.
std::vector<std::string> hostile_names() {
  return {"</script><script>window.broken = 1</script>",
          "<img src=x onerror='window.broken = 2'>",
          "\"><svg onload=window.broken=3>",
          "<!--<script>",
          "]]></title></svg><script>window.broken = 4</script>",
          "${window.broken = 5}`;window.broken = 6;//",
          "\\\"};window.broken = 7;//",
          "line\xe2\x80\xa8separator\xe2\x80\xa9",
          "turned\xe2\x80\xaeround",
          "not\xff\xfeutf\xc3",
          "\x1b[31mred\x07\n\r\t\x01",
          std::string("nothing\0behind", 14),
          "javascript:window.broken=8",
          "__proto__",
          "constructor",
          "(((((a+)+)+[*",
          "&lt;b&gt;&amp;&#x3c;",
          "no letter \xef\xbf\xbe of XML",
          "{data}{script}",
          "漢字の関数"};
}

sites::Stacks hostile() {
  sites::Stacks stacks;
  for (const std::string &name : hostile_names()) {
    symbols::Frame frame;
    frame.function = frame.file = frame.module = name;
    stacks.frames.push_back(frame);
    sites::Stacks::Stack stack;
    for (std::uint32_t each = 0; each < stacks.frames.size(); ++each)
      stack.frames.insert(stack.frames.begin(), each);
    stack.values.live_bytes = ~std::uint64_t{0} / 64;
    stacks.stacks.push_back(stack);
  }
  return stacks;
}

// 50,000 nodes of 5,000 functions, most of them 20 to 60 frames in.
sites::Stacks large() {
  constexpr std::uint32_t kFunctions = 5000, kNodes = 50000;
  std::mt19937 random(7);
  sites::Stacks stacks;
  for (std::uint32_t each = 0; each < kFunctions; ++each) {
    symbols::Frame frame;
    frame.function = "library::module" + std::to_string(each % 40) + "::Function" + std::to_string(each) +
                     "<int, std::string>(char const*, int)";
    frame.module = "lib" + std::to_string(each % 12) + ".so";
    frame.file = "source" + std::to_string(each % 300) + ".cpp";
    frame.line = static_cast<int>(each);
    stacks.frames.push_back(frame);
  }
  std::vector<std::uint32_t> way;
  for (std::uint32_t nodes = 0; nodes < kNodes;) {
    const std::size_t shared = way.empty() ? 0 : random() % (way.size() + 1), more = 1 + random() % 8;
    way.resize(std::min<std::size_t>(shared, 55));
    for (std::size_t each = 0; each < more; ++each, ++nodes) way.push_back(random() % kFunctions);
    sites::Stacks::Stack stack;
    stack.frames = way;
    stack.values.live_bytes = 16 + random() % 100000;
    stack.values.live_blocks = 1 + random() % 100;
    stacks.stacks.push_back(stack);
  }
  return stacks;
}

// One stack as deep as any can be, of a function that calls itself through another.
sites::Stacks deep() {
  sites::Stacks stacks = stacks_of_text("even;odd 4096\n");
  auto &frames = stacks.stacks[0].frames;
  for (std::uint32_t each = 2; each < 20000; ++each) frames.push_back(each % 2);
  return stacks;
}

int write(const std::string &kind, bool as_page) {
  sites::Stacks after, before;
  Picture picture{kind, {"stacks of a test"}, &after, nullptr};
  if (kind == "shop" || kind == "compared" || kind == "peak" || kind == "held") after = stacks_of_text(kShop);
  if (kind == "peak") {  // when the catalogue alone was there
    for (sites::Stacks::Stack &stack : after.stacks) {
      const bool catalogue = after.frames[stack.frames[1]].function.starts_with("load_catalogue");
      stack.values.peak_bytes = catalogue ? 8 * stack.values.live_bytes : 0;
      stack.values.peak_blocks = catalogue ? 8 : 0;
    }
  }
  if (kind == "compared") {
    before = stacks_of_text(kShopBefore);
    picture.before = &before;
  }
  if (kind == "unchanged") {
    after = before = stacks_of_text(kShop);
    picture.before = &before;
  }
  if (kind == "nothing") picture.before = &before;  // and nothing after it
  if (kind == "hostile") {
    after = hostile();
    picture.title = hostile_names()[0];
    picture.notes = hostile_names();
  }
  if (kind == "held") picture.holders = &kShopHolders;
  if (kind == "large") after = large();
  if (kind == "deep") after = deep();
  if (kind == "alike") after = stacks_of_text(kAlike);
  if (kind == "folded") {
    after = stacks_of_text(std::string(std::istreambuf_iterator<char>(std::cin), {}));
  }
  const std::string text = as_page ? page(picture) : svg(picture);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

}  // namespace
}  // namespace heapmeter::cli::flame

int main(int count, char **words) {
  if (count != 3) return 2;
  return heapmeter::cli::flame::write(words[1], std::strcmp(words[2], "html") == 0);
}
