// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <algorithm>
#include <openvino/runtime/properties.hpp>
#include <sstream>
#include <utility>

#include "context.h"
#include "describe.h"
#include "devices.h"
#include "options.h"
#include "status.h"

namespace xpuruntime::openvino {
namespace {

using engine::Failure;
using engine::LoadArgs;

/// A compiled model that was saved. OpenVINO goes on using the memory of the blob, so it is copied.
ov::CompiledModel import_model(const LoadArgs& args, const std::string& target,
                               const ov::AnyMap& properties, SavedNotes& notes) {
  std::string_view bytes(reinterpret_cast<const char*>(args.bytes().data()), args.bytes().size());
  notes = read_blob_header(bytes);
  args.progress("import", 0, 0);
  return checked(XPURT_INVALID_ARGUMENT, "the compiled model", [&] {
    ov::Tensor blob(ov::element::u8, {bytes.size()});
    std::ranges::copy(bytes, blob.data<uint8_t>());
    return core().import_model(blob, target, properties);
  });
}

ov::CompiledModel compile_model(const LoadArgs& args, const std::string& target,
                                const ov::AnyMap& properties, SavedNotes& notes) {
  args.progress("read", 0, 2);
  SourceModel source = read_source(args);
  notes.output_names = std::move(source.output_names);
  notes.notes = std::move(source.notes);
  notes.is_stateful = !source.model->get_variables().empty();
  args.progress("compile", 1, 2);
  auto compiled = checked(XPURT_INVALID_ARGUMENT, source_name(args), [&] {
    return core().compile_model(source.model, target, properties);
  });
  args.progress("compile", 2, 2);
  return compiled;
}

/// The device that was really built: the first of those that run the model.
xpurt_device built_device(const ov::CompiledModel& compiled, xpurt_device asked) {
  try {
    const auto names = compiled.get_property(ov::execution_devices);
    return names.empty() ? asked : device_named(names.front());
  } catch (const std::exception&) {
    return asked;  // a device that chooses among others may not have chosen yet
  }
}

/// Every shape in the graph is known, and nothing in it runs graphs of its own.
bool is_static(const ov::CompiledModel& compiled) {
  for (const auto& node : compiled.get_runtime_model()->get_ops()) {
    const auto layer = node->get_rt_info().find("layerType");
    if (layer != node->get_rt_info().end()) {
      const auto name = layer->second.as<std::string>();
      if (name == "TensorIterator" || name == "Loop" || name == "If") return false;
    }
    for (const auto& output : node->outputs()) {
      if (output.get_partial_shape().is_dynamic()) return false;
    }
  }
  return true;
}

RunMode run_mode_of(const ov::CompiledModel& compiled) {
  try {
    const bool has_one_thread = compiled.get_property(ov::inference_num_threads) == 1 &&
                                compiled.get_property(ov::num_streams).num == 1;
    if (!has_one_thread) return RunMode::kHere;
    return is_static(compiled) ? RunMode::kHereIfShort : RunMode::kElsewhere;
  } catch (const std::exception&) {
    return RunMode::kElsewhere;  // it does not tell: what is always right
  }
}

}  // namespace

OpenVinoModel::OpenVinoModel(const LoadArgs& args) : loaded_(std::make_shared<LoadedModel>()) {
  const std::string target = compile_target(args);
  const ov::AnyMap properties = compile_properties(args, target);
  LoadedModel& model = *loaded_;
  const bool is_saved = args.source() == XPURT_SOURCE_COMPILED;
  model.compiled = is_saved ? import_model(args, target, properties, model.notes)
                            : compile_model(args, target, properties, model.notes);
  checked(XPURT_ENGINE, "", [&] {
    model.spec = describe(model.compiled, model.notes.output_names, model.notes.notes);
    model.spec.device = built_device(model.compiled, args.device());
  });
  model.spec.threads = std::max(args.threads(), 1);
  model.spec.flags = model.notes.is_stateful ? XPURT_MODEL_STATEFUL : 0;
  model.run_mode = run_mode_of(model.compiled);
  model.is_on_host = model.spec.device.type == XPURT_DEVICE_CPU;
}

std::unique_ptr<engine::Context> OpenVinoModel::create_context() {
  return std::make_unique<OpenVinoContext>(loaded_);
}

void OpenVinoModel::save(const engine::Writer& writer) {
  // OpenVINO goes back in what it writes, so it cannot go to the writer at once.
  std::ostringstream blob;
  checked(XPURT_UNSUPPORTED_OPERATION, "saving the compiled model",
          [&] { loaded_->compiled.export_model(blob); });
  writer.write(write_blob_header(loaded_->notes, blob.view().size()));
  writer.write(blob.view());
}

}  // namespace xpuruntime::openvino
