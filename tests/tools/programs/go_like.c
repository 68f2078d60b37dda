// SPDX-License-Identifier: MIT
// With the section that Go's linker leaves in every program, even a stripped one.
__attribute__((section(".go.buildinfo"), used)) static const char info[] = "\xff Go buildinf:";

int main(void) { return 0; }
