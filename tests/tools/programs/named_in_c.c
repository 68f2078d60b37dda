// SPDX-License-Identifier: MIT
void here(const char *label, int line);

static __attribute__((noinline)) void inner_in_c(void) {
  here("c", __LINE__);
  __asm__ volatile("");
}

void called_in_c(void) {
  inner_in_c();
  __asm__ volatile("");
}
