// SPDX-License-Identifier: MIT
#include "symbols/function_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csetjmp>
#include <optional>
#include <utility>
#include <vector>

#define HAVE_DECL_BASENAME 1  // else it declares libc's another way
#include <libiberty/demangle.h>

namespace heapmeter::cli::symbols {
namespace {

constexpr std::size_t kLongestMangled = 64u << 10, kLongestDemangled = 64u << 10;
constexpr int kDeepest = 100;  // of templates in templates

bool of_word(char letter) {
  return isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '$';
}

// Whether the word `operator` ends just before `at`.
bool after_operator(std::string_view text, std::size_t at) {
  constexpr std::string_view kWord = "operator";
  return at >= kWord.size() && text.substr(at - kWord.size(), kWord.size()) == kWord &&
         (at == kWord.size() || !of_word(text[at - kWord.size() - 1]));
}

// Past the signs of an operator that begin at `at`: <, <<, <=>, ->, () ...
std::size_t past_operator(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "()") return at + 2;
  while (at < text.size() && std::string_view("<>=-!+*/%^&|~,[]").find(text[at]) != std::string_view::npos &&
         !(text[at] == '<' && at > 0 && text[at - 1] == ' '))
    ++at;
  return at;
}

// Past the parenthesis that closes the one at `at`: what is between is an expression, in which < and > may
// compare.
std::size_t past_parentheses(std::string_view text, std::size_t at) {
  std::size_t open = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '(') ++open;
    if (text[at] == ')' && --open == 0) return at + 1;
  }
  return at;
}

void replace_all(std::string &text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Of a template of the standard library: arguments that it would have had anyway.
bool is_default(std::string_view argument, const std::vector<std::string> &before) {
  const std::string &first = before.front();
  for (const char *each : {"std::allocator", "std::char_traits", "std::less", "std::hash", "std::equal_to",
                           "std::default_delete"}) {
    if (argument == std::string(each) + "<" + first + ">") return true;
  }
  if (argument == "std::deque<" + first + ">") return true;
  return before.size() >= 2 &&
         (argument == "std::allocator<std::pair<" + first + " const, " + before[1] + ">>" ||
          argument == "std::allocator<std::pair<const " + first + ", " + before[1] + ">>");
}

constexpr std::array kStrings = {
    std::pair{"std::basic_string<", "std::string"},
    std::pair{"std::basic_string_view<", "std::string_view"},
    std::pair{"std::basic_ostream<", "std::ostream"},
    std::pair{"std::basic_istream<", "std::istream"},
    std::pair{"std::basic_iostream<", "std::iostream"},
    std::pair{"std::basic_ios<", "std::ios"},
    std::pair{"std::basic_streambuf<", "std::streambuf"},
    std::pair{"std::basic_stringbuf<", "std::stringbuf"},
    std::pair{"std::basic_ostringstream<", "std::ostringstream"},
    std::pair{"std::basic_istringstream<", "std::istringstream"},
    std::pair{"std::basic_stringstream<", "std::stringstream"},
};

// Takes a name apart at its templates, and puts it together again without what says nothing.
class Shortener {
 public:
  explicit Shortener(std::string_view text) : text_(text) {}

  // Empty when it is nested deeper than any real one, or a bracket stays open.
  std::string whole() {
    std::string out = until("");
    return at_ == text_.size() && !failed_ ? out : std::string();
  }

 private:
  // Up to one of these letters, or to the end.
  std::string until(std::string_view ends) {
    std::string out;
    if (++depth_ > kDeepest) failed_ = true;
    while (at_ < text_.size() && !failed_ && ends.find(text_[at_]) == ends.npos) {
      const char letter = text_[at_];
      if (after_operator(text_, at_)) {
        const std::size_t past = std::max(past_operator(text_, at_), at_ + 1);
        out += text_.substr(at_, past - at_);
        at_ = past;
      } else if (letter == '<' && !out.empty() &&
                 (of_word(out.back()) || out.back() == ' ' || out.back() == ']')) {
        take_template(out);
      } else if (letter == '(' || letter == '{' || letter == '[') {
        take_bracket(out, letter == '(' ? ')' : letter == '{' ? '}' : ']');
      } else {
        out += letter;
        ++at_;
      }
    }
    --depth_;
    return out;
  }

  void take_bracket(std::string &out, char end) {
    out += text_[at_++];
    out += until(std::string_view(&end, 1));
    if (at_ == text_.size()) failed_ = true;
    if (failed_) return;
    out += end;
    ++at_;
  }

  void take_template(std::string &out) {
    std::vector<std::string> arguments;
    do {
      ++at_;
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
      arguments.push_back(until(",>"));
      while (arguments.back().ends_with(' ')) arguments.back().pop_back();
    } while (at_ < text_.size() && text_[at_] == ',' && !failed_);
    if (at_ == text_.size()) failed_ = true;
    if (failed_) return;
    ++at_;
    const std::size_t name = begin_of_name(out);
    if (std::string_view(out).substr(name).starts_with("std::")) drop_defaults(arguments);
    out += '<';
    for (std::size_t each = 0; each < arguments.size(); ++each)
      out += (each == 0 ? "" : ", ") + arguments[each];
    out += '>';
    for (const auto &[from, to] : kStrings) {
      if (std::string_view(out).substr(name) == std::string(from) + "char>") out.replace(name, out.npos, to);
    }
  }

  static void drop_defaults(std::vector<std::string> &arguments) {
    while (arguments.size() > 1 && is_default(arguments.back(), {arguments.begin(), arguments.end() - 1}))
      arguments.pop_back();
  }

  static std::size_t begin_of_name(std::string_view out) {
    std::size_t at = out.size();
    while (at > 0 && (of_word(out[at - 1]) || out[at - 1] == ':')) --at;
    return at;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

// Rust's newer names of a type's own functions: "<shop::Cart>::add"; what a trait gives keeps them:
// "<shop::Cart as core::clone::Clone>::clone".
void without_brackets_around_type(std::string &name) {
  if (name.size() < 2 || name.front() != '<' || !of_word(name[1])) return;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '<') ++depth;
    if (name[at] == '>' && name[at - 1] != '-' && --depth == 0) {
      if (name.compare(at, 3, ">::") != 0) return;
      name.erase(at, 1);
      name.erase(0, 1);
      return;
    }
    if (depth == 1 && name[at] == ' ') return;
  }
}

void cut_marks(std::string &name) {
  for (const std::string_view mark : {" [clone ", "[abi:"}) {
    for (std::size_t at = name.find(mark); at != name.npos; at = name.find(mark, at)) {
      const std::size_t end = name.find(']', at);
      if (end == name.npos) break;
      name.erase(at, end + 1 - at);
    }
  }
  // libc's own name for what it exports.
  constexpr std::string_view kInner = "__GI_";
  if (name.starts_with(kInner) && name.size() > kInner.size()) name.erase(0, kInner.size());
  without_brackets_around_type(name);
  // Rust's: "alloc::vec::push::h0123456789abcdef".
  constexpr std::size_t kHash = 19;
  if (name.size() <= kHash) return;
  const std::string_view tail = std::string_view(name).substr(name.size() - kHash);
  if (tail.starts_with("::h") && tail.find_first_not_of("0123456789abcdef", 3) == tail.npos)
    name.resize(name.size() - kHash);
}

// Some hundred letters may stand for a terabyte, each part of them for two others: only a jump ends who
// writes that, by functions of C, which have nothing that wants an end.
struct Written {
  std::string text;
  std::jmp_buf too_long;
};

void take_piece(const char *piece, std::size_t bytes, void *to) {
  auto &written = *static_cast<Written *>(to);
  if (written.text.size() + bytes > kLongestDemangled) std::longjmp(written.too_long, 1);
  written.text.append(piece, bytes);
}

template <typename Demangle>
std::optional<std::string> written_by(Demangle demangle) {
  Written written;
  if (setjmp(written.too_long) != 0 || demangle(written) == 0) return std::nullopt;
  return std::move(written.text);
}

}  // namespace

// Rust's older names would be C++'s as well, with a hash at their end and signs spelt out.
std::string demangled(std::string_view name) {
  std::string text(name);
  if (!(name.starts_with("_Z") || name.starts_with("_R")) || name.size() > kLongestMangled) return text;
  auto out = written_by(
      [&](Written &to) { return rust_demangle_callback(text.c_str(), DMGL_NO_OPTS, take_piece, &to); });
  if (!out)
    out = written_by(
        [&](Written &to) { return cplus_demangle_v3_callback(text.c_str(), DMGL_PARAMS, take_piece, &to); });
  return out ? *out : text;
}

std::string short_name(std::string_view demangled) {
  std::string name(demangled);
  cut_marks(name);
  for (const std::string_view inner : {"__cxx11::", "__1::", "_V2::"}) {
    replace_all(name, "std::" + std::string(inner), "std::");
    replace_all(name, "std::filesystem::" + std::string(inner), "std::filesystem::");
  }
  std::string out = Shortener(name).whole();
  return out.empty() ? name : out;
}

std::string_view qualified_name(std::string_view name) {
  std::size_t begin = 0, depth = 0;
  bool of_operator = false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (depth == 0 && after_operator(name, at)) {
      of_operator = true;
      const std::size_t past = past_operator(name, at);
      if (past > at) at = past;
      if (at >= name.size()) break;
    }
    const char letter = name[at];
    if (letter == '(' && depth == 0) {
      const std::size_t length = std::string_view("(anonymous namespace)").size();
      if (name.substr(at, length) == "(anonymous namespace)") {
        at += length - 1;
        continue;
      }
      if (const std::string_view before = name.substr(begin, at - begin);
          before == "decltype" || (before.empty() && name.substr(0, at).ends_with("decltype "))) {
        at = past_parentheses(name, at) - 1;
        continue;
      }
      // A function's own name in which a lambda stands: "f(int)::{lambda()#1}::operator()".
      const std::size_t inner = name.find("::{lambda", at);
      if (inner == name.npos) return name.substr(begin, at - begin);
    }
    if (std::string_view("(<[{").find(letter) != std::string_view::npos) ++depth;
    if (std::string_view(")>]}").find(letter) != std::string_view::npos && depth > 0) --depth;
    if (letter == ' ' && depth == 0 && !of_operator) {
      // After the parameters of the function around a lambda.
      const bool of_outer = name.substr(at).starts_with(" const::");
      if (!of_outer) begin = at + 1;
    }
  }
  return name.substr(begin);
}

}  // namespace heapmeter::cli::symbols
