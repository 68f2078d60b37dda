// SPDX-License-Identifier: MIT
#include "symbols/namer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <string.h>
#include <unistd.h>

#include "symbols/jit_name.h"
#include "symbols/reader.h"
#include "system/process.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr int kNoModule = -1;

std::string file_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

// What root reads of others it reads without root's rights.
bool of_stranger(int pid, const ForeignFile &file) {
  return file.owner() != 0 || (pid != 0 && process::effective_user(pid).value_or(0) != 0);
}

Hindrance hindrance_of(Findings::End end) {
  switch (end) {
    case Findings::End::kNoElf:
      return Hindrance::kNoElf;
    case Findings::End::kOtherBuild:
      return Hindrance::kOtherBuild;
    case Findings::End::kSlow:
      return Hindrance::kSlow;
    default:
      return Hindrance::kDied;
  }
}

void add_named(const Findings &findings, NamesByAddress &names) {
  for (const Named &each : findings.named) names[each.address] = each.frames;
}

std::vector<std::uint64_t> missing_from(const NamesByAddress &names,
                                        const std::vector<std::uint64_t> &wanted) {
  std::vector<std::uint64_t> missing;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing),
               [&](std::uint64_t each) { return !names.contains(each); });
  return missing;
}

}  // namespace

Namer::Namer(int pid, std::vector<Module> modules, Options options)
    : pid_(pid),
      modules_(std::move(modules)),
      options_(std::move(options)),
      files_(pid),
      cache_(options_.cache) {}

void Namer::prepare(const std::vector<Place> &places) {
  std::map<int, Offsets> wanted;
  for (const Place &place : places) {
    if (!named_.contains(place)) wanted[place.module].push_back(place.offset);
  }
  Progress progress(wanted.size(), options_.progress);
  for (auto &[number, offsets] : wanted) {
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    if (number == kNoModule)
      name_made_code(offsets, progress);
    else if (number >= 0 && static_cast<std::size_t>(number) < modules_.size())
      name_module(number, offsets, progress);
    else
      for (const std::uint64_t offset : offsets) keep({number, offset}, nullptr);
  }
}

std::vector<Frame> Namer::name(int module, std::uint64_t return_address_offset) {
  const Place place{module, return_address_offset};
  if (!named_.contains(place)) prepare({place});
  return named_[place];
}

std::vector<std::string> Namer::advice() const {
  auto lines = advice_.lines(pid_ == 0 || process::root_directory(pid_) == process::root_directory(getpid()));
  if (interprets_python_ && (!jit_ || jit_->empty()))
    lines.emplace_back("no names of Python's own functions: from Python 3.12 on, python3 -X perf gives them");
  return lines;
}

void Namer::keep(Place place, const std::vector<Frame> *frames) {
  std::vector<Frame> kept = frames == nullptr || frames->empty() ? std::vector<Frame>(1) : *frames;
  for (Frame &frame : kept) {
    frame.offset = place.offset;
    interprets_python_ = interprets_python_ || frame.function == "_PyEval_EvalFrameDefault";
    if (place.module >= 0 && static_cast<std::size_t>(place.module) < modules_.size())
      frame.module = file_name(modules_[static_cast<std::size_t>(place.module)].path);
  }
  named_[place] = std::move(kept);
}

void Namer::name_made_code(const Offsets &offsets, Progress &progress) {
  if (!jit_) {
    std::string hindrance;
    jit_ = pid_ == 0 ? JitMap() : JitMap::of_process(pid_, hindrance);
    if (hindrance.empty() && jit_->empty())
      hindrance = "a runtime writes them when told to (node --perf-basic-prof, python3 -X perf)";
    if (!hindrance.empty()) advice_.add_line("no names for code in no file: " + hindrance);
  }
  Offsets copies;
  for (const std::uint64_t offset : offsets) {
    std::vector<Frame> frames = {told_by_runtime(jit_->name(offset - 1))};
    if (frames.front().function.empty() && files_.original_of(offset, modules_)) {
      copies.push_back(offset);
    } else {
      keep({kNoModule, offset}, &frames);
    }
  }
  name_copies(copies, progress);
}

// As the originals.
void Namer::name_copies(const Offsets &addresses, Progress &progress) {
  std::map<int, Offsets> originals;
  for (const std::uint64_t address : addresses) {
    const Place original = *files_.original_of(address, modules_);
    originals[original.module].push_back(original.offset);
  }
  for (const auto &[number, offsets] : originals) name_module(number, offsets, progress);
  for (const std::uint64_t address : addresses)
    named_[{kNoModule, address}] = named_[*files_.original_of(address, modules_)];
}

void Namer::name_module(int number, const Offsets &offsets, Progress &progress) {
  const Module &module = modules_[static_cast<std::size_t>(number)];
  progress.begin(file_name(module.path));
  Offsets looked_up;
  for (const std::uint64_t offset : offsets) looked_up.push_back(offset - 1);
  const NamesByAddress names = names_in(module, looked_up, progress);
  for (const std::uint64_t offset : offsets) {
    const auto found = names.find(offset - 1);
    keep({number, offset}, found == names.end() ? nullptr : &found->second);
  }
}

NamesByAddress Namer::names_in(const Module &module, const Offsets &looked_up, Progress &progress) {
  NamesByAddress names;
  // The kernel's own, in every process.
  if (module.path.empty() || module.path.starts_with('[') || module.path.starts_with("linux-vdso"))
    return names;
  const ForeignFile whole = files_.whole(module);
  if (!whole) {
    advice_.add(Hindrance::kNotRead, module.path,
                whole.is_no_file() ? "no regular file" : strerror(whole.error()));
    return names;
  }
  const std::optional<ForeignFile> separate = files_.debug_file(module);
  const auto key = cache_.key(whole, separate ? &*separate : nullptr);
  if (key) names = cache_.load(*key);
  Work work;
  work.path = module.path;
  work.build_id = module.build_id;
  work.file = whole.fd();
  work.separate = separate ? separate->fd() : -1;
  work.bytes = whole.size() + (separate ? separate->size() : 0);
  work.of_stranger = of_stranger(pid_, whole);
  work.waiting = [&progress] { progress.tick(); };
  work.addresses = missing_from(names, looked_up);
  if (work.addresses.empty()) return names;
  Findings findings = take_apart(work);
  // A file that names another one instead of bearing a build-id by which it could be found.
  const bool told = findings.end == Findings::End::kWell && !findings.has_debug_information;
  const std::optional<ForeignFile> linked =
      told ? files_.linked_debug_file(module, findings.debug_link) : std::nullopt;
  if (linked) {
    work.separate = linked->fd();
    work.bytes += linked->size();
    findings = take_apart(work);
  }
  add_named(findings, names);
  if (findings.end == Findings::End::kWell) {
    if (findings.has_debug_information && key && !linked) cache_.save(*key, names);
    if (!findings.has_symbols)
      advice_.add(Hindrance::kNoNames, module.path);
    else if (!findings.has_debug_information)
      advice_.add(Hindrance::kNoLines, module.path);
    return names;
  }
  advice_.add(hindrance_of(findings.end), module.path);
  if (findings.end == Findings::End::kDied || findings.end == Findings::End::kSlow) {
    work.with_debug_information = false;
    work.separate = -1;
    work.addresses = missing_from(names, looked_up);
    add_named(take_apart(work), names);
  }
  return names;
}

}  // namespace heapmeter::cli::symbols
