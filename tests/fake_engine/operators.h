// SPDX-License-Identifier: Apache-2.0
/// The operators of the fake engine's language: what shape a result has, and what is in it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "program.h"

namespace xpuruntime::fake {

/// Dense memory, of the host, of an input, or (then `owner` is set) of the engine.
struct Array {
  int32_t dtype = XPURT_UNDEFINED;
  std::vector<int64_t> shape;
  std::byte* data = nullptr;
  std::shared_ptr<void> owner;

  uint64_t bytes() const { return byte_size(dtype, shape); }
};

/// By name.
using Values = std::map<std::string, Array>;

/// Zeros.
Array own_array(int32_t dtype, std::vector<int64_t> shape);
/// The memory of step `weights`; read only.
Array weights_of(const Step& step);
/// Writes nothing where `to` is the memory itself.
void copy(const Array& from, std::byte* to);
std::string describe(int32_t dtype, const std::vector<int64_t>& shape);

/// Type and shape of what `step` makes; false where they depend on data that is not there yet.
bool infer(const Step& step, const Values& values, bool data_is_there, Array& meta);
/// Fills `out`, which has the type and shape that infer() said.
void compute(const Step& step, const Values& values, Values& state, Array& out);

}  // namespace xpuruntime::fake
