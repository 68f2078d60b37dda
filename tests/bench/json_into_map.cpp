// SPDX-License-Identifier: MIT
#include "json_into_map.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Value {
  std::string text;
  double number = 0;
  std::vector<std::unique_ptr<Value>> list;
  std::map<std::string, std::unique_ptr<Value>> members;
};

std::string document() {
  std::string text = "[";
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    text += R"({"id":)" + n + R"(,"name":"user number )" + n + R"(","tags":["red","of the long kind )" + n +
            R"("],"address":{"street":"Long Street )" + n + R"(","city":"Town","code":)" + n + "}},";
  }
  text.back() = ']';
  return text;
}

// Of well-formed text without blanks and escapes, which is what document() makes.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::unique_ptr<Value> value() {
    auto made = std::make_unique<Value>();
    ++values;
    switch (rest_.front()) {
      case '{':
        do {
          rest_.remove_prefix(1);
          std::string name = string();
          rest_.remove_prefix(1);
          made->members.emplace(std::move(name), value());
        } while (rest_.front() == ',');
        rest_.remove_prefix(1);
        break;
      case '[':
        do {
          rest_.remove_prefix(1);
          made->list.push_back(value());
        } while (rest_.front() == ',');
        rest_.remove_prefix(1);
        break;
      case '"':
        made->text = string();
        break;
      default:
        made->number = number();
    }
    return made;
  }

  std::size_t values = 0;

 private:
  std::string string() {
    const std::size_t end = rest_.find('"', 1);
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  double number() {
    double sum = 0;
    for (; rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1))
      sum = 10 * sum + (rest_.front() - '0');
    return sum;
  }

  std::string_view rest_;
};

}  // namespace

std::size_t json_into_map(std::size_t times) {
  const std::string text = document();
  std::size_t values = 0;
  for (std::size_t i = 0; i < times; ++i) {
    Parser parser(text);
    const auto made = parser.value();
    values += parser.values;
  }
  return values;
}
