// SPDX-License-Identifier: Apache-2.0
/// Transport grpc lies in a library of its own, which is opened when it is asked for: gRPC and what
/// it needs take longer to load than all else of a worker.
#pragma once

#include <memory>

#include "descriptor.h"
#include "transport.h"

namespace xpuruntime::worker {

/// Throw NotInstalled, saying what cannot be opened; and as ParentEnd::make() and
/// open_worker_end().
std::unique_ptr<ParentEnd> grpc_parent_end();
std::unique_ptr<Channel> grpc_worker_end(Descriptor inherited);

}  // namespace xpuruntime::worker

// What the library gives. Both sides are built together, of the same classes.
extern "C" {
__attribute__((visibility("default"))) xpuruntime::worker::ParentEnd* xpurt_grpc_parent_end();
__attribute__((visibility("default"))) xpuruntime::worker::Channel* xpurt_grpc_worker_end(
    int inherited);
}
