// SPDX-License-Identifier: Apache-2.0
/// Engine "wrong" computes Relu as LeakyRelu. Engine "wrong_fused" does so only where nobody sees
/// the value that Relu reads, as an engine would whose fusion of two nodes is wrong; it shows no
/// values but a model's outputs.
#include <filesystem>
#include <set>

#include "engine.h"
#include "onnx/schema.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::wrong {
namespace {

#ifdef XPURT_WRONG_FUSED
constexpr bool kFused = true;
constexpr const char* kEngineName = "wrong_fused";
#else
constexpr bool kFused = false;
constexpr const char* kEngineName = "wrong";
#endif

::onnx::ModelProto read(const engine::LoadArgs& args) {
  ::onnx::ModelProto model;
  if (args.source() == XPURT_SOURCE_PATH) {
    onnx::parse_message(model, std::filesystem::path(args.path()), "ModelProto");
  } else {
    onnx::parse_message(model, args.bytes(), "model", "ModelProto");
  }
  return model;
}

void spoil(::onnx::GraphProto& graph) {
  std::set<std::string> shown;
  for (const auto& output : graph.output()) shown.insert(output.name());
  for (auto& node : *graph.mutable_node()) {
    const bool spoiled = !kFused || !shown.contains(node.input(0));
    if (node.op_type() == "Relu" && spoiled) node.set_op_type("LeakyRelu");
  }
}

}  // namespace

class WrongEngine : public reference::ReferenceEngine {
 public:
  static constexpr const char* kName = kEngineName;

  const engine::EngineSpec& spec() override {
    static const engine::EngineSpec spec = [this] {
      engine::EngineSpec made = ReferenceEngine::spec();
      made.name = kEngineName;
      made.version = "1.0";
      return made;
    }();
    return spec;
  }

  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override {
    if (kFused && !args.extra_outputs().empty()) engine::unsupported("extra outputs");
    ::onnx::ModelProto model = read(args);
    spoil(*model.mutable_graph());
    const std::string bytes = model.SerializeAsString();
    const std::string folder = args.source() == XPURT_SOURCE_PATH
                                   ? std::filesystem::path(args.path()).parent_path().string()
                                   : args.base_folder();
    xpurt_load_args spoiled{};
    spoiled.struct_size = sizeof spoiled;
    spoiled.source = XPURT_SOURCE_BYTES;
    spoiled.bytes = bytes.data();
    spoiled.byte_count = bytes.size();
    spoiled.base_folder = folder.c_str();
    spoiled.device = args.device();
    spoiled.threads = args.threads();
    spoiled.extra_outputs = args.extra_outputs().data();
    spoiled.extra_output_count = static_cast<uint32_t>(args.extra_outputs().size());
    return ReferenceEngine::load(engine::LoadArgs(spoiled));
  }
};

}  // namespace xpuruntime::wrong

XPURT_EXPORT_ENGINE(xpuruntime::wrong::WrongEngine);
