// SPDX-License-Identifier: MIT
#include "flame/page.h"

#include "flame/data.h"
#include "flame/page_text.h"

namespace heapmeter::cli::flame {

std::string page(const Picture &picture) {
  return std::string(kPageBeforeData).append(data(picture)).append(kPageAfterData);
}

}  // namespace heapmeter::cli::flame
