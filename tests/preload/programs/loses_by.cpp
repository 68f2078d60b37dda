// SPDX-License-Identifier: MIT
// loses_by WAY: loses blocks as programs do it by mistake, a way each run. Built twice: as it is, and with
// LeakSanitizer, which says what it makes of that.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

#define APART __attribute__((noinline))

void *make(std::size_t bytes) {
  void *block = std::malloc(bytes);
  std::memset(block, 0, bytes);
  return block;
}

// Over what earlier calls left on the stack.
template <std::size_t bytes>
APART void scrub() {
  volatile char room[bytes];
  for (std::size_t i = 0; i < bytes; ++i) room[i] = 0;
  (void)room[0];
}

void *volatile global;

APART void overwriting_a_global() {
  for (int i = 1; i <= 20; ++i) global = make(100 * static_cast<std::size_t>(i));
}
APART void forgetting_a_local() {
  for (int i = 0; i < 30; ++i) make(333);
}
struct Node {
  Node *next = nullptr;
  std::string text = std::string(100, 'x');
};
APART void dropping_a_list() {
  Node *head = nullptr;
  for (int i = 0; i < 40; ++i) {
    Node *node = new Node;
    node->next = head;
    head = node;
  }
}
struct Person {
  std::shared_ptr<Person> friend_of;
  char name[200] = {};
};
APART void two_that_share_each_other() {
  for (int i = 0; i < 10; ++i) {
    auto one = std::make_shared<Person>(), other = std::make_shared<Person>();
    one->friend_of = other;
    other->friend_of = one;
  }
}
APART void releasing_an_owner() {
  for (int i = 0; i < 15; ++i)
    std::make_unique<std::map<int, std::string>>().release()->emplace(i, std::string(50, 'y'));
}
APART void a_vector_of_raw_pointers() {
  std::vector<int *> numbers;
  numbers.reserve(25);
  for (int i = 0; i < 25; ++i) numbers.push_back(new int[64]());
}
APART void a_base_without_virtual_destructor() {
  struct Base {
    int number = 0;
  };
  struct Derived : Base {
    std::vector<char> bytes = std::vector<char>(1000);
  };
  for (int i = 0; i < 5; ++i) {
    Base *base = new Derived;
    ::operator delete(base);
  }
}
APART void throwing_past_it() {
  for (int i = 0; i < 12; ++i) {
    try {
      make(444);
      throw i;
    } catch (int) {
    }
  }
}
APART void growing_and_forgetting() {
  for (std::size_t i = 1; i <= 8; ++i) {
    void *block = std::realloc(make(10), 5000 * i);
    std::memset(block, 0, 5000 * i);
  }
}
thread_local void *of_thread;
APART void threads_that_end() {
  for (int i = 0; i < 6; ++i) {
    std::thread([] {
      of_thread = make(777);
      make(888);
      scrub<32768>();
    }).join();
  }
}
APART void held_after_all() {
  // Never destroyed, as what is to be there until the very end.
  static auto &kept = *new std::map<int, void *>;
  for (int i = 0; i < 10; ++i) kept[i] = make(555);
  static auto &function = *new std::function<void()>([block = make(556)] { (void)block; });
  (void)function;
  static auto *never_deleted = new std::list<std::string>{std::string(300, 'z')};
  (void)never_deleted;
}

const std::map<std::string, void (*)()> kWays = {
    {"overwriting_a_global", overwriting_a_global},
    {"forgetting_a_local", forgetting_a_local},
    {"dropping_a_list", dropping_a_list},
    {"two_that_share_each_other", two_that_share_each_other},
    {"releasing_an_owner", releasing_an_owner},
    {"a_vector_of_raw_pointers", a_vector_of_raw_pointers},
    {"a_base_without_virtual_destructor", a_base_without_virtual_destructor},
    {"throwing_past_it", throwing_past_it},
    {"growing_and_forgetting", growing_and_forgetting},
    {"threads_that_end", threads_that_end},
    {"held_after_all", held_after_all},
};

}  // namespace

int main(int, char **argv) {
  kWays.at(argv[1])();
  scrub<32768>();
  scrub<8000>();
  std::puts(argv[1]);
  std::fflush(stdout);  // LeakSanitizer ends the process where it is
  return 0;
}
