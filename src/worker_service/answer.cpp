// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <algorithm>
#include <fstream>
#include <new>

#include "worker/error.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::worker_service {

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

worker::DeviceFacts check_device(const worker::DeviceQuestion& question) {
  worker::DeviceFacts facts{.device = question.device};
  try {
    const Device device = Device::parse(question.device);
    const auto known = describe_engine(question.engine).devices;
    facts.device = to_string(device);
    facts.available = std::ranges::find(known, facts.device) != known.end();
    if (!facts.available) facts.reason = "engine " + question.engine + " cannot use it here";
  } catch (const XpuRuntimeError& error) {
    facts.reason = error.what();
  }
  return facts;
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
