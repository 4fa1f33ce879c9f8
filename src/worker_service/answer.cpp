// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <algorithm>
#include <fstream>
#include <new>

#include "toolkit/devices.h"
#include "worker/error.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::worker_service {
namespace {

worker::DeviceFacts facts_of(const toolkit::DeviceFacts& found) {
  worker::DeviceFacts facts{.name = found.name,
                            .driver = found.driver,
                            .memory_bytes = found.memory_bytes,
                            .free_bytes = found.free_bytes,
                            .compute_capability = found.compute_capability,
                            .cores = found.cores,
                            .cpu_quota = found.cpu_quota,
                            .features = found.features,
                            .fit = found.is_fit()};
  for (const toolkit::DeviceTest& test : found.tests) {
    facts.tests.push_back({test.engine, toolkit::word_of(test.result), test.reason});
  }
  return facts;
}

}  // namespace

worker::ErrorFacts error_in_flight() {
  try {
    throw;
  } catch (const XpuRuntimeError& error) {
    const ErrorDetail& detail = error.detail();
    return {error.name(),     error.what(), detail.native_code,
            detail.retryable, detail.asked, detail.available};
  } catch (const worker::BadFrame& error) {
    return {.error = "ProtocolError", .message = error.what()};
  } catch (const worker::TransportFailure& error) {
    return {.error = "UnsupportedOperationError", .message = error.what()};
  } catch (const std::bad_alloc&) {
    return {.error = "OutOfMemoryError", .message = "the worker has no more memory"};
  } catch (const std::exception& error) {
    return {.error = "InternalError", .message = error.what()};
  }
}

worker::EngineFacts describe_engine(const std::string& engine) {
  static constexpr const char* kTypes[] = {"bool", "int", "float", "string"};
  if (engine.empty()) throw InvalidArgumentError("info: the engine has no name");
  const EngineStatus& status = EngineRegistry::instance().create_engine(engine)->status();
  worker::EngineFacts facts{
      status.name, status.version, status.adapter_version, status.path, status.formats, {}, {}};
  for (const Device& device : status.devices) facts.devices.push_back(to_string(device));
  for (const OptionSpec& option : status.options) {
    facts.options.push_back({option.name, kTypes[static_cast<size_t>(option.type)],
                             option.default_value, option.doc, option.choices});
  }
  return facts;
}

worker::DeviceAnswer check_device(const worker::DeviceQuestion& question) {
  worker::DeviceAnswer answer{.device = question.device};
  try {
    if (question.engine.empty()) throw InvalidArgumentError("check_device: the engine has no name");
    const Device device = Device::parse(question.device);
    answer.device = to_string(device);
    const EngineStatus& engine =
        EngineRegistry::instance().create_engine(question.engine)->status();
    const toolkit::DeviceFacts facts = toolkit::find_device(device, engine);
    answer.facts = facts_of(facts);
    if (facts.tests.empty()) {
      answer.reason = "engine " + question.engine + " cannot use it here";
    } else if (facts.tests[0].result == toolkit::DeviceTestResult::kFailed) {
      answer.reason = facts.tests[0].reason;
    } else {
      answer.available = true;
    }
  } catch (const XpuRuntimeError& error) {
    answer.reason = error.what();
  }
  return answer;
}

void add_memory(worker::WorkerStats& stats) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    uint64_t* const to = word == "VmRSS:"   ? &stats.resident_bytes
                         : word == "VmHWM:" ? &stats.peak_resident_bytes
                                            : nullptr;
    if (to != nullptr && file >> *to) *to *= 1024;
  }
}

}  // namespace xpuruntime::worker_service
