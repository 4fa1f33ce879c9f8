// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "loaded_model.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

/// Loads from the cache that the request's config names, or builds, and stores what was built. A
/// cache that cannot be read or written costs time, never the load. Throws what the engine fails
/// with, CancelledError too.
std::shared_ptr<LoadedModel> load_through_cache(const std::shared_ptr<LoadedEngine>& engine,
                                                const LoadRequest& request, CacheReport& report);

}  // namespace xpuruntime
