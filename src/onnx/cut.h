// SPDX-License-Identifier: Apache-2.0
/// A model with other outputs: to look at values inside it, and to run a part of it alone.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "onnx/tensor.h"

namespace xpuruntime::onnx {

/// A value of a graph that is to be an output.
struct CutOutput {
  std::string name;
  /// Used where the model says nothing of the value's type; some engines want to know it.
  DType dtype = DType::kUndefined;
};

/// The model in that file with these outputs in place of its own, and with those nodes and
/// initializers alone that they need; all inputs stay. Serialized; external data stays where it is,
/// relative to the file's folder. Throws ParseError (no such value, malformed), FileError.
std::string cut_model(const std::filesystem::path& path, std::span<const CutOutput> outputs);

}  // namespace xpuruntime::onnx
