// SPDX-License-Identifier: MIT
#include "sites/cfi_row.h"

namespace heapmeter::sites {
namespace {

// The names of DWARF.
enum Instruction : uint8_t {
  kNop = 0x00,
  kSetLocation = 0x01,
  kAdvance1 = 0x02,
  kAdvance2 = 0x03,
  kAdvance4 = 0x04,
  kOffsetExtended = 0x05,
  kRestoreExtended = 0x06,
  kUndefined = 0x07,
  kSameValue = 0x08,
  kRegister = 0x09,
  kRememberState = 0x0a,
  kRestoreState = 0x0b,
  kDefineCfa = 0x0c,
  kDefineCfaRegister = 0x0d,
  kDefineCfaOffset = 0x0e,
  kDefineCfaExpression = 0x0f,
  kExpression = 0x10,
  kOffsetExtendedSigned = 0x11,
  kDefineCfaSigned = 0x12,
  kDefineCfaOffsetSigned = 0x13,
  kValueOffset = 0x14,
  kValueOffsetSigned = 0x15,
  kValueExpression = 0x16,
  kGnuArgsSize = 0x2e,
  kGnuNegativeOffsetExtended = 0x2f,
  // These have a number in their lower six bits.
  kAdvance = 0x40,
  kOffset = 0x80,
  kRestore = 0xc0,
};

enum Operation : uint8_t { kDeref = 0x06, kBreg6 = 0x76, kBreg7 = 0x77 };

class Run {
 public:
  Run(const FrameEntry &entry, Row &row, uintptr_t pc) noexcept : entry_(entry), row_(row), pc_(pc) {}

  bool all() noexcept {
    if (!through(entry_.common, 0, UINTPTR_MAX)) return false;
    initial_ = row_;
    return through(entry_.own, entry_.start, pc_);
  }

 private:
  static constexpr int kMostRemembered = 16;

  // Up to the first row behind the address.
  bool through(CfiReader reader, uint64_t location, uintptr_t pc) noexcept {
    remembered_ = 0;
    while (!reader.at_end()) {
      const uint8_t byte = reader.byte();
      const uint8_t number = byte & 0x3f;
      switch (byte & 0xc0) {
        case kAdvance:
          location += number * entry_.code_factor;
          break;
        case kOffset:
          note(number, Saved::How::kAtCfa, unsigned_times_factor(reader));
          continue;
        case kRestore:
          restore(number);
          continue;
        default:
          if (!extended(byte, reader, location)) return false;
      }
      if (location > pc) return reader.ok();
    }
    return reader.ok();
  }

  bool extended(uint8_t instruction, CfiReader &reader, uint64_t &location) noexcept {
    switch (instruction) {
      case kNop:
        return true;
      case kSetLocation:
        location = reader.encoded(entry_.encoding);
        return true;
      case kAdvance1:
        location += reader.byte() * entry_.code_factor;
        return true;
      case kAdvance2:
        location += reader.fixed<uint16_t>() * entry_.code_factor;
        return true;
      case kAdvance4:
        location += reader.fixed<uint32_t>() * entry_.code_factor;
        return true;
      case kRememberState:
        if (remembered_ == kMostRemembered) return false;
        states_[remembered_++] = row_;
        return true;
      case kRestoreState:
        if (remembered_ == 0) return false;
        row_ = states_[--remembered_];
        return true;
      case kGnuArgsSize:
        reader.uleb();
        return true;
      default:
        return defines_cfa(instruction, reader) || saves(instruction, reader);
    }
  }

  bool defines_cfa(uint8_t instruction, CfiReader &reader) noexcept {
    switch (instruction) {
      case kDefineCfa:
        row_.cfa = Row::Cfa::kRegister;
        row_.base = reader.uleb();
        row_.offset = static_cast<int64_t>(reader.uleb());
        return true;
      case kDefineCfaSigned:
        row_.cfa = Row::Cfa::kRegister;
        row_.base = reader.uleb();
        row_.offset = signed_times_factor(reader);
        return true;
      case kDefineCfaRegister:
        row_.base = reader.uleb();
        return true;
      case kDefineCfaOffset:
        row_.offset = static_cast<int64_t>(reader.uleb());
        return true;
      case kDefineCfaOffsetSigned:
        row_.offset = signed_times_factor(reader);
        return true;
      case kDefineCfaExpression:
        cfa_from(reader.part(reader.uleb()));
        return true;
      default:
        return false;
    }
  }

  bool saves(uint8_t instruction, CfiReader &reader) noexcept {
    const uint64_t which = reader.uleb();
    switch (instruction) {
      case kOffsetExtended:
        note(which, Saved::How::kAtCfa, unsigned_times_factor(reader));
        return true;
      case kOffsetExtendedSigned:
        note(which, Saved::How::kAtCfa, signed_times_factor(reader));
        return true;
      case kGnuNegativeOffsetExtended:
        note(which, Saved::How::kAtCfa, times_factor(0 - reader.uleb()));
        return true;
      case kRestoreExtended:
        restore(which);
        return true;
      case kUndefined:
        note(which, Saved::How::kUndefined);
        return true;
      case kSameValue:
        note(which, Saved::How::kSame);
        return true;
      case kExpression:
        saved_from(which, reader.part(reader.uleb()));
        return true;
      case kRegister:
      case kValueOffset:
        reader.uleb();
        note(which, Saved::How::kOther);
        return true;
      case kValueOffsetSigned:
        reader.sleb();
        note(which, Saved::How::kOther);
        return true;
      case kValueExpression:
        reader.skip(reader.uleb());
        note(which, Saved::How::kOther);
        return true;
      default:
        return false;
    }
  }

  void cfa_from(CfiReader expression) noexcept {
    row_.cfa = Row::Cfa::kOther;
    const uint8_t operation = expression.byte();
    row_.offset = expression.sleb();
    if (operation == kBreg6 && expression.byte() == kDeref && expression.at_end() && expression.ok()) {
      row_.cfa = Row::Cfa::kInMemoryAtBp;
    } else if (operation == kBreg7) {
      linkage_table_from(expression);
    }
  }

  // sp + 8 + ((ip & 15) >= n) * 8, as linkers write it for the procedure linkage table.
  void linkage_table_from(CfiReader rest) noexcept {
    if (row_.offset != 8) return;
    constexpr uint8_t kBefore[] = {0x80, 0x00, 0x3f, 0x1a};  // breg16 0, lit15, and
    constexpr uint8_t kBehind[] = {0x2a, 0x33, 0x24, 0x22};  // ge, lit3, shl, plus
    constexpr uint8_t kLiteral0 = 0x30, kLiteral15 = 0x3f;
    for (const uint8_t byte : kBefore) {
      if (rest.byte() != byte) return;
    }
    const uint8_t literal = rest.byte();
    if (literal < kLiteral0 || literal > kLiteral15) return;
    for (const uint8_t byte : kBehind) {
      if (rest.byte() != byte) return;
    }
    if (!rest.at_end() || !rest.ok()) return;
    row_.pushed_from = literal - kLiteral0;
    row_.cfa = Row::Cfa::kLinkageTable;
  }

  void saved_from(uint64_t which, CfiReader expression) noexcept {
    const uint8_t operation = expression.byte();
    const int64_t offset = expression.sleb();
    const bool at_bp = operation == kBreg6 && expression.at_end() && expression.ok();
    note(which, at_bp ? Saved::How::kAtBp : Saved::How::kOther, offset);
  }

  Saved *followed(Row &row, uint64_t which) noexcept {
    return which == Row::kBp ? &row.bp : which == Row::kIp ? &row.ip : nullptr;
  }
  void note(uint64_t which, Saved::How how, int64_t offset = 0) noexcept {
    if (Saved *saved = followed(row_, which)) *saved = {how, offset};
  }
  void restore(uint64_t which) noexcept {
    if (Saved *saved = followed(row_, which)) *saved = *followed(initial_, which);
  }

  int64_t times_factor(uint64_t number) const noexcept {
    return static_cast<int64_t>(number * static_cast<uint64_t>(entry_.data_factor));
  }
  int64_t unsigned_times_factor(CfiReader &reader) const noexcept { return times_factor(reader.uleb()); }
  int64_t signed_times_factor(CfiReader &reader) const noexcept {
    return times_factor(static_cast<uint64_t>(reader.sleb()));
  }

  const FrameEntry &entry_;
  Row &row_;
  const uintptr_t pc_;
  Row initial_{};
  Row states_[kMostRemembered];
  int remembered_ = 0;
};

}  // namespace

bool Row::run(const FrameEntry &entry, uintptr_t pc) noexcept { return Run(entry, *this, pc).all(); }

}  // namespace heapmeter::sites
