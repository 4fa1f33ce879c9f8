// SPDX-License-Identifier: Apache-2.0
#include "aot_package.h"

#include <dlfcn.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <utility>

#include "call_spec.h"
#include "devices.h"
#include "status.h"
#include "temporary_folder.h"

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using Loader = torch::inductor::AOTIModelPackageLoader;

constexpr const char* kCheckInputs = "AOTI_RUNTIME_CHECK_INPUTS";

/// Instruction sets by the compiler's name and by torch's, as far as a CPU can lack them.
bool has_instructions(std::string_view name) {
  if (name == "AVX2") return __builtin_cpu_supports("avx2");
  if (name == "AVX512") return __builtin_cpu_supports("avx512f");
  if (name == "AVX512_VNNI") return __builtin_cpu_supports("avx512vnni");
  return true;
}

class AotPackage : public Program {
 public:
  /// torch has unpacked it when this returns.
  AotPackage(const std::string& folder, const std::string& model, size_t runners, at::Device device)
      : loader_(folder, model, /*run_single_threaded=*/false, runners, device.index()) {
    const auto spec = loader_.get_call_spec();
    if (spec.size() != 2) {
      throw Failure(XPURT_UNSUPPORTED_OPERATION,
                    "the package does not say what it takes and gives");
    }
    inputs_ = input_names(spec[0]);
    outputs_ = output_names(spec[1]);
  }

  std::vector<at::Tensor> run(std::vector<at::Tensor> inputs) override {
    std::vector<at::Tensor> outputs;
    try {
      outputs = was_run_.load(std::memory_order_acquire) ? loader_.boxed_run(std::move(inputs))
                                                         : run_first(std::move(inputs));
    } catch (const std::exception& error) {
      throw_named(plain_words(error.what()));
      throw;
    }
    if (outputs.size() == outputs_.size()) return outputs;
    throw Failure(XPURT_ENGINE, "the package gave " + std::to_string(outputs.size()) +
                                    " outputs where it says " + std::to_string(outputs_.size()));
  }
  /// Call it before the first run: inputs are checked against the notes, so that the package need
  /// not do it, which refuses sizes of 1 wherever it was exported for more.
  void trust_inputs() noexcept { checks_inputs_ = false; }
  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& outputs() const { return outputs_; }

 private:
  /// In its first run, the package reads from the environment whether it is to check its inputs.
  /// Without that, a wrong shape makes it write past the end.
  std::vector<at::Tensor> run_first(std::vector<at::Tensor> inputs) {
    static std::mutex environment;
    const std::lock_guard lock(environment);
    const char* const before = getenv(kCheckInputs);
    struct Restored {
      std::string value;  // "0" is what nothing is, too
      std::atomic<bool>& was_run;
      ~Restored() {
        setenv(kCheckInputs, value.c_str(), 1);
        was_run.store(true, std::memory_order_release);
      }
    } const restored{before != nullptr ? before : "0", was_run_};
    setenv(kCheckInputs, checks_inputs_ ? "1" : "0", 1);
    return loader_.boxed_run(std::move(inputs));
  }
  /// The words of that check: "input_handles[0]: dim value is too large at 0, ..."
  void throw_named(const std::string& words) const {
    constexpr std::string_view mark = "input_handles[";
    const size_t at = words.find(mark);
    const size_t end = words.find(']', at);
    if (at == words.npos || end == words.npos) return;
    const size_t i = std::strtoul(words.c_str() + at + mark.size(), nullptr, 10);
    if (i >= inputs_.size()) return;
    throw Failure(XPURT_INVALID_ARGUMENT, "input '" + inputs_[i] + "'" + words.substr(end + 1));
  }

  Loader loader_;
  bool checks_inputs_ = true;
  std::atomic<bool> was_run_{false};
  std::vector<std::string> inputs_;
  std::vector<std::string> outputs_;
};

/// Once a process, before the first package.
void prepare_process() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (dlopen("libtorch.so", RTLD_LAZY | RTLD_NOLOAD) != nullptr) return;
    const auto stub = own_folder() / "libxpuruntime_torch_stub.so";
    if (dlopen(stub.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
      throw Failure(XPURT_ENGINE_NOT_INSTALLED,
                    std::string("a file of ours is missing: ") + dlerror());
    }
  });
}

bool are_noted(const model_notes::ModelNotes* notes) {
  return notes != nullptr && std::ranges::all_of(notes->inputs, [](const auto& note) {
           return note.spec.has_rank && note.spec.dtype != XPURT_UNDEFINED;
         });
}

std::string chosen_model(const Source& source) {
  const auto& models = source.archive.models();
  const std::string& asked = source.options.model_name;
  if (asked.empty() && models.size() == 1) return models.front();
  if (std::ranges::find(models, asked) != models.end()) return asked;
  std::string text = source.name + ": the package has";
  for (const std::string& model : models) text += (&model == models.data() ? " " : ", ") + model;
  throw Failure(XPURT_INVALID_ARGUMENT,
                text + (asked.empty() ? ": say which by the option model_name"
                                      : ", and option 'model_name' asks for '" + asked + "'"));
}

/// Native code that this machine cannot run would end the process.
void check_machine(const std::map<std::string, std::string>& metadata, const Source& source) {
  const auto value = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  const auto refuse = [&](const std::string& what) {
    throw Failure(XPURT_UNAVAILABLE,
                  source.name + " is native code for " + what + "; compile it for this one");
  };
  const std::string device = value("AOTI_DEVICE_KEY");
  if (!device.empty() && device != (source.device.is_cuda() ? "cuda" : "cpu")) {
    refuse("device " + device + ", and the session's is " + source.device.str());
  }
#if defined(__x86_64__)
  if (const auto machine = value("AOTI_MACHINE"); !machine.empty() && machine != "x86_64") {
    refuse(machine + " machines");
  }
  std::istringstream words(value("AOTI_CPU_ISA"));
  for (std::string word; words >> word;) {
    if (!has_instructions(word)) refuse("CPUs with " + word + ", which this one lacks");
  }
#endif
}

engine::TensorSpec spec_named(const std::string& name) { return {.name = name, .has_rank = false}; }

}  // namespace

LoadedModel load_aot_package(const Source& source) {
  if (source.options.half) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'precision': a package computes in what it was compiled for");
  }
  const std::string model_name = chosen_model(source);
  const auto metadata = read_metadata(source.archive.metadata_of(model_name));
  check_machine(metadata, source);
  prepare_process();
  // Each runner runs once at a time; all share the weights.
  const auto runners = static_cast<uint32_t>(std::max(engine::host->thread_budget(), 1));
  // torch would unpack it too, and leave the files behind when the load fails. Once it is loaded
  // nothing reads them, so that not even a killed process leaves them.
  const TemporaryFolder folder;
  source.archive.unpack(folder.path());
  const auto program =
      std::make_shared<AotPackage>(folder.path().string(), model_name, runners, source.device);
  if (are_noted(source.notes)) program->trust_inputs();
  LoadedModel model;
  for (const auto& name : program->inputs()) model.spec.inputs.push_back(spec_named(name));
  for (const auto& name : program->outputs()) model.spec.outputs.push_back(spec_named(name));
  model.why_copied.assign(model.spec.inputs.size(), nullptr);
  model.spec.producer = "torch._inductor";
  model.spec.parallelism = runners;
  model.spec.metadata.assign(metadata.begin(), metadata.end());
  model.program = program;
  return model;
}

}  // namespace xpuruntime::torch_engine
