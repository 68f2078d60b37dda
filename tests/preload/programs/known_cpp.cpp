// SPDX-License-Identifier: MIT
// Each of the twenty forms of operator new and delete.
#include <new>

#include "delta.h"

static void *p;
static const std::align_val_t kAlign{64};

int main() {
  delta_start();
  STEP("new", p = ::operator new(1001));
  STEP("delete", ::operator delete(p));
  STEP("new[]", p = ::operator new[](1003));
  STEP("delete[]", ::operator delete[](p));
  STEP("new nothrow", p = ::operator new(1009, std::nothrow));
  STEP("delete nothrow", ::operator delete(p, std::nothrow));
  STEP("new[] nothrow", p = ::operator new[](1013, std::nothrow));
  STEP("delete[] nothrow", ::operator delete[](p, std::nothrow));
  STEP("new", p = ::operator new(1019));
  STEP("delete sized", ::operator delete (p, std::size_t{1019}));
  STEP("new[]", p = ::operator new[](1021));
  STEP("delete[] sized", ::operator delete[](p, std::size_t{1021}));
  STEP("new aligned", p = ::operator new(1031, kAlign));
  STEP("delete aligned", ::operator delete(p, kAlign));
  STEP("new[] aligned", p = ::operator new[](1033, kAlign));
  STEP("delete[] aligned", ::operator delete[](p, kAlign));
  STEP("new aligned nothrow", p = ::operator new(1039, kAlign, std::nothrow));
  STEP("delete aligned nothrow", ::operator delete(p, kAlign, std::nothrow));
  STEP("new[] aligned nothrow", p = ::operator new[](1049, kAlign, std::nothrow));
  STEP("delete[] aligned nothrow", ::operator delete[](p, kAlign, std::nothrow));
  STEP("new aligned", p = ::operator new(1051, kAlign));
  STEP("delete aligned sized", ::operator delete (p, std::size_t{1051}, kAlign));
  STEP("new[] aligned", p = ::operator new[](1061, kAlign));
  STEP("delete[] aligned sized", ::operator delete[](p, std::size_t{1061}, kAlign));
  STEP("new of 0 bytes", p = ::operator new(0));
  STEP("delete of 0 bytes", ::operator delete(p));
  STEP("delete of null", ::operator delete(nullptr));
  STEP("new nothrow too large", p = ::operator new (std::size_t{1} << 62, std::nothrow));
  fflush(stdout);
  return p != nullptr;
}
