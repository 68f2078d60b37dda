// SPDX-License-Identifier: MIT
#include "base/seccomp_filter.h"

#include <string.h>

namespace heapmeter::seccomp_filter {
namespace {

struct Machine {
  uint32_t a = 0, x = 0;
  uint32_t memory[BPF_MEMWORDS] = {};
};

// False where the kernel would not have taken the instruction.
bool load(Machine &machine, const sock_filter &step, const seccomp_data &call) noexcept {
  uint32_t value = step.k;
  switch (BPF_MODE(step.code)) {
    case BPF_ABS:
      if (step.k % sizeof value != 0 || step.k > sizeof call - sizeof value) return false;
      memcpy(&value, reinterpret_cast<const char *>(&call) + step.k, sizeof value);
      break;
    case BPF_LEN:
      value = sizeof call;
      break;
    case BPF_MEM:
      if (step.k >= BPF_MEMWORDS) return false;
      value = machine.memory[step.k];
      break;
    case BPF_IMM:
      break;
    default:
      return false;
  }
  (BPF_CLASS(step.code) == BPF_LD ? machine.a : machine.x) = value;
  return true;
}

bool store(Machine &machine, const sock_filter &step) noexcept {
  if (step.k >= BPF_MEMWORDS) return false;
  machine.memory[step.k] = BPF_CLASS(step.code) == BPF_ST ? machine.a : machine.x;
  return true;
}

bool compute(Machine &machine, const sock_filter &step) noexcept {
  const uint32_t operand = BPF_SRC(step.code) == BPF_X ? machine.x : step.k;
  uint32_t &a = machine.a;
  switch (BPF_OP(step.code)) {
    case BPF_ADD:
      a += operand;
      return true;
    case BPF_SUB:
      a -= operand;
      return true;
    case BPF_MUL:
      a *= operand;
      return true;
    case BPF_DIV:
      // By 0 in the register ends the kernel's run with 0, which kills the thread.
      if (operand == 0) return false;
      a /= operand;
      return true;
    case BPF_AND:
      a &= operand;
      return true;
    case BPF_OR:
      a |= operand;
      return true;
    case BPF_XOR:
      a ^= operand;
      return true;
    case BPF_LSH:
      a <<= operand & 31;
      return true;
    case BPF_RSH:
      a >>= operand & 31;
      return true;
    case BPF_NEG:
      a = -a;
      return true;
    default:
      return false;
  }
}

size_t jump(const Machine &machine, const sock_filter &step) noexcept {
  const uint32_t operand = BPF_SRC(step.code) == BPF_X ? machine.x : step.k;
  bool holds = false;
  switch (BPF_OP(step.code)) {
    case BPF_JA:
      return step.k;
    case BPF_JEQ:
      holds = machine.a == operand;
      break;
    case BPF_JGT:
      holds = machine.a > operand;
      break;
    case BPF_JGE:
      holds = machine.a >= operand;
      break;
    default:  // BPF_JSET
      holds = (machine.a & operand) != 0;
  }
  return holds ? step.jt : step.jf;
}

}  // namespace

uint32_t run(const sock_filter *code, size_t length, const seccomp_data &call) noexcept {
  Machine machine;
  // Jumps go forward only, so this ends.
  for (size_t at = 0; at < length; ++at) {
    const sock_filter &step = code[at];
    bool good = true;
    switch (BPF_CLASS(step.code)) {
      case BPF_LD:
      case BPF_LDX:
        good = load(machine, step, call);
        break;
      case BPF_ST:
      case BPF_STX:
        good = store(machine, step);
        break;
      case BPF_ALU:
        good = compute(machine, step);
        break;
      case BPF_JMP:
        at += jump(machine, step);
        break;
      case BPF_RET:
        return BPF_RVAL(step.code) == BPF_A ? machine.a : step.k;
      default:  // BPF_MISC
        if (BPF_MISCOP(step.code) == BPF_TAX) {
          machine.x = machine.a;
        } else {
          machine.a = machine.x;
        }
    }
    if (!good) break;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

bool lets_live(const sock_filter *code, size_t length, const seccomp_data &call) noexcept {
  switch (run(code, length, call) & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_ERRNO:
      return true;
    default:  // killed, trapped, or in the hands of a tracer or a supervisor
      return false;
  }
}

}  // namespace heapmeter::seccomp_filter
