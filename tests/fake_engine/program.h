// SPDX-License-Identifier: Apache-2.0
/// The text that the fake engine runs, parsed. fake_engine.h describes the language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::fake {

struct Step {
  std::string result;  ///< empty: none
  std::string op;
  std::vector<std::string> operands;
  std::vector<double> numbers;
  std::optional<engine::Failure> failure;  ///< of `fail`
  std::vector<float> weights;              ///< of `weights`
};

struct Program {
  std::string text;
  engine::ModelSpec spec;
  std::vector<Step> steps;
  uint64_t load_steps = 0;
  std::optional<engine::Failure> fail_load;
  std::optional<engine::Failure> fail_context;
};

/// Throws engine::Failure with the line and what is wrong with it.
/// `extra_outputs` are names of inner values that become outputs too.
Program parse(std::string_view text, const std::vector<std::string>& extra_outputs);

const char* dtype_name(int32_t dtype);
/// Bytes of one element.
uint64_t dtype_size(int32_t dtype);
/// Bytes of a dense tensor; throws when that is no number of bytes.
uint64_t byte_size(int32_t dtype, const std::vector<int64_t>& shape);

/// What save() writes: the text behind a checksum.
std::string compile(const Program& program);
/// The text again; throws XPURT_MODEL_MISMATCH when a byte is not as it was written.
std::string decompile(std::string_view blob);

}  // namespace xpuruntime::fake
