// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <ATen/Parallel.h>

#include "aot_package.h"
#include "archive.h"
#include "context.h"
#include "devices.h"
#include "options.h"
#include "status.h"
#include "torchscript.h"
#include "warnings.h"
#include "xpuruntime/engine/process_threads.h"

namespace xpuruntime::torch_engine {
namespace {

using engine::LoadArgs;

engine::ProcessThreads& process_threads() {
  static auto* const threads = new engine::ProcessThreads("torch");
  return *threads;
}

/// Says what the notes of a converter say of the model, which its file may not.
void add_notes(LoadedModel& model, const model_notes::ModelNotes& notes) {
  model_notes::check_counts(notes, model.spec.inputs.size(), model.spec.outputs.size());
  for (size_t i = 0; i < notes.inputs.size(); ++i) model.spec.inputs[i] = notes.inputs[i].spec;
  for (size_t i = 0; i < notes.outputs.size(); ++i) model.spec.outputs[i] = notes.outputs[i].spec;
  model.notes = notes.inputs;
}

}  // namespace

TorchModel::TorchModel(const LoadArgs& args) {
  if (args.source() == XPURT_SOURCE_COMPILED) engine::unsupported("loading what it has saved");
  if (!args.extra_outputs().empty()) engine::unsupported("showing inner values");
  const LoggedWarnings warnings;
  const Options options = read_options(args);
  const at::Device device = use_device(args.device());
  apply_process_options(options, device);

  process_threads().check(args.threads());
  args.progress("read", 0, 2);
  Archive archive(args);
  const auto notes = args.path().empty() ? std::nullopt : model_notes::read_beside(args.path());
  args.progress("load", 1, 2);
  auto loaded = checked(XPURT_INVALID_ARGUMENT, args.name(), [&] {
    const Source source{archive, args.name(), notes ? &*notes : nullptr, options, device};
    return archive.content() == Content::kTorchScript ? load_torchscript(source)
                                                      : load_aot_package(source);
  });
  if (notes) add_notes(loaded, *notes);
  loaded.device = device;
  loaded.half = options.half;
  loaded.spec.device = args.device();
  loaded.spec.threads = process_threads().fix(args.threads(), at::set_num_threads);
  loaded_ = std::make_shared<const LoadedModel>(std::move(loaded));
  args.progress("load", 2, 2);
}

std::unique_ptr<engine::Context> TorchModel::create_context() {
  return std::make_unique<TorchContext>(loaded_);
}

}  // namespace xpuruntime::torch_engine
