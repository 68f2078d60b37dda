// SPDX-License-Identifier: MIT
//
// The figures of GET /heap and GET /metrics: this process's own counters, and what each route's requests
// allocated. Without a meter the heap's figures are left out, never printed as zeros.
#pragma once

#include <string>

#include "server/app.h"

namespace demo {

void append_heap_json(const App &app, std::string &out);
void append_open_metrics(const App &app, std::string &out);

}  // namespace demo
