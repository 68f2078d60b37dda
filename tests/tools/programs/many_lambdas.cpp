// SPDX-License-Identifier: MIT
//
// A unit that describes a thousand lambdas, each inlined where it is called, and much else.
#define NAMES(n) n##0, n##1, n##2, n##3, n##4, n##5, n##6, n##7, n##8, n##9,
#define NAMES_100(n) \
  NAMES(n##0)        \
  NAMES(n##1) NAMES(n##2) NAMES(n##3) NAMES(n##4) NAMES(n##5) NAMES(n##6) NAMES(n##7) NAMES(n##8) NAMES(n##9)
#define GROUP(n)           \
  struct n##_ {            \
    char NAMES_100(n) end; \
  } n;
#define GROUPS(n) \
  GROUP(n##0)     \
  GROUP(n##1) GROUP(n##2) GROUP(n##3) GROUP(n##4) GROUP(n##5) GROUP(n##6) GROUP(n##7) GROUP(n##8) GROUP(n##9)
#define GROUPS_100(n) \
  GROUPS(n##0)        \
  GROUPS(n##1)        \
  GROUPS(n##2) GROUPS(n##3) GROUPS(n##4) GROUPS(n##5) GROUPS(n##6) GROUPS(n##7) GROUPS(n##8) GROUPS(n##9)

struct Much {
  GROUPS_100(a)
  GROUPS_100(b)
  GROUPS_100(c)
  GROUPS_100(d)
  GROUPS_100(e)
  GROUPS_100(f)
  GROUPS_100(g)
  GROUPS_100(h)
};

Much much;

#define ONE                                                    \
  []() __attribute__((always_inline)) { asm volatile("nop"); } \
  ();
#define TEN ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

extern "C" __attribute__((noinline)) void all_lambdas() { THOUSAND much.a00.end = 1; }

int main() { all_lambdas(); }
