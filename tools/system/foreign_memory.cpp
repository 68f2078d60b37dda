// SPDX-License-Identifier: MIT
#include "system/foreign_memory.h"

#include <errno.h>
#include <sys/uio.h>

namespace heapmeter::cli {

ForeignMemory foreign_memory(int pid, std::uint64_t address, std::size_t most) {
  ForeignMemory memory;
  memory.bytes.resize(most);
  iovec here{memory.bytes.data(), most};
  iovec there{reinterpret_cast<void *>(static_cast<std::uintptr_t>(address)), most};
  const ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
  memory.error = got < 0 ? errno : 0;
  memory.bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return memory;
}

}  // namespace heapmeter::cli
