// SPDX-License-Identifier: MIT
//
// heapmeter holders: who points at some blocks of a process, and who at those.
#include <algorithm>
#include <charconv>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "lost/holding.h"
#include "readings/target.h"
#include "sites/page.h"
#include "symbols/namer.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/holder_names.h"
#include "verbs/in_turn.h"
#include "verbs/look.h"
#include "views/holding.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::seconds kPatienceWithHolders{120};
constexpr std::chrono::seconds kPatienceForSites{20};
constexpr std::uint64_t kMostBytes = INT64_MAX;  // no block is larger

// The call stacks of a process, each leaf with the code it is known by.
struct Code {
  sites::Profile profile;
  sites::Stacks stacks;
  HolderNames::Code of_leaf;

  explicit Code(const Target &target)
      : profile(ask_target(target, HEAPMETER_PATH_SITES, patience_for(target, kPatienceForSites),
                           sites::parse_profile)) {
    symbols::Namer namer(target.local_pid, profile.modules);
    namer.prepare(sites::places(profile));
    stacks = sites::name_stacks(profile,
                                [&](int module, std::uint64_t offset) { return namer.name(module, offset); });
    of_leaf = HolderNames::code_of(profile, stacks);
  }
};

struct Question {
  std::string query, what;
  std::vector<std::string> notes;
};

Question by_class(const std::string &text) {
  std::uint64_t least = 0, most = 0;
  const char *end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, least);
  most = least;
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-')
    read = std::from_chars(read.ptr + 1, end, most);
  if (read.ec != std::errc() || read.ptr != end || least > most || most > kMostBytes)
    throw UserError(
        fmt::format("--class takes a size in bytes, 733, or a range, 1025-1280, not '{}'", printable(text)),
        kUsage);
  return {fmt::format("?bytes={}-{}", least, most), fmt::format("blocks of {} bytes", text), {}};
}

Question by_site(const Code &code, const Target &target, const std::string &name) {
  if (code.profile.mode == sites::Mode::kOff && code.profile.instead.empty())
    throw UserError(
        fmt::format("{} does not note which code allocates: heapmeter sites {} --sample every, or "
                    "start it with run --sites; --class BYTES needs neither",
                    target.label(), target.local_pid));
  if (code.profile.mode == sites::Mode::kOff) refuse_if_it_cannot(target.label(), code.profile);
  const std::vector<std::uint32_t> leaves = lost::leaves_of(code.profile, code.stacks, name);
  if (leaves.empty())
    throw UserError(
        fmt::format("no block of {} is known to be from '{}'; heapmeter sites lists the functions",
                    target.label(), name));
  std::size_t taken = 0;
  Question question{lost::leaf_query(leaves, taken), "blocks from " + name, {}};
  if (taken < leaves.size())
    question.notes.push_back(fmt::format("Of {} call stacks the {} that hold most were asked about.",
                                         format::grouped(leaves.size()), format::grouped(taken)));
  return question;
}

void name_all(HoldingView &view, HolderNames names) {
  for (const lost::Pointers &one : view.holding.holders) view.holder_names.push_back(names.name(one.holder));
  for (const lost::Way &one : view.holding.ways) view.way_names.push_back(names.name(one.holder));
}

}  // namespace

int cmd_holders(const Arguments &arguments) {
  std::string name, site, size;
  bool json = false, tree = false;
  std::int64_t most_rows = 20;
  Units units;
  Parser parser(
      "holders", "[OPTIONS] TARGET --site NAME | --class BYTES",
      "Who points at blocks of a metered process: other blocks, variables, stacks, and on which way "
      "they are led to. The process runs on; a copy of it is looked at.",
      "  heapmeter holders my_server --class 1025-1280\n"
      "  heapmeter holders my_server --site Cache::put --tree\n"
      "  heapmeter holders 4711 --class 733 --json | jq .holders[0]");
  parser.target(name);
  parser.option("--site", site, "NAME", "blocks that this function allocated, or one with that in its name");
  parser.option("--class", size, "BYTES", "blocks of this size, or of sizes A-B");
  parser.flag("--tree", tree, "the shortest ways from the roots, in place of a table of pointers");
  parser.option("-n", most_rows, "ROWS", "so many at most (20)");
  parser.json(json, "a JSON object, with both");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (site.empty() == size.empty())
    throw UserError("say which blocks: either --site NAME or --class BYTES", kUsage);
  if (most_rows < 1) throw UserError("-n takes a number from 1 on", kUsage);
  const Question sized = size.empty() ? Question{} : by_class(size);
  const Target target = resolve_target(name);
  const HoldingView view = read_living(target, [&] {
    std::optional<Code> code;
    if (!site.empty()) code.emplace(target);
    const Question question = site.empty() ? sized : by_site(*code, target, site);
    HoldingView found;
    found.wanted = question.what;
    found.notes = question.notes;
    found.holding = in_turn([&] {
      return change_target(target, HEAPMETER_PATH_HOLDERS + question.query,
                           patience_for(target, kPatienceWithHolders), lost::parse_holding);
    });
    const auto has_leaf = [](const auto &one) { return one.holder.leaf != 0; };
    if (!code && std::any_of(found.holding.holders.begin(), found.holding.holders.end(), has_leaf))
      code.emplace(target);
    name_all(found, {target.local_pid, found.holding, code ? code->of_leaf : HolderNames::Code{}, units});
    return found;
  });
  const auto rows = static_cast<std::size_t>(most_rows);
  const Look look = look_of(units);
  if (json) {
    output::write(json_text(holding_json(view)) + "\n");
  } else {
    output::write(tree ? holding_tree(target.label(), view, rows, look)
                       : holding_table(target.label(), view, rows, look));
  }
  return kOk;
}

}  // namespace heapmeter::cli
