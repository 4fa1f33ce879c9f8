// SPDX-License-Identifier: Apache-2.0
#include "describe.h"

#include <algorithm>

#include "element_type.h"

namespace xpuruntime::openvino {
namespace {

int64_t max_of(const ov::Dimension& dimension) {
  const auto& interval = dimension.get_interval();
  return interval.has_upper_bound() ? interval.get_max_val() : -1;
}

/// The names of the dimensions that are dynamic still.
void name_dimensions(engine::TensorSpec& spec, const ModelNotes& notes) {
  const auto found =
      std::ranges::find(notes.dim_names, spec.name, [](const auto& entry) { return entry.first; });
  if (found == notes.dim_names.end() || found->second.size() != spec.shape.size()) return;
  spec.dim_names = found->second;
  for (size_t d = 0; d < spec.shape.size(); ++d) {
    if (spec.shape[d] >= 0) spec.dim_names[d].clear();
  }
}

engine::TensorSpec describe_tensor(std::string name, const ov::Output<const ov::Node>& output,
                                   const ModelNotes& notes) {
  engine::TensorSpec spec;
  spec.name = std::move(name);
  spec.dtype = dtype_of(output.get_element_type());
  if (spec.dtype == XPURT_UNDEFINED) {
    throw engine::Failure(XPURT_UNSUPPORTED_OPERATION,
                          "'" + spec.name + "' has the element type " +
                              output.get_element_type().to_string() +
                              ", which tensors of this program cannot have");
  }
  const ov::PartialShape& shape = output.get_partial_shape();
  spec.has_rank = shape.rank().is_static();
  if (!spec.has_rank) return spec;
  for (const ov::Dimension& dimension : shape) {
    spec.shape.push_back(dimension.is_static() ? dimension.get_length() : -1);
    spec.max_shape.push_back(max_of(dimension));
  }
  name_dimensions(spec, notes);
  return spec;
}

}  // namespace

engine::ModelSpec describe(const ov::CompiledModel& compiled,
                           const std::vector<std::string>& output_names, const ModelNotes& notes) {
  engine::ModelSpec spec;
  for (const auto& input : compiled.inputs()) {
    spec.inputs.push_back(describe_tensor(tensor_name(input), input, notes));
  }
  for (size_t i = 0; i < compiled.outputs().size(); ++i) {
    const auto& output = compiled.outputs()[i];
    spec.outputs.push_back(describe_tensor(
        i < output_names.size() ? output_names[i] : tensor_name(output), output, notes));
  }
  spec.metadata = notes.metadata;
  spec.opset = notes.opset;
  spec.producer = notes.producer;
  return spec;
}

}  // namespace xpuruntime::openvino
