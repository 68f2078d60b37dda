// SPDX-License-Identifier: MIT
//
// A message of a recording, field by field. protozero only asserts that a field is of the kind that it is
// asked for as, which would end the tool over a damaged file; here that throws Damaged.
#pragma once

#include <cstdint>

#include <protozero/pbf_message.hpp>

#include "record/frame.h"

namespace heapmeter::cli::record {

template <typename Tag>
class Message : public protozero::pbf_message<Tag> {
  using Base = protozero::pbf_message<Tag>;
  using Kind = protozero::pbf_wire_type;

 public:
  using Base::Base;

  protozero::data_view get_view() { return of(Kind::length_delimited).Base::get_view(); }
  auto get_message() { return of(Kind::length_delimited).Base::get_message(); }
  auto get_packed_uint64() { return of(Kind::length_delimited).Base::get_packed_uint64(); }
  std::uint64_t get_uint64() { return of(Kind::varint).Base::get_uint64(); }
  std::int64_t get_int64() { return of(Kind::varint).Base::get_int64(); }
  std::int64_t get_sint64() { return of(Kind::varint).Base::get_sint64(); }
  bool get_bool() { return of(Kind::varint).Base::get_bool(); }

 private:
  Message &of(Kind kind) {
    if (!Base::has_wire_type(kind)) throw Damaged("a field of another kind");
    return *this;
  }
};

}  // namespace heapmeter::cli::record
