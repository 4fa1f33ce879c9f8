// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <unistd.h>

#include <charconv>

#include "program.h"
#include "run.h"

namespace xpuruntime::reference {
namespace {

using engine::Failure;

uint64_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return uint64_t{1} << 34;
  return static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
}

uint64_t read_memory_limit(const engine::LoadArgs& args) {
  const std::string_view text = args.option("memory_limit").value_or("0");
  uint64_t limit = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || stop != text.data() + text.size()) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option memory_limit: '" + std::string(text) + "' is not a number of bytes");
  }
  return limit != 0 ? limit : machine_memory();
}

onnx::Model read(const engine::LoadArgs& args) {
  try {
    if (args.source() == XPURT_SOURCE_PATH) {
      return onnx::read_model(args.path(), {.base_folder = args.base_folder()});
    }
    if (args.source() == XPURT_SOURCE_BYTES) {
      return onnx::read_model(args.bytes(), {.base_folder = args.base_folder()});
    }
  } catch (const onnx::FileError& error) {
    throw Failure(XPURT_MODEL_NOT_FOUND, error.what());
  } catch (const onnx::ParseError& error) {
    throw Failure(XPURT_INVALID_ARGUMENT, error.what());
  }
  engine::unsupported("compiled models: it runs the ONNX file itself");
}

engine::TensorSpec tensor_spec(const onnx::ValueInfo& info) {
  engine::TensorSpec spec;
  spec.name = info.name;
  spec.dtype = static_cast<int32_t>(info.dtype);
  spec.has_rank = info.has_rank;
  for (const int64_t dim : info.shape) spec.shape.push_back(dim > 0 ? dim : -1);
  spec.dim_names = info.dim_names;
  return spec;
}

/// Nodes by the kernels that run them.
std::vector<std::pair<std::string, std::string>> placement_of(const Program& program,
                                                              const KernelChoice& choice) {
  std::map<std::string, size_t> nodes;
  for (const Step& step : program.steps()) {
    const auto chosen = choice.find(step.node->op_type);
    const bool is_named = chosen != choice.end() && chosen->second.name != "naive";
    ++nodes[ReferenceEngine::kName + (is_named ? "/" + std::string(chosen->second.name) : "")];
  }
  std::vector<std::pair<std::string, std::string>> placement;
  for (const auto& [name, count] : nodes) placement.emplace_back(name, std::to_string(count));
  return placement;
}

engine::ModelSpec model_spec(const Program& program, const KernelChoice& choice) {
  const onnx::Model& model = program.model();
  engine::ModelSpec spec;
  for (const GraphValue& input : program.inputs()) spec.inputs.push_back(tensor_spec(input.info));
  for (const GraphValue& output : program.outputs()) {
    spec.outputs.push_back(tensor_spec(output.info));
  }
  spec.metadata = model.metadata;
  spec.metadata.insert(spec.metadata.begin(), {"graph_name", model.graph.name});
  spec.opset = program.opset();
  spec.producer = model.producer_name;
  if (!model.producer_version.empty()) spec.producer += " " + model.producer_version;
  spec.placement = placement_of(program, choice);
  return spec;
}

/// What `xpurt engines --options` says of the option.
std::string kernel_policy_text() {
  std::map<std::string, std::string> kernels;
  for (const NamedKernel& each : named_kernels()) {
    std::string& names = kernels[std::string(each.op)];
    names += (names.empty() ? "" : " or ") + std::string(each.name);
  }
  std::string text;
  for (const auto& [op, names] : kernels) text += (text.empty() ? "" : ", ") + op + ": " + names;
  return "kernels by operator, as JSON; " + text + "; naive where not said";
}

class ReferenceModel : public engine::Model {
 public:
  ReferenceModel(std::shared_ptr<const Program> program, const KernelChoice& choice,
                 uint64_t memory_limit)
      : program_(std::move(program)),
        memory_limit_(memory_limit),
        spec_(model_spec(*program_, choice)) {}

  const engine::ModelSpec& spec() const override { return spec_; }
  std::unique_ptr<engine::Context> create_context() override {
    return std::make_unique<ReferenceContext>(program_, memory_limit_);
  }

 private:
  std::shared_ptr<const Program> program_;
  uint64_t memory_limit_;
  engine::ModelSpec spec_;
};

}  // namespace

const engine::EngineSpec& ReferenceEngine::spec() {
  static const engine::EngineSpec spec{
      .name = kName,
      .version = "1.0 (onnx opset " + std::to_string(kOldestOpset) + "-" +
                 std::to_string(kNewestOpset) + ")",
      .adapter_version = "1.0",
      .traits = XPURT_TRAIT_NODES,
      .input_alignment = 8,
      .formats = {"onnx"},
      .options = {{"kernel_policy", XPURT_OPTION_STRING, "", kernel_policy_text(), {}},
                  {"memory_limit",
                   XPURT_OPTION_INT,
                   "0",
                   "bytes that the values of one run may take; 0: the machine's memory",
                   {}}},
      .devices = {{XPURT_DEVICE_CPU, 0}}};
  return spec;
}

std::unique_ptr<engine::Model> ReferenceEngine::load(const engine::LoadArgs& args) {
  if (args.device().type != XPURT_DEVICE_CPU || args.device().index != 0) {
    throw Failure(XPURT_UNAVAILABLE, "engine reference runs on device cpu alone");
  }
  const uint64_t memory_limit = read_memory_limit(args);
  const KernelChoice choice = read_kernel_choice(args.option("kernel_policy").value_or(""));
  args.progress("read", 0, 2);
  onnx::Model model = read(args);
  args.progress("check", 1, 2);
  const std::vector<std::string> extra(args.extra_outputs().begin(), args.extra_outputs().end());
  auto program = std::make_shared<const Program>(std::move(model), extra, choice);
  args.progress("check", 2, 2);
  return std::make_unique<ReferenceModel>(std::move(program), choice, memory_limit);
}

}  // namespace xpuruntime::reference
