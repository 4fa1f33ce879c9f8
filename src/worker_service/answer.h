// SPDX-License-Identifier: Apache-2.0
/// Answers that need no model.
#pragma once

#include <exception>
#include <string>

#include "worker/messages.h"

namespace xpuruntime::worker_service {

/// The exception in flight as an error message. Call in a catch block only.
worker::ErrorFacts error_in_flight();
/// The reply to info. Throws XpuRuntimeError for an engine that cannot be used.
worker::EngineFacts describe_engine(const std::string& engine);
/// The reply to check_device.
worker::DeviceAnswer check_device(const worker::DeviceQuestion& question);
/// Bytes of this process that are in memory: now, and at most.
void add_memory(worker::WorkerStats& stats);

}  // namespace xpuruntime::worker_service
