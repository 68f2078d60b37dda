// SPDX-License-Identifier: MIT
//
// The page /v1/sites of a process, added up.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {

// One page, its columns summed over all sites.
class Sites {
 public:
  explicit Sites(const std::filesystem::path &socket) : Sites(page_of(socket)) {}
  explicit Sites(boost::json::object page) : page_(std::move(page)) {
    const auto &columns = page_.at("site_columns").as_array();
    for (const auto &row : page_.at("sites").as_array()) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        sums_[std::string(columns[i].as_string())] += row.as_array()[i].to_number<double>();
      }
    }
  }

  std::int64_t field(const std::string &name) const { return page_.at(name).to_number<std::int64_t>(); }
  std::string text(const std::string &name) const { return std::string(page_.at(name).as_string()); }
  double sum(const std::string &column) const {
    const auto found = sums_.find(column);
    return found == sums_.end() ? 0 : found->second;
  }
  // How many sites have any of that.
  std::int64_t counted(const std::string &column) const {
    const auto &columns = page_.at("site_columns").as_array(), &rows = page_.at("sites").as_array();
    const auto at = std::find(columns.begin(), columns.end(), boost::json::value(column)) - columns.begin();
    return std::count_if(rows.begin(), rows.end(), [&](const boost::json::value &row) {
      return row.as_array()[static_cast<std::size_t>(at)].to_number<double>() > 0;
    });
  }
  const boost::json::object &page() const { return page_; }

  void expect_all_attributed(std::int64_t before_blocks, std::int64_t before_bytes) const {
    EXPECT_EQ(text("mode"), "every");
    EXPECT_EQ(field("before_live_blocks"), before_blocks);
    EXPECT_EQ(field("before_live_bytes"), before_bytes);
    EXPECT_EQ(sum("live_blocks") + field("other_live_blocks") + before_blocks, field("live_blocks"));
    EXPECT_EQ(sum("live_bytes") + field("other_live_bytes") + before_bytes, field("live_bytes"));
  }
  void expect_all_ever_attributed() const {
    expect_all_attributed(0, 0);
    EXPECT_EQ(sum("allocations") + field("other_allocations"), field("allocations"));
    EXPECT_EQ(sum("allocated_bytes") + field("other_allocated_bytes"), field("allocated_bytes"));
    expect_the_peak_attributed();
  }
  // Those whose bytes are sampled stand for all; those that a realloc moved live on. Of the smallest blocks
  // one stands for 32,768, so that only after millions of them it is near what went.
  void expect_lifetimes_of_all_that_went() const {
    double lived = 0;
    for (const auto &row : page_.at("lifetimes").as_array()) lived += row.as_array()[2].to_number<double>();
    const double went = sum("allocations") - sum("live_blocks");
    std::printf("lifetimes of %.3f of what went\n", lived / went);
    EXPECT_GT(lived, went * 0.8);
    EXPECT_LT(lived, went * 1.2);
    EXPECT_GT(sum("oldest_ms"), 0);
  }
  // As exactly as it is known.
  void expect_the_peak_attributed() const {
    const auto at_peak = static_cast<double>(field("peak_live_bytes"));
    const auto error = static_cast<double>(field("peak_live_error_bytes"));
    EXPECT_NEAR(sum("peak_bytes") + static_cast<double>(field("other_peak_bytes")), at_peak, error);
    EXPECT_NEAR(at_peak, static_cast<double>(field("peak_bytes")),
                error + static_cast<double>(field("peak_error_bytes")));
  }

 private:
  static boost::json::object page_of(const std::filesystem::path &socket) {
    const Answer answer = get(socket, "/v1/sites");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().as_object();
  }

  boost::json::object page_;
  std::map<std::string, double> sums_;
};

inline Answer post(const std::filesystem::path &socket, const std::string &query,
                   const std::string &header = "Heapmeter: 1\r\n") {
  Connection connection(socket);
  connection.send("POST /v1/sites?" + query + " HTTP/1.1\r\nHost: heapmeter\r\n" + header + "\r\n");
  return parse_answer(connection.receive_all());
}

}  // namespace heapmeter::testing
