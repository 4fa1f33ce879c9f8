// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "batch_scheduling.h"
#include "context.h"
#include "describe.h"
#include "environment.h"
#include "options.h"
#include "profiled_context.h"
#include "providers.h"
#include "status.h"

namespace xpuruntime::onnxrt {
namespace {

using engine::Failure;
using engine::LoadArgs;

/// The first bytes of a model, as text.
std::string beginning(const LoadArgs& args) {
  char head[24] = {};
  size_t size = 0;
  if (args.source() == XPURT_SOURCE_PATH) {
    std::ifstream file(args.path(), std::ios::binary);
    file.read(head, sizeof(head));
    size = static_cast<size_t>(file.gcount());
  } else {
    size = std::min(sizeof(head), args.bytes().size());
    std::copy_n(reinterpret_cast<const char*>(args.bytes().data()), size, head);
  }
  std::string text(head, size);
  for (char& c : text) {
    if (std::isprint(static_cast<unsigned char>(c)) == 0) c = '.';
  }
  return text;
}

uint64_t size_of(const LoadArgs& args) {
  if (args.source() != XPURT_SOURCE_PATH) return args.bytes().size();
  std::error_code error;
  const auto size = std::filesystem::file_size(args.path(), error);
  return error ? 0 : size;
}

/// What was loaded, for messages.
std::string name_of(const LoadArgs& args) {
  return args.source() == XPURT_SOURCE_PATH ? "model " + args.path() : "the model's bytes";
}

/// The way out of a file that is not what it should be.
std::string hint(const LoadArgs& args) {
  const std::string head = beginning(args);
  std::string text =
      " (" + std::to_string(size_of(args)) + " bytes, beginning with '" + head + "')";
  if (head.starts_with("version https://git-lfs")) {
    return text + ". This is a Git LFS pointer, not the model: run `git lfs pull`";
  }
  if (head.starts_with("PK")) return text + ". This is a zip archive; an ONNX model is none";
  return text + ". It is truncated, damaged, or no ONNX model";
}

[[noreturn]] void raise(const LoadArgs& args, const Problem& problem) {
  const std::string where = name_of(args);
  const bool is_no_model =
      problem.code == ORT_INVALID_PROTOBUF ||
      problem.text.find("No graph was found in the protobuf") != problem.text.npos;
  if (is_no_model) throw load_failure_of({problem.code, problem.text + hint(args)}, where);
  const bool fell_back = problem.text.find("disable_cpu_ep_fallback") != problem.text.npos ||
                         problem.text.find("fallback to CPU EP") != problem.text.npos;
  if (args.device().type != XPURT_DEVICE_CPU && fell_back) {
    throw Failure(XPURT_UNAVAILABLE,
                  where + ": not all of its nodes can run on device " + to_string(args.device()) +
                      "; to let the rest run on the CPU, end the option providers with cpu, as in "
                      "providers=cuda,cpu. ONNX Runtime: " +
                      problem.text,
                  problem.code);
  }
  if (args.device().type == XPURT_DEVICE_CUDA && problem.text.find("CUDA") != problem.text.npos) {
    throw Failure(XPURT_UNAVAILABLE,
                  where + ": device " + to_string(args.device()) +
                      " cannot be used. ONNX Runtime: " + problem.text,
                  problem.code);
  }
  throw load_failure_of(problem, where);
}

Session open_session(const LoadArgs& args, const OrtSessionOptions* options) {
  OrtSession* session = nullptr;
  OrtStatus* status = nullptr;
  if (args.source() == XPURT_SOURCE_PATH) {
    status = ort().CreateSession(environment(), args.path().c_str(), options, &session);
  } else {
    if (args.bytes().empty()) throw Failure(XPURT_INVALID_ARGUMENT, "the model has 0 bytes");
    status = ort().CreateSessionFromArray(environment(), args.bytes().data(), args.bytes().size(),
                                          options, &session);
  }
  if (status != nullptr) raise(args, take(status));
  return Session(session);
}

/// Why a model can be loaded and described but not be run; empty when it can.
std::string refusal_of(const engine::ModelSpec& spec) {
  const auto reason = [](const char* what, const engine::TensorSpec& value) -> std::string {
    constexpr const char* kKinds[] = {"an optional or other value", "", "a sequence", "a map"};
    if (value.kind == XPURT_KIND_TENSOR) return "";
    return std::string(what) + " '" + value.name + "' is " + kKinds[value.kind] +
           ", and this engine runs models of tensors only";
  };
  for (const auto& input : spec.inputs) {
    if (std::string text = reason("input", input); !text.empty()) return text;
  }
  for (const auto& output : spec.outputs) {
    if (std::string text = reason("output", output); !text.empty()) return text;
  }
  return "";
}

/// The input that an output is by name. ONNX Runtime does not write such an output, bound or not:
/// it gives the input's own memory.
int32_t same_named_input(const engine::ModelSpec& spec, const engine::TensorSpec& output) {
  const auto found = std::ranges::find(spec.inputs, output.name, &engine::TensorSpec::name);
  return found == spec.inputs.end() ? -1 : static_cast<int32_t>(found - spec.inputs.begin());
}

}  // namespace

OnnxModel::OnnxModel(const LoadArgs& args) : loaded_(std::make_shared<LoadedModel>()) {
  if (!args.extra_outputs().empty()) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  "ONNX Runtime shows no values but a model's outputs; extra outputs have to be "
                  "added to the model itself");
  }
  const std::vector<const Provider*> providers = choose_providers(args);
  environment();
  args.progress("load", 0, 0);
  const SessionOptions options = make_session_options(args, providers);
  LoadedModel& model = *loaded_;
  model.run_config = run_config(args);
  model.is_profiled = args.wants_nodes() && ProfiledContext::is_available();
  {
    const BatchScheduling of_its_threads;
    model.session = open_session(args, options.get());
  }
  model.spec = describe(model.session.get());
  model.spec.device = args.device();
  model.spec.threads = std::max(args.threads(), 1);
  // A run's thread does itself what the pool's threads have not begun. What threads other providers
  // have of their own is not known.
  if (providers.size() == 1 && providers[0]->name == "cpu") model.spec.flags |= XPURT_MODEL_ELASTIC;
  model.refusal = refusal_of(model.spec);
  model.is_on_host = args.device().type == XPURT_DEVICE_CPU;
  model.host_memory = make<MemoryInfo>([](OrtMemoryInfo** out) {
    return ort().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, out);
  });
  for (const engine::TensorSpec& output : model.spec.outputs) {
    model.rules.emplace_back(output, model.spec.inputs);
    model.copied_input.push_back(same_named_input(model.spec, output));
  }
  args.progress("load", 1, 1);
}

std::unique_ptr<engine::Context> OnnxModel::create_context() {
  if (loaded_->is_profiled) return std::make_unique<ProfiledContext>(loaded_);
  return std::make_unique<OnnxContext>(loaded_);
}

}  // namespace xpuruntime::onnxrt
