// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <algorithm>
#include <openvino/runtime/properties.hpp>
#include <ostream>
#include <utility>

#include "context.h"
#include "copied_outputs.h"
#include "describe.h"
#include "devices.h"
#include "element_type.h"
#include "memory_stream.h"
#include "options.h"
#include "placement.h"
#include "status.h"

namespace xpuruntime::openvino {
namespace {

using engine::Failure;
using engine::LoadArgs;

ov::Tensor copied(std::string_view bytes) {
  ov::Tensor blob(ov::element::u8, {bytes.size()});
  std::ranges::copy(bytes, blob.data<uint8_t>());
  return blob;
}

/// What was saved, without our notes.
ov::Tensor read_blob(const LoadArgs& args, SavedNotes& notes) {
  std::string_view bytes(reinterpret_cast<const char*>(args.bytes().data()), args.bytes().size());
  notes = read_blob_header(bytes);
  // OpenVINO only reads it, and keeps the weights in place that it need not order anew.
  void* const data = const_cast<char*>(bytes.data());
  return args.bytes_stay() ? ov::Tensor(ov::element::u8, {bytes.size()}, data) : copied(bytes);
}

/// Before OpenVINO compiles it: with strings, which it takes, it ends the program when the compiled
/// model goes.
void require_known_types(const ov::Model& model) {
  const auto require = [](const auto& ports, const char* what) {
    for (const auto& port : ports) {
      if (dtype_of(port.get_element_type()) != XPURT_UNDEFINED) continue;
      throw Failure(XPURT_UNSUPPORTED_OPERATION,
                    std::string(what) + " '" + tensor_name(port) + "' has the element type " +
                        port.get_element_type().to_string() + ", which this engine does not run");
    }
  };
  require(model.inputs(), "input");
  require(model.outputs(), "output");
}

ov::CompiledModel compile_model(const LoadArgs& args, const std::string& target,
                                const ov::AnyMap& properties, SavedNotes& notes) {
  args.progress("read", 0, 2);
  SourceModel source = read_source(args);
  require_known_types(*source.model);
  notes.output_names = std::move(source.output_names);
  notes.notes = std::move(source.notes);
  notes.is_stateful = !source.model->get_variables().empty();
  args.progress("compile", 1, 2);
  auto compiled = checked(XPURT_INVALID_ARGUMENT, source_name(args),
                          [&] { return core().compile_model(source.model, target, properties); });
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
bool is_static(const ov::Model& graph) {
  for (const auto& node : graph.get_ops()) {
    const std::string layer = layer_type(*node);
    if (layer == "TensorIterator" || layer == "Loop" || layer == "If") return false;
    for (const auto& output : node->outputs()) {
      if (output.get_partial_shape().is_dynamic()) return false;
    }
  }
  return true;
}

/// The graph that runs, made anew by each call; null of a device that chooses among others.
std::shared_ptr<const ov::Model> graph_of(const ov::CompiledModel& compiled) {
  try {
    return compiled.get_runtime_model();
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// What runs its nodes, and how its requests are to be run. What a device does not tell is taken
/// for the worse.
void look_at_graph(const ov::CompiledModel& compiled, LoadedModel& model) {
  const auto graph = graph_of(compiled);
  if (graph != nullptr) model.spec.placement = placement_of(*graph);
  model.may_break = true;
  model.run_mode = RunMode::kElsewhere;
  model.is_copied = copied_outputs(compiled, graph.get());
  if (graph == nullptr) return;
  try {
    model.may_break = !is_static(*graph);
    const bool has_one_thread = compiled.get_property(ov::inference_num_threads) == 1 &&
                                compiled.get_property(ov::num_streams).num == 1;
    if (!has_one_thread) {
      model.run_mode = RunMode::kHere;
    } else if (!model.may_break) {
      model.run_mode = RunMode::kHereIfShort;
    }
  } catch (const std::exception&) {
  }
}

/// Each stream does one run at a time, with its share of the threads.
void share_by_streams(const ov::CompiledModel& compiled, engine::ModelSpec& spec) {
  try {
    const int32_t streams = std::max(compiled.get_property(ov::num_streams).num, 1);
    spec.parallelism = static_cast<uint32_t>(streams);
    spec.threads = std::max(spec.threads / streams, 1);
  } catch (const std::exception&) {  // of AUTO, MULTI and HETERO: they do not tell
  }
}

}  // namespace

CompiledGraph::CompiledGraph(ov::Tensor blob, std::string target, ov::AnyMap properties)
    : compiled_(core().import_model(blob, target, properties)),
      blob_(std::move(blob)),
      target_(std::move(target)),
      properties_(std::move(properties)) {}

ov::CompiledModel CompiledGraph::compiled() const {
  const std::lock_guard lock(mutex_);
  return compiled_;
}

void CompiledGraph::save(const std::function<void(size_t)>& begin,
                         const std::function<void(std::string_view)>& write) {
  const std::lock_guard lock(mutex_);
  if (blob_) {
    begin(blob_.get_byte_size());
    write({static_cast<const char*>(blob_.data()), blob_.get_byte_size()});
    return;
  }
  MemoryStream memory;
  std::ostream stream(&memory);
  checked(XPURT_UNSUPPORTED_OPERATION, "saving the compiled model",
          [&] { compiled_.export_model(stream); });
  begin(memory.size());
  memory.for_each_part(write);
}

ov::Tensor& CompiledGraph::blob() {
  if (!blob_) {
    MemoryStream memory;
    std::ostream stream(&memory);
    compiled_.export_model(stream);
    blob_ = ov::Tensor(ov::element::u8, {memory.size()});
    uint8_t* to = blob_.data<uint8_t>();
    memory.for_each_part([&](std::string_view part) { to = std::ranges::copy(part, to).out; });
  }
  return blob_;
}

std::pair<ov::InferRequest, uint64_t> CompiledGraph::create_request() {
  const std::lock_guard lock(mutex_);
  return checked(XPURT_ENGINE, "", [&] {
    if (const uint64_t now = generation(); now != made_) {
      compiled_ = core().import_model(blob(), target_, properties_);
      made_ = now;
    }
    return std::pair(compiled_.create_infer_request(), made_);
  });
}

OpenVinoModel::OpenVinoModel(const LoadArgs& args) : loaded_(std::make_shared<LoadedModel>()) {
  const std::string target = compile_target(args);
  const ov::AnyMap properties = compile_properties(args, target);
  LoadedModel& model = *loaded_;
  if (args.source() == XPURT_SOURCE_COMPILED) {
    ov::Tensor blob = read_blob(args, model.notes);
    args.progress("import", 0, 0);
    model.graph = checked(XPURT_INVALID_ARGUMENT, "the compiled model", [&] {
      return std::make_unique<CompiledGraph>(std::move(blob), target, properties);
    });
  } else {
    model.graph = std::make_unique<CompiledGraph>(
        compile_model(args, target, properties, model.notes), target, properties);
  }
  const ov::CompiledModel compiled = model.graph->compiled();
  checked(XPURT_ENGINE, "", [&] {
    model.spec = describe(compiled, model.notes.output_names, model.notes.notes);
    model.spec.device = built_device(compiled, args.device());
  });
  model.spec.threads = std::max(args.threads(), 1);
  if (model.spec.device.type == XPURT_DEVICE_CPU) share_by_streams(compiled, model.spec);
  model.spec.flags = model.notes.is_stateful ? XPURT_MODEL_STATEFUL : 0;
  look_at_graph(compiled, model);
  // What a stateful model remembers would be lost with its graph.
  model.may_break = model.may_break && !model.notes.is_stateful;
  model.is_on_host = model.spec.device.type == XPURT_DEVICE_CPU;
}

std::unique_ptr<engine::Context> OpenVinoModel::create_context() {
  return std::make_unique<OpenVinoContext>(loaded_);
}

void OpenVinoModel::save(const engine::Writer& writer) {
  loaded_->graph->save([&](size_t size) { writer.write(write_blob_header(loaded_->notes, size)); },
                       [&](std::string_view part) { writer.write(part); });
}

}  // namespace xpuruntime::openvino
