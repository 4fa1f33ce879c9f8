// SPDX-License-Identifier: Apache-2.0
/// Engines in worker processes: what an engine does, it does there too.
#include <stdlib.h>

#include <string_view>

#include "fake_models.h"
#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

constexpr const char kFake[] = "fake";
#if XPURT_HAS_REFERENCE
constexpr const char kReference[] = "reference";
#endif
#if XPURT_HAS_ONNXRT
constexpr const char kOnnxrt[] = "onnxrt";
#endif

/// The plug-in as it is for one engine: its table is the one that is meant by "engine".
template <const char* kName>
const void* query(const char* interface_name, uint32_t major, const xpurt_host* host) {
  static const xpurt_plugin_query_fn all = Plugin::open(XPURT_WORKER_PLUGIN).query();
  static const xpurt_plugin_version version{sizeof(xpurt_plugin_version), XPURT_ABI_MAJOR,
                                            XPURT_ABI_MINOR, kName};
  const std::string_view name(interface_name);
  if (name == "version") return all(interface_name, major, host) != nullptr ? &version : nullptr;
  if (name != "engine") return all(interface_name, major, host);
  const bool is_fake = kName == kFake;
  const std::string target =
      is_fake ? XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_fake.so" : kName;
  return all(("engine:" + target).c_str(), major, host);
}

EngineUnderTest in_worker(EngineUnderTest engine, xpurt_plugin_query_fn entry) {
  setenv("XPURT_WORKER_PROGRAM", XPURT_TEST_WORKER_PROGRAM, /*overwrite=*/1);
  engine.plugin = Plugin(entry);
  engine.lacks[Feature::kGive] = "only outputs of 64 kB and more are handed out";
  engine.lacks[Feature::kCancel] = "what blocks a run is in another process; its own tests do it";
  engine.lacks[Feature::kStart] = "it has no asynchronous runs";
  engine.lacks[Feature::kState] = "a worker has one session, whose state all contexts share";
  engine.lacks[Feature::kSave] = "the session in the worker saves models";
  engine.lacks[Feature::kStreams] = "a run has ended when it returns";
  return engine;
}

EngineUnderTest fake_in_worker() { return in_worker(fake_under_test({}), &query<kFake>); }

#if XPURT_HAS_REFERENCE
EngineUnderTest reference_in_worker() {
  EngineUnderTest engine =
      in_worker(onnx_engine(kReference, XPURT_WORKER_PLUGIN), &query<kReference>);
  engine.wrong_options = {{"kernel_policy", "eigen"},
                          {"memory_limit", "-1"},
                          {"worker.transport", "pigeon"},
                          {"worker.cpus", "3-1"},
                          {"worker.run_timeout", "-1"}};
  return engine;
}
#endif

#if XPURT_HAS_ONNXRT
EngineUnderTest onnxrt_in_worker() {
  EngineUnderTest engine = in_worker(onnx_engine(kOnnxrt, XPURT_WORKER_PLUGIN), &query<kOnnxrt>);
  engine.lacks[Feature::kInnerValues] = "ONNX Runtime shows no values but a model's outputs";
  engine.failing->code = XPURT_ENGINE;
  engine.failing->text = "ONNX Runtime: ";
  engine.wrong_options = {{"execution_mode", "sideways"}};
  return engine;
}
#endif

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(worker_fake, xpuruntime::conformance::fake_in_worker);
#if XPURT_HAS_REFERENCE
XPURT_CONFORMANCE(worker_reference, xpuruntime::conformance::reference_in_worker);
#endif
#if XPURT_HAS_ONNXRT
XPURT_CONFORMANCE(worker_onnxrt, xpuruntime::conformance::onnxrt_in_worker);
#endif
