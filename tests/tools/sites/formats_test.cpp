// SPDX-License-Identifier: MIT
#include "sites/formats.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include <boost/json/parse.hpp>
#include <protozero/pbf_reader.hpp>

#include "tools/sites/page_text.h"

namespace heapmeter::cli::sites {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::PageText;

PageText shop() {
  PageText page;
  page.add({call("main"), call("load", "load.cpp", 3), call("operator new(unsigned long)")}, 2, 100, 10,
           1000);
  page.add({call("main"), call("a;b\n")}, 1, 40);
  return page;
}

TEST(Folded, IsALineForEachStack) {
  const PageText page = shop();
  const Stacks stacks = name_stacks(parse_profile(page.text()), page.naming());
  EXPECT_EQ(folded_text(stacks, ranked(stacks, By::kLive, {}), By::kLive), "main;load 100\nmain;a:b? 40\n");
  EXPECT_EQ(folded_text(stacks, ranked(stacks, By::kAllocated, {}), By::kAllocated),
            "main;load 1000\nmain;a:b? 40\n");
}

TEST(Speedscope, HasAProfileForEachMeasure) {
  const PageText page = shop();
  const Profile profile = parse_profile(page.text());
  const Stacks stacks = name_stacks(profile, page.naming());
  const auto file = boost::json::parse(speedscope_text(profile, stacks, ranked(stacks, By::kLive, {})));
  const auto &frames = file.at("shared").at("frames").as_array();
  const auto &live = file.at("profiles").at(0), &allocated = file.at("profiles").at(1);
  EXPECT_EQ(file.at("$schema"), "https://www.speedscope.app/file-format-schema.json");
  EXPECT_EQ(live.at("endValue").to_number<int>(), 140);
  EXPECT_EQ(live.at("weights").at(0).to_number<int>(), 100);
  EXPECT_EQ(allocated.at("weights").at(0).to_number<int>(), 1000);
  const auto innermost = live.at("samples").at(0).as_array().back().to_number<std::size_t>();
  EXPECT_EQ(frames.at(innermost).at("name"), "load");
  EXPECT_EQ(frames.at(innermost).at("line").to_number<int>(), 3);
}

// As the file's own schema has it.
TEST(Speedscope, IsWhatItsReaderTakes) {
  PageText page = shop();
  page.tell_peaks(500);
  const Profile profile = parse_profile(page.text());
  const Stacks stacks = name_stacks(profile, page.naming());
  const auto file = boost::json::parse(speedscope_text(profile, stacks, ranked(stacks, By::kLive, {})));
  const auto &frames = file.at("shared").at("frames").as_array();
  for (const auto &frame : frames) EXPECT_FALSE(frame.at("name").as_string().empty());
  ASSERT_EQ(file.at("profiles").as_array().size(), 3u);
  EXPECT_LT(file.at("activeProfileIndex").to_number<std::size_t>(), 3u);
  for (const auto &each : file.at("profiles").as_array()) {
    EXPECT_EQ(each.at("type"), "sampled");
    EXPECT_EQ(each.at("unit"), "bytes");
    const auto &samples = each.at("samples").as_array(), &weights = each.at("weights").as_array();
    ASSERT_EQ(samples.size(), weights.size());
    double sum = 0;
    for (const auto &weight : weights) sum += weight.to_number<double>();
    EXPECT_EQ(each.at("endValue").to_number<double>() - each.at("startValue").to_number<double>(), sum);
    for (const auto &sample : samples) {
      for (const auto &frame : sample.as_array()) EXPECT_LT(frame.to_number<std::size_t>(), frames.size());
    }
  }
}

std::string unzipped(const std::string &packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string bytes(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef *>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return bytes;
}

// By the field numbers of profile.proto.
struct Decoded {
  explicit Decoded(const std::string &bytes) {
    protozero::pbf_reader all(bytes);
    while (all.next()) {
      switch (all.tag()) {
        case 1:
          types.push_back(first_number(all.get_message()));
          break;
        case 2:
          samples.push_back(sample(all.get_message()));
          break;
        case 3:
          mappings.push_back(numbers(all.get_message()));
          break;
        case 4:
          location(all.get_message());
          break;
        case 5: {
          const auto fields = numbers(all.get_message());
          functions[fields.at(1)] = fields.at(2);
          break;
        }
        case 6:
          strings.push_back(all.get_string());
          break;
        default:
          all.skip();
      }
    }
  }

  struct Sample {
    std::vector<std::uint64_t> locations;
    std::vector<std::int64_t> values;
  };

  static std::uint64_t first_number(protozero::pbf_reader message) { return numbers(message).at(1); }
  static std::map<int, std::uint64_t> numbers(protozero::pbf_reader message) {
    std::map<int, std::uint64_t> found;
    while (message.next()) {
      if (message.wire_type() == protozero::pbf_wire_type::varint)
        found[static_cast<int>(message.tag())] = message.get_uint64();
      else
        message.skip();
    }
    return found;
  }
  static Sample sample(protozero::pbf_reader message) {
    Sample found;
    while (message.next()) {
      if (message.tag() == 1)
        for (const std::uint64_t each : message.get_packed_uint64()) found.locations.push_back(each);
      else if (message.tag() == 2)
        for (const std::int64_t each : message.get_packed_int64()) found.values.push_back(each);
      else
        message.skip();
    }
    return found;
  }
  void location(protozero::pbf_reader message) {
    std::uint64_t id = 0;
    while (message.next()) {
      if (message.tag() == 1)
        id = message.get_uint64();
      else if (message.tag() == 4)
        lines[id].push_back(numbers(message.get_message()));
      else
        message.skip();
    }
  }
  std::string function_at(std::uint64_t location, std::size_t line = 0) {
    return strings.at(functions.at(lines.at(location).at(line).at(1)));
  }

  std::vector<std::uint64_t> types;
  std::vector<Sample> samples;
  std::vector<std::map<int, std::uint64_t>> mappings;
  std::map<std::uint64_t, std::vector<std::map<int, std::uint64_t>>> lines;
  std::map<std::uint64_t, std::uint64_t> functions;
  std::vector<std::string> strings;
};

TEST(Pprof, HasWholeStacksAndTheirModules) {
  const PageText page = shop();
  Decoded decoded(unzipped(gzipped(pprof_message(parse_profile(page.text()), page.naming()))));
  ASSERT_EQ(decoded.types.size(), 4u);
  EXPECT_EQ(decoded.strings.at(0), "");
  EXPECT_EQ(decoded.strings.at(decoded.types[3]), "inuse_space");
  ASSERT_EQ(decoded.samples.size(), 2u);
  EXPECT_EQ(decoded.samples[0].values, (std::vector<std::int64_t>{10, 1000, 2, 100}));
  ASSERT_EQ(decoded.samples[0].locations.size(), 3u);
  EXPECT_EQ(decoded.function_at(decoded.samples[0].locations[0]), "operator new(unsigned long)");
  EXPECT_EQ(decoded.function_at(decoded.samples[0].locations[1]), "load");
  EXPECT_EQ(decoded.lines.at(decoded.samples[0].locations[1]).at(0).at(2), 3u);
  EXPECT_EQ(decoded.function_at(decoded.samples[0].locations[2]), "main");
  EXPECT_EQ(decoded.samples[1].locations[1], decoded.samples[0].locations[2]);
  ASSERT_EQ(decoded.mappings.size(), 1u);
  EXPECT_EQ(decoded.mappings[0].at(2), 0x1000u);
  EXPECT_EQ(decoded.strings.at(decoded.mappings[0].at(5)), "/usr/bin/shop");
  EXPECT_EQ(decoded.strings.at(decoded.mappings[0].at(6)), "c0ffee");
}

// Whatever code allocated first, which is the loader's.
TEST(Pprof, IsCalledByTheProgram) {
  Profile profile;
  for (const auto &[path, start] : {std::pair{"/lib/ld-linux-x86-64.so.2", 0x1000},
                                    {"/lib/libc.so.6", 0x7000},
                                    {"/usr/bin/shop", 0x5000},
                                    {"/lib/libm.so.6", 0x6000}}) {
    profile.modules.emplace_back().path = path;
    profile.modules.back().start = static_cast<std::uint64_t>(start);
  }
  const Decoded decoded(pprof_message(profile, nullptr));
  ASSERT_EQ(decoded.mappings.size(), 4u);
  EXPECT_EQ(decoded.strings.at(decoded.mappings[0].at(5)), "/usr/bin/shop");
  EXPECT_EQ(decoded.mappings[0].at(1), 3u) << "of which locations are told";
  EXPECT_TRUE(Decoded(pprof_message(Profile{}, nullptr)).mappings.empty());
}

TEST(Pprof, NamesByCallersAsTheTableDoes) {
  const auto nameless = [](std::uint64_t offset, const char *module = "shop") {
    symbols::Frame frame = call("", "", 0, module);
    frame.offset = offset;
    return frame;
  };
  PageText page;
  page.add({call("_start"), call("__libc_start_main", "", 0, "libc.so.6"), nameless(0x50, "libc.so.6"),
            nameless(0x11d1), nameless(0x1159)},
           1, 48);
  Decoded decoded(unzipped(gzipped(pprof_message(parse_profile(page.text()), page.naming()))));
  const auto &locations = decoded.samples.at(0).locations;
  ASSERT_EQ(locations.size(), 5u);
  EXPECT_FALSE(decoded.lines.contains(locations[0])) << "nobody tells";
  EXPECT_EQ(decoded.function_at(locations[1]), "main");
  EXPECT_FALSE(decoded.lines.contains(locations[2])) << "the C library's own";
}

TEST(Pprof, TellsOfThePeakWhereThatIsKnown) {
  PageText page;
  page.tell_peaks(500);
  page.add({call("main"), call("gone")}, 0, 0, 3, 300, 200, 2);
  const Decoded decoded(unzipped(gzipped(pprof_message(parse_profile(page.text()), page.naming()))));
  ASSERT_EQ(decoded.types.size(), 6u);
  EXPECT_EQ(decoded.strings.at(decoded.types[5]), "peak_space");
  EXPECT_EQ(decoded.samples.at(0).values, (std::vector<std::int64_t>{3, 300, 0, 0, 2, 200}));
}

}  // namespace
}  // namespace heapmeter::cli::sites
