// SPDX-License-Identifier: MIT
//
// One function a step, measured by step(): inside its Scope nothing but the step itself allocates.
#include "ownership/ownership.h"

#include <memory>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "support/meter_text.h"

namespace demo {
namespace {

// Long enough not to be stored inside the string object itself.
constexpr std::string_view kText = "a string of more than fifteen characters lives on the heap";

// A borrow: reads, cannot modify, owns nothing.
std::size_t length_of(std::string_view text) { return text.size(); }
// A mutable borrow: changes the caller's value in place.
void close_sentence(std::string &text) { text += '.'; }
// Takes ownership: the caller says std::move, or pays for a copy.
std::size_t consume(std::string text) { return text.size(); }
std::size_t consume(std::unique_ptr<std::string> text) { return text->size(); }

template <typename Work>
auto step(std::string_view what, Work work) {
  const heapmeter::Scope scope;
  auto result = work();
  const auto spent = scope.spent();
  fmt::print("  {:<46} {}\n", what, spent_text(spent));
  return result;
}

void show_move_and_copy() {
  fmt::print("A string of {} characters\n", kText.size());
  std::string data = step("make it", [] { return std::string(kText); });
  std::string moved = step("move it to another owner", [&] { return std::move(data); });
  const std::string copy = step("copy it", [&] { return std::string(moved); });
  step("move it into a function, which drops it", [&] { return consume(std::move(moved)); });
  step("pass a copy to a function", [&] { return consume(std::string(copy)); });
}

void show_borrow() {
  fmt::print("Borrowing\n");
  std::string text(kText);
  text.reserve(2 * text.size());
  step("read through a view", [&] { return length_of(text); });
  step("read part of it through a view", [&] { return length_of(std::string_view(text).substr(9, 6)); });
  step("append through a reference, with room", [&] {
    close_sentence(text);
    return text.size();
  });
}

void show_unique() {
  fmt::print("A unique owner\n");
  auto owner = step("make it: the object, and its text", [] { return std::make_unique<std::string>(kText); });
  auto next = step("move the ownership", [&] { return std::move(owner); });
  step("give it to a function, which drops it", [&] { return consume(std::move(next)); });
}

void show_shared() {
  fmt::print("Shared owners\n");
  const auto first =
      step("make_shared: the object and count in one", [] { return std::make_shared<int>(7); });
  const auto second = step("one more owner", [&] { return first; });
  const std::weak_ptr<int> observer = step("a weak observer", [&] { return std::weak_ptr<int>(first); });
  step("shared_ptr(new int): object and count apart", [] {
    return std::shared_ptr<int>(new int(7));  // NOLINT: the costlier way, on purpose
  });
  fmt::print("  owners of the number now: {}\n", observer.use_count());
}

void show_containers() {
  fmt::print("Containers\n");
  auto words = step("a vector of 3 such strings", [] {
    std::vector<std::string> made;
    made.reserve(3);
    for (int count = 0; count < 3; ++count) made.emplace_back(kText);
    return made;
  });
  const auto taken = step("move the vector: three pointers", [&] { return std::move(words); });
  step("copy the vector: array and every text", [&] { return std::vector<std::string>(taken); });
}

}  // namespace

ExitCode run_ownership(const std::optional<std::string> &) {
  show_move_and_copy();
  show_borrow();
  show_unique();
  show_shared();
  show_containers();
  return ExitCode::kOk;
}

}  // namespace demo
