// SPDX-License-Identifier: MIT
//
// What is resident and not malloc's, and whose it is.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "verdicts/rules.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr double kLeast = 8 << 20, kLeastShare = 1.0 / 3;

// The largest of its names, with what it has.
std::string largest(const Account &account, Holder holder) {
  std::map<std::string, double> named;
  for (const Piece &piece : account.pieces) {
    if (piece.holder == holder) named[piece.name] += static_cast<double>(piece.resident_bytes);
  }
  const auto most = std::max_element(named.begin(), named.end(),
                                     [](const auto &a, const auto &b) { return a.second < b.second; });
  if (most == named.end() || most->first.empty()) return "";
  return fmt::format("{} {}", most->first, amount(most->second));
}

// "170 mappings, most of it in those of 1.00 MiB"
std::string pieces_of(const Account &account) {
  struct Alike {
    double bytes = 0;
    int count = 0;
  };
  std::map<std::uint64_t, Alike> by_size;
  double all = 0;
  std::uint64_t count = 0;
  for (const Piece &piece : account.pieces) {
    if (piece.holder != Holder::kOther) continue;
    Alike &alike = by_size[piece.bytes];
    alike.bytes += static_cast<double>(piece.resident_bytes);
    ++alike.count;
    all += static_cast<double>(piece.resident_bytes);
    ++count;
  }
  const std::string text = format::counted(count, "mapping");
  const auto most = std::max_element(by_size.begin(), by_size.end(), [](const auto &a, const auto &b) {
    return a.second.bytes < b.second.bytes;
  });
  if (count < 2 || most->second.bytes < 0.5 * all) return text;
  return text + fmt::format(", most of it in {} of {}", most->second.count == 1 ? "one" : "those",
                            amount(most->first));
}

std::string whose(const Observed &observed, Holder holder) {
  switch (holder) {
    case Holder::kStacks:
      return "stacks of threads";
    case Holder::kFiles:
      return "mapped files";
    case Holder::kShared:
      return "shared memory";
    default:
      break;
  }
  if (!observed.owners.empty()) return listed(observed.owners, &OwnMemory::memory);
  const auto &pieces = observed.account->pieces;
  const bool code = std::any_of(pieces.begin(), pieces.end(), [](const Piece &piece) {
    return piece.holder == Holder::kOther && piece.executable;
  });
  return code ? "anonymous mappings, some with code made at run time" : "anonymous mappings (mmap)";
}

std::string evidence(const Account &account, Holder holder) {
  const std::string held = amount(account.of(holder).resident_bytes);
  if (holder == Holder::kOther) return fmt::format("{} in {}", held, pieces_of(account));
  const std::string name = holder == Holder::kStacks ? "" : largest(account, holder);
  return fmt::format("{} in {}{}", held, format::counted(account.of(holder).mappings, "mapping"),
                     name.empty() ? "" : ", the largest " + name);
}

// An allocator holds more than it has given.
Verdict was_not_mallocs(const BeyondMalloc &most) {
  return {Kind::k_not_mallocs,
          fmt::format("{} of the {} that {} had resident at most are {}", amount(most.bytes),
                      amount(most.resident_bytes), most.program,
                      most.owners.empty() ? "no blocks: mmap, or pages its allocator holds"
                                          : "not malloc's: " + listed(most.owners, &OwnMemory::memory)),
          "what is resident, less files, the peak of live and the meter's own",
          most.owners.empty()
              ? "whose they were cannot be told when it has ended; heapmeter account tells while it runs"
              : "what lies in it, no meter of malloc sees: " + listed(most.owners, &OwnMemory::advice),
          {{"not_mallocs_bytes", static_cast<double>(most.bytes)},
           {"resident_bytes", static_cast<double>(most.resident_bytes)}}};
}

}  // namespace

std::optional<Verdict> not_mallocs(const Observed &observed) {
  if (observed.beyond_malloc) return was_not_mallocs(*observed.beyond_malloc);
  if (!observed.account) return std::nullopt;
  const Account &account = *observed.account;
  double all = 0;
  Holder most = Holder::kOther;
  for (const Holder holder : {Holder::kOther, Holder::kFiles, Holder::kShared, Holder::kStacks}) {
    all += static_cast<double>(account.of(holder).resident_bytes);
    if (account.of(holder).resident_bytes > account.of(most).resident_bytes) most = holder;
  }
  const auto resident = static_cast<double>(account.resident_bytes);
  if (all < kLeast || all < kLeastShare * resident) return std::nullopt;
  return Verdict{
      Kind::k_not_mallocs,
      fmt::format("{} of {} resident are not malloc's: {}{}", amount(all), amount(resident),
                  static_cast<double>(account.of(most).resident_bytes) < 0.9 * all ? "mostly " : "",
                  whose(observed, most)),
      evidence(account, most),
      most != Holder::kOther ? ""
      : observed.owners.empty()
          ? "who mapped them is not known"
          : "what lies in it, no meter of malloc sees: " + listed(observed.owners, &OwnMemory::advice),
      {{"not_mallocs_bytes", all},
       {"resident_bytes", resident},
       {"other_anonymous_bytes", static_cast<double>(account.of(Holder::kOther).resident_bytes)},
       {"file_bytes", static_cast<double>(account.of(Holder::kFiles).resident_bytes)},
       {"shared_bytes", static_cast<double>(account.of(Holder::kShared).resident_bytes)},
       {"stack_bytes", static_cast<double>(account.of(Holder::kStacks).resident_bytes)}}};
}

}  // namespace heapmeter::cli::verdicts
