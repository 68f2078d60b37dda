// SPDX-License-Identifier: MIT
#include "readings/account.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kLargestGuard = 64 * 1024;  // below a thread's stack

std::uint64_t overlap(const Range &a, const Range &b) {
  const std::uint64_t start = std::max(a.start, b.start), end = std::min(a.end, b.end);
  return start < end ? end - start : 0;
}

Range range_of(const Mapping &mapping) { return {mapping.start, mapping.end}; }

bool names_shared_memory(const std::string &name) {
  for (const char *start : {"/dev/shm/", "/memfd:", "/SYSV", "/dev/zero", "[anon_shmem:"}) {
    if (name.starts_with(start)) return true;
  }
  return false;
}

// Code that the kernel puts into every program; VmRSS has it, too.
bool is_kernels(const std::string &name) {
  return name == "[vdso]" || name == "[vsyscall]" || name.starts_with("[vvar") || name == "[uprobes]";
}

// The first thread's, and what glibc names when its tunable glibc.mem.decorate_maps asks for it.
bool names_stack(const std::string &name) {
  return name.starts_with("[stack") || name.starts_with("[anon: glibc: pthread stack");
}

bool is_meter_library(const std::string &name) { return name.find("/libheapmeter.so") != name.npos; }

bool is_anonymous(const Mapping &mapping) {
  return mapping.name.empty() || mapping.name == "[heap]" || mapping.name.starts_with("[anon:");
}

// What is left of a mapping while its parts are given to their holders.
struct Rest {
  std::uint64_t bytes, resident_bytes, swap_bytes;

  explicit Rest(const Mapping &mapping)
      : bytes(mapping.bytes()), resident_bytes(mapping.resident_bytes), swap_bytes(mapping.swap_bytes) {}
};

class Reckoning {
 public:
  explicit Reckoning(const AccountInput &input) : input_(input) {
    for (const Mapping &mapping : input.mappings) {
      if (mapping.of_file() && mapping.executable()) programs_.insert(mapping.name);
      if (mapping.without_huge_pages && is_service(mapping)) stacks_are_marked_ = true;
    }
  }

  Account result() {
    Account &account = account_;
    const HeapMap &heap = input_.heap;
    account.pid = heap.pid;
    account.start_time = heap.start_time;
    account.name = heap.name;
    account.backend = heap.backend;
    account.live_bytes = heap.live_bytes;
    account.live_blocks = heap.live_blocks;
    account.usable_bytes = heap.usable_bytes;
    account.resident_bytes = input_.resident_bytes;
    account.swap_bytes = input_.swap_bytes;
    account.cgroup = input_.cgroup;
    const Mapping *before = nullptr;
    for (const Mapping &mapping : input_.mappings) {
      account.huge_page_bytes += mapping.huge_page_bytes;
      if (!mapping.of_huge_pages) add(mapping, before);
      before = &mapping;
    }
    return account;
  }

 private:
  void add(const Mapping &mapping, const Mapping *before) {
    // The part of a library's data that is not in its file follows it.
    const bool continues = before != nullptr && before->end == mapping.start && mapping.name.empty() &&
                           !mapping.shared() && mapping.writable();
    const bool continues_file = continues && before->of_file() && before->writable() && !before->shared();
    if (continues_file) {
      add_data_behind(*before, mapping);
    } else if (mapping.of_file()) {
      give_to_file(mapping, Rest(mapping));
    } else if (mapping.shared() || names_shared_memory(mapping.name)) {
      give(Rest(mapping), Holder::kShared, mapping);
    } else if (names_stack(mapping.name)) {
      give(Rest(mapping), Holder::kStacks, mapping);
    } else if (is_kernels(mapping.name)) {
      give(Rest(mapping), Holder::kProgram, mapping);
    } else if (is_anonymous(mapping)) {
      const bool guarded = continues && !before->accessible() && !mapping.executable();
      const bool stack = guarded && looks_like_a_stack(mapping, *before);
      const auto [lower, upper] = split(mapping, stack ? stack_end(mapping, *before) : mapping.end);
      add_anonymous(lower, stack);
      if (upper.bytes() > 0) add_anonymous(upper, false);
    } else {
      give(Rest(mapping), Holder::kOther, mapping);
    }
  }

  bool is_service(const Mapping &mapping) const {
    const auto &meter = input_.heap.meter;
    return std::any_of(meter.begin(), meter.end(), [&](const MeterPart &part) {
      return part.part == "service" && overlap(part.range, range_of(mapping)) > 0;
    });
  }

  bool looks_like_a_stack(const Mapping &mapping, const Mapping &guard) const {
    return stacks_are_marked_ ? mapping.without_huge_pages : guard.bytes() <= kLargestGuard;
  }

  Holder holder_of_file(const Mapping &mapping) const {
    if (is_meter_library(mapping.name)) return Holder::kMeter;
    if (names_shared_memory(mapping.name)) return Holder::kShared;
    return programs_.contains(mapping.name) ? Holder::kProgram : Holder::kFiles;
  }

  void add_anonymous(const Mapping &mapping, bool stack) {
    Rest rest(mapping);
    take_meter(mapping, rest);
    if (rest.bytes == 0) return;
    if (!overlapping(input_.heap.heap, range_of(mapping)).empty()) {
      account_.heap_huge_bytes += std::min(mapping.transparent_huge_bytes, rest.resident_bytes);
      give_heap(mapping, rest, rest.bytes, rest.resident_bytes);
    } else {
      take_heap(input_.heap.heap_blocks, mapping, rest);
    }
    if (rest.bytes > 0) give(rest, stack ? Holder::kStacks : Holder::kOther, mapping);
  }

  std::pair<Mapping, Mapping> split(const Mapping &mapping, std::uint64_t at) const {
    Mapping lower = mapping, upper = mapping;
    lower.end = upper.start = std::clamp(at, mapping.start, mapping.end);
    if (upper.bytes() > 0) {
      const std::uint64_t resident = resident_in(range_of(lower), mapping, lower.bytes());
      lower.resident_bytes = std::min(resident, mapping.resident_bytes);
      lower.swap_bytes = std::min(mapping.swap_bytes, lower.bytes() - std::min(resident, lower.bytes()));
    }
    upper.resident_bytes -= lower.resident_bytes;
    upper.swap_bytes -= lower.swap_bytes;
    return {lower, upper};
  }

  // A stack that is not marked is one mapping with what was mapped right above it; by default it has, with
  // its guard, the size of the limit.
  std::uint64_t stack_end(const Mapping &mapping, const Mapping &guard) const {
    const bool bounded = !stacks_are_marked_ && input_.stack_limit > 0;
    return bounded ? guard.start + input_.stack_limit : mapping.end;
  }

  // Of a library; the kernel made one mapping of it with blocks, or with anything else, that lie behind.
  void add_data_behind(const Mapping &file, const Mapping &data) {
    const auto end = input_.data_end ? input_.data_end(file) : std::nullopt;
    const auto [own, others] = split(data, end.value_or(first_known(data, !is_meter_library(file.name))));
    if (own.bytes() > 0) {
      Rest rest(own);
      if (is_meter_library(file.name)) take_meter(own, rest);
      if (rest.bytes > 0) give_to_file(file, rest);
    }
    if (others.bytes() > 0) add_anonymous(others, false);
  }

  // Where in a mapping the heap begins, or the meter's memory where that is no part of it, or else its end.
  std::uint64_t first_known(const Mapping &mapping, bool ends_at_meter) const {
    std::uint64_t first = mapping.end;
    const auto look = [&](const Range &range) {
      if (overlap(range, range_of(mapping)) > 0)
        first = std::min(first, std::max(range.start, mapping.start));
    };
    if (ends_at_meter) {
      for (const MeterPart &part : input_.heap.meter) look(part.range);
    }
    for (const Range &range : overlapping(input_.heap.heap, range_of(mapping))) look(range);
    for (const Range &range : overlapping(input_.heap.heap_blocks, range_of(mapping))) look(range);
    return first;
  }

  // The kernel makes one mapping of neighbours that look alike, so the meter's may be a part of this one.
  void take_meter(const Mapping &mapping, Rest &rest) {
    for (const MeterPart &part : input_.heap.meter) {
      const std::uint64_t bytes = std::min(overlap(part.range, range_of(mapping)), rest.bytes);
      if (bytes == 0) continue;
      const std::uint64_t resident = bytes == mapping.bytes()
                                         ? rest.resident_bytes
                                         : std::min(resident_of(part, mapping), rest.resident_bytes);
      rest.bytes -= bytes;
      rest.resident_bytes -= resident;
      std::uint64_t swapped = rest.bytes == 0 ? rest.swap_bytes : 0;
      // Of pages that belong to nobody but the meter's neighbourhood nothing may be lost.
      const std::uint64_t last = rest.bytes == 0 ? rest.resident_bytes : 0;
      rest.resident_bytes -= last;
      rest.swap_bytes -= swapped;
      meter_part(part.part) += resident + last;
      count(Holder::kMeter, resident + last, swapped);
    }
  }

  // Where threads never counted, slots have the kernel's page of zeros, which looks like memory to pagemap,
  // and which the process can tell from others.
  std::uint64_t resident_of(const MeterPart &part, const Mapping &mapping) const {
    const std::uint64_t looked_at = resident_in(part.range, mapping, part.resident_bytes);
    return part.part == "slots" ? std::min(looked_at, part.resident_bytes) : looked_at;
  }

  std::uint64_t &meter_part(const std::string &part) {
    if (part == "ledger") return account_.meter_ledger_bytes;
    return part == "slots" ? account_.meter_slot_bytes : account_.meter_service_bytes;
  }

  void take_heap(const std::vector<Range> &ranges, const Mapping &mapping, Rest &rest) {
    std::uint64_t bytes = 0, resident = 0;
    for (const Range &block : overlapping(ranges, range_of(mapping))) {
      const std::uint64_t part = overlap(block, range_of(mapping));
      bytes += part;
      if (part < rest.bytes) resident += resident_in(block, mapping, part);
    }
    if (bytes == 0) return;
    if (bytes >= rest.bytes) {
      give_heap(mapping, rest, rest.bytes, rest.resident_bytes);
    } else {
      give_heap(mapping, rest, bytes, std::min(resident, rest.resident_bytes));
    }
  }

  std::uint64_t resident_in(const Range &range, const Mapping &mapping, std::uint64_t otherwise) const {
    if (!input_.resident_in) return otherwise;
    const Range inside{std::max(range.start, mapping.start), std::min(range.end, mapping.end)};
    return input_.resident_in(inside).value_or(otherwise);
  }

  void give_heap(const Mapping &mapping, Rest &rest, std::uint64_t bytes, std::uint64_t resident) {
    const std::uint64_t swapped = bytes == rest.bytes ? rest.swap_bytes : 0;
    // What was touched takes memory, whatever has become of the right to touch it.
    account_.committed_bytes += mapping.accessible() ? bytes : resident + swapped;
    count(Holder::kHeap, resident, swapped);
    rest.bytes -= bytes;
    rest.resident_bytes -= resident;
    rest.swap_bytes -= swapped;
  }

  void give_to_file(const Mapping &file, const Rest &rest) {
    if (is_meter_library(file.name)) account_.meter_library_bytes += rest.resident_bytes;
    give(rest, holder_of_file(file), file);
  }

  void give(const Rest &rest, Holder holder, const Mapping &mapping) {
    count(holder, rest.resident_bytes, rest.swap_bytes);
    const bool told = holder == Holder::kFiles || holder == Holder::kShared || holder == Holder::kOther;
    if (told && rest.resident_bytes > 0) {
      account_.pieces.push_back(
          {holder, mapping.name, rest.bytes, rest.resident_bytes, mapping.executable()});
    }
  }

  void count(Holder holder, std::uint64_t resident, std::uint64_t swapped) {
    Holding &holding = account_.of(holder);
    holding.resident_bytes += resident;
    holding.swap_bytes += swapped;
    ++holding.mappings;
  }

  const AccountInput &input_;
  std::set<std::string> programs_;
  // The kernel, since 6.7, gives no huge pages to what was mapped as a stack, as pthread_create does and the
  // meter for its own thread: where that one says so, guards decide nothing alone.
  bool stacks_are_marked_ = false;
  Account account_;
};

}  // namespace

std::uint64_t Account::explained_bytes() const {
  std::uint64_t sum = 0;
  for (const Holding &holding : holdings) sum += holding.resident_bytes;
  return sum;
}

std::uint64_t Account::disagreement_bytes() const {
  std::int64_t bytes = std::abs(remainder_bytes());
  for (const std::int64_t line : {rounding_bytes(), free_bytes(), not_resident_bytes()})
    bytes += std::max<std::int64_t>(0, -line);
  return static_cast<std::uint64_t>(bytes);
}

bool Account::moved() const {
  constexpr double kGoodEnough = 0.005;
  return static_cast<double>(disagreement_bytes()) > kGoodEnough * static_cast<double>(resident_bytes);
}

Account make_account(const AccountInput &input) { return Reckoning(input).result(); }

}  // namespace heapmeter::cli
