// SPDX-License-Identifier: MIT
#include "symbols/debug_information.h"

#include <algorithm>
#include <climits>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <dwarf.h>
#include <string.h>

#include "symbols/function_name.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr int kDeepest = 200;  // of blocks in blocks
constexpr const char *kCall = "operator()";
constexpr std::size_t kMostRanges = 4u << 20;

using Addresses = std::vector<std::uint64_t>;

// Those of them, in order, that one of the ranges of the die has; and whether it has any range.
std::pair<Addresses, bool> inside(Dwarf_Die *die, const Addresses &addresses) {
  Addresses found;
  bool any = false;
  Dwarf_Addr base = 0, start = 0, end = 0;
  for (std::ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
    any = true;
    const auto first = std::lower_bound(addresses.begin(), addresses.end(), start);
    for (auto each = first; each != addresses.end() && *each < end; ++each) found.push_back(*each);
  }
  std::sort(found.begin(), found.end());
  return {std::move(found), any};
}

// Which functions lambdas stand in, by where they are described. Each unit that has one is walked once for
// all of them: asked for one, libdw walks it from its beginning.
class PlacesOfLambdas {
 public:
  struct Function {
    Dwarf_Die die;
    std::size_t outer;  // the function around it, or 0
  };

  // The function around it, or 0 where it is in none.
  std::size_t of(const Dwarf_Die &lambda) {
    Dwarf_Die die = lambda, unit;
    if (dwarf_diecu(&die, &unit, nullptr, nullptr) == nullptr) return 0;
    if (walked_.insert(unit.addr).second) children(&unit, 0, 0);
    const auto found = lambdas_.find(lambda.addr);
    return found != lambdas_.end() ? found->second : 0;
  }
  const Function &function(std::size_t number) const { return functions_[number - 1]; }

 private:
  void children(Dwarf_Die *parent, std::size_t around, int depth) {
    Dwarf_Die die;
    if (depth > kDeepest || dwarf_child(parent, &die) != 0) return;
    do {
      const int tag = dwarf_tag(&die);
      if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
        take_function(&die, around, depth);
      else if (dwarf_haschildren(&die) == 1)
        children(&die, around, depth + 1);
    } while (dwarf_siblingof(&die, &die) == 0);
  }

  void take_function(Dwarf_Die *die, std::size_t around, int depth) {
    const char *name = dwarf_hasattr(die, DW_AT_name) ? dwarf_diename(die) : nullptr;
    if (around != 0 && name != nullptr && strcmp(name, kCall) == 0) lambdas_.emplace(die->addr, around);
    const std::size_t before = lambdas_.size();
    functions_.push_back({*die, around});
    children(die, functions_.size(), depth + 1);
    if (lambdas_.size() == before) functions_.pop_back();
  }

  std::unordered_set<void *> walked_;
  std::unordered_map<void *, std::size_t> lambdas_;
  std::vector<Function> functions_;  // that have one
};

// The functions around each address, outermost first; and of functions that the linker has no name for, the
// namespaces and classes they stand in, by their offsets.
struct Around {
  PlacesOfLambdas &places;
  std::map<std::uint64_t, std::vector<Dwarf_Die>> chains;
  std::unordered_map<Dwarf_Off, std::string> scopes;
  std::unordered_set<Dwarf_Off> lambdas;  // whose scopes were sought
};

class Walk {
 public:
  explicit Walk(Around &around) : around_(around) {}

  void children(Dwarf_Die *parent, const Addresses &addresses, int depth) {
    Dwarf_Die die;
    if (depth > kDeepest || dwarf_child(parent, &die) != 0) return;
    do {
      take(&die, addresses, depth);
    } while (dwarf_siblingof(&die, &die) == 0);
  }

 private:
  void take(Dwarf_Die *die, const Addresses &addresses, int depth) {
    switch (dwarf_tag(die)) {
      case DW_TAG_subprogram:
      case DW_TAG_inlined_subroutine: {
        const Addresses found = inside(die, addresses).first;
        for (const std::uint64_t each : found) around_.chains[each].push_back(*die);
        if (!found.empty()) return children(die, found, depth + 1);
        if (!scope_.empty() && !dwarf_hasattr(die, DW_AT_linkage_name) &&
            !dwarf_hasattr(die, DW_AT_specification))
          around_.scopes.emplace(dwarf_dieoffset(die), scope_);
        return;
      }
      case DW_TAG_lexical_block:
      case DW_TAG_try_block:
      case DW_TAG_catch_block:
      case DW_TAG_with_stmt: {
        const auto [found, any] = inside(die, addresses);
        if (!any || !found.empty()) children(die, any ? found : addresses, depth + 1);
        return;
      }
      case DW_TAG_namespace:
      case DW_TAG_module:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
        return enter(die, addresses, depth);
      default:
        return;
    }
  }

  void enter(Dwarf_Die *die, const Addresses &addresses, int depth) {
    const std::size_t before = scope_.size();
    const char *name = dwarf_diename(die);
    const bool named = name != nullptr && before + strlen(name) < kLongestText;
    scope_ +=
        (before == 0 ? "" : "::") + std::string(named                                ? name
                                                : dwarf_tag(die) == DW_TAG_namespace ? "(anonymous namespace)"
                                                                                     : "(unnamed)");
    children(die, addresses, depth + 1);
    scope_.resize(before);
  }

  std::string scope_;
  Around &around_;
};

// Where a function is described that was inlined, or declared before.
Dwarf_Die origin_of(const Dwarf_Die &die) {
  Dwarf_Die origin = die;
  for (int step = 0; step < 4; ++step) {
    Dwarf_Attribute attribute;
    Dwarf_Die next;
    if (dwarf_formref_die(dwarf_attr(&origin, DW_AT_abstract_origin, &attribute), &next) == nullptr &&
        dwarf_formref_die(dwarf_attr(&origin, DW_AT_specification, &attribute), &next) == nullptr)
      break;
    origin = next;
  }
  return origin;
}

std::string name_of(Dwarf_Die *die, Around &around);

// Of a lambda: the function that it stands in, and that it is one; "" where it stands in none.
std::string scope_of_lambda(Dwarf_Die *origin, Around &around) {
  std::string scope;
  for (std::size_t at = around.places.of(*origin); at != 0 && scope.empty();) {
    auto [function, outer] = around.places.function(at);
    scope = name_of(&function, around);
    scope = std::string(qualified_name(demangled(scope)));
    if (!scope.empty()) scope += "::{lambda}";
    at = outer;
  }
  return scope;
}

std::string name_of(Dwarf_Die *die, Around &around) {
  for (const unsigned int kind : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    Dwarf_Attribute attribute;
    const char *name = dwarf_formstring(dwarf_attr_integrate(die, kind, &attribute));
    if (name != nullptr) return name;
  }
  const char *name = dwarf_diename(die);
  if (name == nullptr) return "";
  Dwarf_Die origin = origin_of(*die);
  const Dwarf_Off at = dwarf_dieoffset(&origin);
  auto scope = around.scopes.find(at);
  // Found by another way, since the function it stands in need not be around the address.
  if (strcmp(name, kCall) == 0 && around.lambdas.insert(at).second) {
    const std::string lambda = scope_of_lambda(&origin, around);
    if (!lambda.empty()) scope = around.scopes.insert_or_assign(at, lambda).first;
  }
  return scope != around.scopes.end() ? scope->second + "::" + name : name;
}

int line_number(Dwarf_Word number) { return number > INT_MAX ? 0 : static_cast<int>(number); }

void add_place_of_call(Dwarf_Die *unit, Dwarf_Die *inlined, Frame &frame) {
  Dwarf_Attribute attribute;
  Dwarf_Word number = 0;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) == 0)
    frame.line = line_number(number);
  Dwarf_Files *files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) != 0 ||
      dwarf_getsrcfiles(unit, &files, &count) != 0 || number >= count)
    return;
  const char *file = dwarf_filesrc(files, number, nullptr, nullptr);
  if (file != nullptr) frame.file = file;
}

void add_place_in_source(Dwarf_Die *unit, std::uint64_t address, Frame &frame) {
  Dwarf_Line *line = dwarf_getsrc_die(unit, address);
  if (line == nullptr) return;
  int number = 0;
  if (dwarf_lineno(line, &number) == 0) frame.line = number;
  const char *file = dwarf_linesrc(line, nullptr, nullptr);
  if (file != nullptr) frame.file = file;
}

std::vector<Frame> frames_of(Dwarf_Die *unit, Around &around, std::uint64_t address) {
  std::vector<Frame> frames;
  std::vector<Dwarf_Die> &chain = around.chains[address];
  Frame frame;
  add_place_in_source(unit, address, frame);
  for (auto die = chain.rbegin(); die != chain.rend(); ++die) {
    frame.function = name_of(&*die, around);
    frame.inlined = dwarf_tag(&*die) == DW_TAG_inlined_subroutine;
    frames.push_back(std::exchange(frame, Frame()));
    if (frames.back().inlined) add_place_of_call(unit, &*die, frame);
  }
  if (chain.empty() && !frame.file.empty()) frames.push_back(std::move(frame));
  return frames;
}

}  // namespace

DebugInformation::DebugInformation(Dwarf *dwarf) {
  Dwarf_CU *unit = nullptr;
  Dwarf_Die die, split;
  while (dwarf_get_units(dwarf, unit, &unit, nullptr, nullptr, &die, &split) == 0 &&
         ranges_.size() < kMostRanges) {
    Dwarf_Addr base = 0, start = 0, end = 0;
    // Of a unit whose information is in a file of its own, the place is told here, the rest there.
    const Dwarf_Die &whole = split.cu != nullptr ? split : die;
    for (std::ptrdiff_t at = 0;
         (at = dwarf_ranges(&die, at, &base, &start, &end)) > 0 && ranges_.size() < kMostRanges;)
      if (start < end) ranges_.push_back({start, end, whole});
  }
  std::stable_sort(ranges_.begin(), ranges_.end(),
                   [](const Range &a, const Range &b) { return a.start < b.start; });
}

const DebugInformation::Range *DebugInformation::range_of(std::uint64_t address) const {
  const auto next = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                     [](std::uint64_t at, const Range &each) { return at < each.start; });
  return next != ranges_.begin() && address < next[-1].end ? &next[-1] : nullptr;
}

void DebugInformation::name(const Addresses &addresses, const std::function<void(Named)> &answer) const {
  std::map<void *, std::pair<Dwarf_Die, Addresses>> units;
  for (const std::uint64_t address : addresses) {
    const Range *range = range_of(address);
    if (range == nullptr)
      answer({address, {}});
    else
      units.try_emplace(range->unit.addr, range->unit, Addresses()).first->second.second.push_back(address);
  }
  PlacesOfLambdas places;
  for (auto &[where, unit] : units) {
    std::sort(unit.second.begin(), unit.second.end());
    Around around{places, {}, {}, {}};
    Walk(around).children(&unit.first, unit.second, 0);
    for (const std::uint64_t address : unit.second)
      answer({address, frames_of(&unit.first, around, address)});
  }
}

}  // namespace heapmeter::cli::symbols
