// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::model_notes {

/// One input or output as a converter noted it. `spec.max_shape` and `min_shape` are empty, or have
/// a bound for each dimension (-1: none).
struct TensorNote {
  engine::TensorSpec spec;
  std::vector<int64_t> min_shape;
};

/// The file `<name>_info.json` beside the model `<name>.<format>`: a JSON object with lists
/// `inputs` and `outputs`, in the model's order, of objects with
///   name   the only one that must be there
///   dtype  as NumPy writes it ("float32"); not known where it is left out
///   shape  integers, -1 or null for a dynamic dimension; even the rank is not known where left out
///   min, max  as long as shape: what a dynamic dimension may be, null for no bound
/// Other members are for other readers.
struct ModelNotes {
  std::string file;
  std::vector<TensorNote> inputs;
  std::vector<TensorNote> outputs;
};

/// The notes beside `model`; nothing where there is no such file, or it has neither list. Throws
/// engine::Failure with XPURT_INVALID_ARGUMENT for a file that is not as above.
std::optional<ModelNotes> read_beside(const std::filesystem::path& model);

/// Throws engine::Failure with XPURT_INVALID_ARGUMENT, naming input, dimension and bound, where a
/// dimension of `shape` is not one of those that `note` allows.
void check_shape(const TensorNote& note, std::span<const int64_t> shape);

/// Throws engine::Failure with XPURT_INVALID_ARGUMENT where the notes tell of another number of
/// inputs or outputs than the model has.
void check_counts(const ModelNotes& notes, size_t inputs, size_t outputs);

}  // namespace xpuruntime::model_notes
