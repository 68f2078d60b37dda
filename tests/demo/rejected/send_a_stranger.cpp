// SPDX-License-Identifier: MIT
// A channel carries only what its type says.
// expect: conversion from .* to non-scalar type|no viable conversion from
#include <string>

#include "workers/message.h"

int main() {
#ifdef MUST_NOT_COMPILE
  const demo::WorkerMessage message = std::string("not a message");
#else
  const demo::WorkerMessage message = demo::GetStats{};
#endif
  return message.index() == 0 ? 1 : 0;
}
