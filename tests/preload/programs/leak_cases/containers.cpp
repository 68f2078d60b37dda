// SPDX-License-Identifier: MIT
// Held by what libraries make: containers, smart pointers, functions, libc's own lists.
#include <any>
#include <deque>
#include <exception>
#include <forward_list>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "leak_case.h"

namespace leak_case {
namespace {

std::string *text;
std::weak_ptr<std::vector<char>> observer;
std::any anything;
std::function<void()> function;
std::deque<void *> line;
std::map<int, void *> tree;
std::exception_ptr failure;
std::unordered_map<std::string, void *> table;
std::forward_list<std::unique_ptr<char[]>> owners;
std::optional<std::variant<int, void *>> perhaps;
std::shared_ptr<char> alias;

struct Links {
  Links *next;
};
struct Linked {
  char before[2000];
  Links links;
  char after[3433 - sizeof(Links)];
};
Links anchor;

struct Large {
  void *block;
  char rest[40];
  void operator()() const {}
};
struct Failed {
  void *block;
};

__attribute__((noinline)) void hold_by_function() { function = Large{make(5407), {}}; }
__attribute__((noinline)) void hold_by_failure() {
  try {
    throw Failed{make(5415)};
  } catch (...) {
    failure = std::current_exception();
  }
}

}  // namespace

void hold_in_containers() {
  text = new std::string(5400, 'x');
  expect("string", 5401, "held");
  observer = std::make_shared<std::vector<char>>(5403);
  expect("freed_behind_a_weak_pointer", 5403, "held");
  anything = std::vector<char>(5405);
  expect("any", 5405, "held");
  hold_by_function();
  expect("function", 5407, "held");
  for (int i = 0; i < 1000; ++i) line.push_back(nullptr);
  line[500] = make(5409);
  expect("deque", 5409, "held");
  for (int i = 0; i < 100; ++i) tree[i] = make(5411);
  expect("map", 5411, "held");
  setenv("HELD_BY_THE_ENVIRONMENT", std::string(5413 - 25, 'e').c_str(), 1);
  expect("environment", 5413, "held");
  hold_by_failure();
  expect("exception", 5415, "held");
  // Keys that fill the room a string has in itself: what shorter ones leave of freed memory there may look
  // like a pointer, as it did at one start in ten.
  for (long i = 0; i < 100; ++i) table[std::to_string(100'000'000'000'000 + i)] = make(5419);
  expect("unordered_map", 5419, "held");
  owners.emplace_front(new char[5421]);
  expect("forward_list_of_owners", 5421, "held");
  perhaps = make(5423);
  expect("optional_variant", 5423, "held");
  alias = std::shared_ptr<char>(std::make_shared<std::vector<char>>(5425), nullptr);
  expect("behind_an_alias_of_null", 5425, "held");
  for (int i = 0; i < 10; ++i) {
    auto *linked = static_cast<Linked *>(make(sizeof(Linked)));
    linked->links.next = anchor.next;
    anchor.next = &linked->links;
  }
  expect("linked_in_the_middle", sizeof(Linked), "held");
  keep(text, observer, anything, function, line, tree, failure, table, owners, perhaps, alias, anchor);
  on_exit([](int, void *) {}, make(5417));
  expect("argument_of_on_exit", 5417, "held");
}

}  // namespace leak_case
