// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <algorithm>
#include <utility>

#include "context.h"
#include "element_type.h"
#include "libraries.h"
#include "status.h"

namespace xpuruntime::executorch_engine {
namespace {

using engine::Failure;
using engine::LoadArgs;
using executorch::runtime::Span;
using executorch::runtime::Tag;
using executorch::runtime::TensorInfo;
using model_notes::TensorNote;

/// One input or output of forward().
struct Place {
  const char* what;
  size_t index;
  size_t count;

  std::string name() const {
    return count == 1 ? what : std::string(what) + "_" + std::to_string(index);
  }
};

void require_tensor(const Place& place, const executorch::runtime::Result<Tag>& tag) {
  if (tag.ok() && *tag == Tag::Tensor) return;
  throw Failure(XPURT_UNSUPPORTED_OPERATION,
                place.name() + " of forward() is no tensor; this engine passes tensors alone");
}

bool is_row_major(Span<const uint8_t> order) {
  for (size_t d = 0; d < order.size(); ++d) {
    if (order[d] != d) return false;
  }
  return true;
}

/// `is_static`: the sizes are no bounds, but the only ones.
TensorNote note_of(const Place& place, const TensorInfo& info, bool is_static) {
  if (!is_row_major(info.dim_order())) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  place.name() + " of forward() is not row-major; export it so");
  }
  TensorNote note;
  note.spec.name = place.name();
  note.spec.dtype = dtype_of(info.scalar_type());
  if (note.spec.dtype == XPURT_UNDEFINED) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  place.name() + " of forward() has an element type that cannot be passed");
  }
  for (const int32_t size : info.sizes()) {
    note.spec.shape.push_back(is_static ? size : -1);
    note.spec.max_shape.push_back(size);
  }
  return note;
}

bool is_static(const executorch::runtime::EValue& value) {
  return value.isTensor() && value.toTensor().unsafeGetTensorImpl()->shape_dynamism() ==
                                 executorch::aten::TensorShapeDynamism::STATIC;
}

/// What the converter noted, within the bounds that the program has.
void merge(TensorNote& note, const TensorNote& given, const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  file + ": '" + given.spec.name + "' " + what + " as the program says");
  };
  note.spec.name = given.spec.name;
  if (given.spec.dtype != XPURT_UNDEFINED && given.spec.dtype != note.spec.dtype) {
    refuse("has not the type");
  }
  if (!given.spec.has_rank) return;
  if (given.spec.shape.size() != note.spec.shape.size()) refuse("has not as many dimensions");
  for (size_t d = 0; d < note.spec.shape.size(); ++d) {
    const int64_t bound = note.spec.max_shape[d];
    const int64_t size = given.spec.shape[d];
    if (size > bound) refuse("is not as small");
    if (note.spec.shape[d] < 0) note.spec.shape[d] = size;
    if (!given.spec.max_shape.empty() && given.spec.max_shape[d] >= 0) {
      note.spec.max_shape[d] = std::min(bound, given.spec.max_shape[d]);
    }
  }
  note.min_shape = given.min_shape;
}

/// Deprecated for changing values, and the one way to learn whether sizes are bounds.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
bool is_input_static(LoadedMethod& method, size_t i) { return is_static(method->get_input(i)); }
#pragma GCC diagnostic pop

void describe(LoadedModel& model, LoadedMethod& method,
              const std::optional<model_notes::ModelNotes>& notes) {
  const MethodMeta meta = model.program->meta();
  if (notes) model_notes::check_counts(*notes, meta.num_inputs(), meta.num_outputs());
  for (size_t i = 0; i < meta.num_inputs(); ++i) {
    const Place place{"input", i, meta.num_inputs()};
    require_tensor(place, meta.input_tag(i));
    const TensorInfo info = take(meta.input_tensor_meta(i), place.name());
    TensorNote note = note_of(place, info, is_input_static(method, i));
    if (notes) merge(note, notes->inputs[i], notes->file);
    model.spec.inputs.push_back(note.spec);
    model.inputs.push_back(std::move(note));
    model.is_input_planned.push_back(info.is_memory_planned());
  }
  for (size_t i = 0; i < meta.num_outputs(); ++i) {
    const Place place{"output", i, meta.num_outputs()};
    require_tensor(place, meta.output_tag(i));
    const TensorInfo info = take(meta.output_tensor_meta(i), place.name());
    TensorNote note = note_of(place, info, is_static(method->get_output(i)));
    if (notes) merge(note, notes->outputs[i], notes->file);
    model.spec.outputs.push_back(std::move(note.spec));
    model.outputs.push_back({info.is_memory_planned(), info.nbytes()});
  }
}

std::string open_backends(const MethodMeta& meta) {
  std::string names;
  for (size_t i = 0; i < meta.num_backends(); ++i) {
    const std::string name = take(meta.get_backend_name(i), "a backend");
    open_backend(name);
    names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

}  // namespace

ExecuTorchModel::ExecuTorchModel(const LoadArgs& args) {
  take_log();
  clear_log();
  if (args.source() == XPURT_SOURCE_COMPILED) engine::unsupported("loading what it has saved");
  if (!args.extra_outputs().empty()) engine::unsupported("showing inner values");
  if (args.device().type != XPURT_DEVICE_CPU || args.device().index != 0) {
    throw Failure(XPURT_UNAVAILABLE, "ExecuTorch runs on cpu here, and nowhere else");
  }
  check_threads(args.threads());
  args.progress("read", 0, 2);
  LoadedModel model;
  model.program = std::make_shared<const Program>(args);
  args.progress("load", 1, 2);
  const std::string backends = open_backends(model.program->meta());
  if (!backends.empty()) model.spec.metadata.emplace_back("backends", backends);
  // Makes the first method: what is missing for it is missing for all.
  LoadedMethod method(model.program);
  describe(model, method,
           args.path().empty() ? std::nullopt : model_notes::read_beside(args.path()));
  model.spec.producer = "executorch";
  model.spec.threads = fix_threads(args.threads());
  loaded_ = std::make_shared<const LoadedModel>(std::move(model));
  args.progress("load", 2, 2);
}

std::unique_ptr<engine::Context> ExecuTorchModel::create_context() {
  clear_log();
  return std::make_unique<ExecuTorchContext>(loaded_);
}

}  // namespace xpuruntime::executorch_engine
